import { mayHaveGpu } from './gpu-present.ts';
import { sharedKernelBytes } from './kernels.ts';
import type { BackendName } from './names.ts';
import type { Selection } from './select.ts';

/**
 * Selects the backend that a run learns on. Where that is wasm with our kernels, which learn without TF.js, TF.js is
 * not loaded at all: half a second saved at every start.
 *
 * @throws InputError when the named one cannot be used here, with the reason
 */
export async function selectLearningBackend(name: BackendName | 'auto'): Promise<Omit<Selection, 'tried'>> {
  const kernels = sharedKernelBytes() !== undefined;
  const reason = "wasm, which every machine has, with Windhover's SIMD kernels";
  if (kernels && name === 'wasm') return { name, reason: `asked for; ${reason}` };
  if (kernels && name === 'auto' && !mayHaveGpu()) return { name: 'wasm', reason: `no GPU found; ${reason}` };
  const { selectBackend } = await import('./select.ts');
  return selectBackend(name);
}
