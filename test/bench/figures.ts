import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One line of the bench: what was measured, and what it should reach. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  reach: string;
  met: boolean;
  /** What belongs beside it: the single runs, or what the figure does not say. */
  beside: unknown;
}

/** What compiled module `path` exports: the bench measures what users run. */
export function compiled<T>(path: string): Promise<T> {
  return import(new URL(`../../dist/${path}`, import.meta.url).href);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function atMost(name: string, value: number, limit: number, unit: string, beside: unknown): Figure {
  return { name, value, unit, reach: `<= ${limit}`, met: value <= limit, beside };
}

export function atLeast(name: string, value: number, limit: number, unit: string, beside: unknown): Figure {
  return { name, value, unit, reach: `>= ${limit}`, met: value >= limit, beside };
}

export interface Run {
  seed: number;
  /** Of the whole process, as the clock on the wall has it. */
  seconds: number;
  steps: number;
  /** On 500 episodes that stopped nothing. */
  success: number;
  peakMb: number;
  backend: string;
}

const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;

/**
 * Runs `windhover pretrain` once in a process of its own. That it fell short of its `--until` is a result too.
 *
 * @throws Error with what the program said last when it gave no report
 */
export async function pretrain(seed: number, flags: string[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [MAIN, 'pretrain', ...flags, '--seed', String(seed), '--out', join(folder, 'run'), '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  let peakMb = 0;
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const watch = setInterval(() => (peakMb = Math.max(peakMb, residentMb(child.pid!))), 100);
  const [exitCode] = await once(child, 'close');
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  rmSync(folder, { recursive: true, force: true });
  if (!stdout)
    throw new Error(`pretrain ${flags.join(' ')}: exit code ${exitCode}: ${stderr.trim().split('\n').at(-1)}`);
  const { steps, evaluation, backend } = JSON.parse(stdout);
  return { seed, seconds, steps, success: evaluation.successRate, peakMb, backend };
}

/** Most memory a process has held so far, where Linux tells it. */
function residentMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
