import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { packageRoot } from '../package-root.ts';

/** Where the compiled kernels lie. */
export function kernelsFile(name = 'dense.wasm'): string {
  return join(packageRoot(), 'dist', 'kernels', name);
}

/**
 * The compiled kernels, for `MlpInference` and the wasm backend: those with fused multiply-add where they run.
 *
 * @returns undefined where they have not been built (`npm run build:kernels`): everything then runs, slower, without
 */
export function kernelBytes(): Uint8Array<ArrayBuffer> | undefined {
  return fastest('dense');
}

/** The same for a memory that threads share. */
export function sharedKernelBytes(): Uint8Array<ArrayBuffer> | undefined {
  return fastest('dense-shared');
}

/**
 * Node 20 compiles relaxed SIMD behind a flag, later ones without. Fused multiply-add rounds once where a product and a sum
 * round twice, and only the fused kernels' bytes depend on whether the processor has it: on one machine they are the same.
 */
function fastest(name: string): Uint8Array<ArrayBuffer> | undefined {
  const fused = bytesOf(kernelsFile(`${name}-fused.wasm`));
  if (fused && !WebAssembly.validate(fused)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return fused && WebAssembly.validate(fused) ? fused : bytesOf(kernelsFile(`${name}.wasm`));
}

function bytesOf(file: string): Uint8Array<ArrayBuffer> | undefined {
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
}
