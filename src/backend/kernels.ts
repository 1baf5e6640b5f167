import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';

/** Where the compiled kernels lie. */
export function kernelsFile(): string {
  return join(packageRoot(), 'dist', 'kernels', 'dense.wasm');
}

/**
 * The compiled kernels, for `MlpInference` and the wasm backend.
 *
 * @returns undefined where they have not been built (`npm run build:kernels`): everything then runs, slower, without
 */
export function kernelBytes(): Uint8Array<ArrayBuffer> | undefined {
  const file = kernelsFile();
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
}
