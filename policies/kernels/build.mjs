// Compiles the kernels to dist/kernels: dense.wasm, and dense-shared.wasm for a memory that threads share; each once more
// with fused multiply-add (relaxed SIMD). Run: node policies/kernels/build.mjs
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const folder = join(root, 'dist', 'kernels');
mkdirSync(folder, { recursive: true });

const options =
  '--importMemory --noExportMemory --runtime stub --enable simd -O3 --noAssert --optimizeLevel 3 --shrinkLevel 0';
const shared = '--sharedMemory --maximumMemory 65536'; // pages: all of 32 bits
const builds = {
  'dense.wasm': '',
  'dense-shared.wasm': ` --enable threads ${shared}`,
  'dense-fused.wasm': ' --enable relaxed-simd',
  'dense-shared-fused.wasm': ` --enable threads,relaxed-simd ${shared}`,
};
for (const [file, more] of Object.entries(builds)) {
  const { error, stderr } = await asc.main([
    join(here, 'assembly', 'index.ts'),
    '--outFile',
    join(folder, file),
    ...(options + more).split(' '),
  ]);
  if (!error) continue;
  console.error(stderr.toString());
  console.error(error.message);
  process.exit(1);
}
