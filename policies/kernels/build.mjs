// Compiles the kernels to dist/kernels/dense.wasm. Run: node policies/kernels/build.mjs
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const outFile = join(root, 'dist', 'kernels', 'dense.wasm');
mkdirSync(dirname(outFile), { recursive: true });

const options =
  '--importMemory --noExportMemory --runtime stub --enable simd -O3 --noAssert --optimizeLevel 3 --shrinkLevel 0';
const { error, stderr } = await asc.main([
  join(here, 'assembly', 'index.ts'),
  '--outFile',
  outFile,
  ...options.split(' '),
]);
if (error) {
  console.error(stderr.toString());
  console.error(error.message);
  process.exit(1);
}
