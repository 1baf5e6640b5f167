/**
 * What exported C code takes: nanoseconds a step on this machine, and on a Cortex-M4 bytes of code and constants and
 * instructions a step, where `arm-none-eabi-gcc` and `qemu-arm` are there (Debian: gcc-arm-none-eabi, qemu-user).
 *
 * `node --import tsx test/bench/export.ts [POLICY…]`
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { headerText } from '../../src/export/c.ts';
import { readPolicy } from '../../src/policy-folder.ts';
import { findCompiler } from '../compiler.ts';
import { median } from './figures.ts';

const CORTEX_M4 = ['-mcpu=cortex-m4', '-mthumb', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard', '-O2'];
const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-export-'));

/** Runs a program there and gives what it prints, on stdout and stderr. */
function run(program: string, ...args: string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw error ?? new Error(`${program} ended with ${status}: ${stderr.slice(0, 500)}`);
  return stdout + stderr;
}

function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** Median of five runs of 200 000 steps, after a self-test [ns]. */
function nanoseconds(compiler: string): number {
  run(compiler, '-std=c99', '-O2', 'loop.c', '-o', 'loop');
  return median(Array.from({ length: 5 }, () => Number(run(join(folder, 'loop')))));
}

/** Bytes of code and of constants, without the self-test. */
function cortexBytes(): { code: number; constants: number } {
  writeFileSync(join(folder, 'only.c'), '#define WINDHOVER_IMPLEMENTATION\n#include "policy.h"\n');
  run('arm-none-eabi-gcc', '-std=c99', ...CORTEX_M4, '-c', 'only.c', '-o', 'only.o');
  const sizes = run('arm-none-eabi-size', '-A', 'only.o');
  const bytes = (section: string) => Number(new RegExp(`^\\${section}\\s+(\\d+)`, 'm').exec(sizes)?.[1]);
  return { code: bytes('.text'), constants: bytes('.rodata') };
}

/** Instructions of a control step, the mean of 48; the program begins with a self-test, and fails where that does. */
function cortexInstructions(): number {
  const counted = [1, 49].map((steps) => {
    const bare = ['-ffreestanding', '-nostdlib', '-static', '-DBARE', `-DSTEPS=${steps}`];
    run('arm-none-eabi-gcc', '-std=gnu99', ...CORTEX_M4, ...bare, 'loop.c', '-o', 'bare', '-lgcc');
    return run('qemu-arm', '-singlestep', '-d', 'exec,nochain', './bare').split('\nTrace ').length;
  });
  return (counted[1] - counted[0]) / 48;
}

const compiler = await findCompiler();
if (!compiler) throw new Error('no C compiler: set CC, or install gcc');
console.log(execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0]);
copyFileSync(join(dirname(fileURLToPath(import.meta.url)), 'export-loop.c'), join(folder, 'loop.c'));
const policies = process.argv.length > 2 ? process.argv.slice(2) : ['hover-motors', 'hover-ctbr', 'forest-motors'];
for (const name of policies) {
  writeFileSync(join(folder, 'policy.h'), headerText(readPolicy(name), 'policy.h', 'windhover'));
  console.log(`${name}: ${Math.round(nanoseconds(compiler))} ns a step`);
  if (!has('arm-none-eabi-gcc')) continue;
  const { code, constants } = cortexBytes();
  console.log(`  Cortex-M4, -O2: ${code} bytes of code, ${constants} of constants`);
  if (has('qemu-arm')) console.log(`  Cortex-M4, -O2: ${Math.round(cortexInstructions())} instructions a step`);
}
rmSync(folder, { recursive: true });
