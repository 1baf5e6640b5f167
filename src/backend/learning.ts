import { mayHaveGpu } from './gpu-present.ts';
import { sharedKernelBytes } from './kernels.ts';
import type { BackendName } from './names.ts';
import { recall } from './remembered.ts';
import type { Selection } from './select.ts';
import type { Workload } from './workload.ts';

/**
 * Selects the backend that a run learns on. Where that is wasm with our kernels, which learn without TF.js, TF.js is
 * not loaded at all: half a second saved at every start.
 *
 * @throws InputError when the named one cannot be used here, with the reason
 */
export async function selectLearningBackend(
  name: BackendName | 'auto',
  workload: Workload,
): Promise<Omit<Selection, 'tried'>> {
  const kernels = sharedKernelBytes() !== undefined;
  const reason = "wasm, which every machine has, with Windhover's SIMD kernels";
  if (kernels && name === 'wasm') return { name, reason: `asked for; ${reason}`, measured: {} };
  if (kernels && name === 'auto') {
    if (!mayHaveGpu()) return { name: 'wasm', reason: `no GPU found; ${reason}`, measured: {} };
    const choice = recall(workload);
    if (choice?.name === 'wasm') return choice;
  }
  const { selectBackend } = await import('./select.ts');
  return selectBackend(name, workload);
}
