import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';

/** Where the compiled kernels lie. */
export function kernelsFile(name = 'dense.wasm'): string {
  return join(packageRoot(), 'dist', 'kernels', name);
}

/**
 * The compiled kernels, for `MlpInference` and the wasm backend.
 *
 * @returns undefined where they have not been built (`npm run build:kernels`): everything then runs, slower, without
 */
export function kernelBytes(): Uint8Array<ArrayBuffer> | undefined {
  return bytesOf(kernelsFile());
}

/** The same for a memory that threads share. */
export function sharedKernelBytes(): Uint8Array<ArrayBuffer> | undefined {
  return bytesOf(kernelsFile('dense-shared.wasm'));
}

function bytesOf(file: string): Uint8Array<ArrayBuffer> | undefined {
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
}
