import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds that apt may take for one step; the test machine may have no network at all. */
const aptSeconds = 240;

/** Whether apt may be asked: as root on Debian or Ubuntu. */
export function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Installs one of apt's packages; success shows in what is there afterwards. */
export async function aptInstall(name: string): Promise<void> {
  await attempt("fetching apt's package lists", aptSeconds, 'apt-get', ['update']);
  await attempt(`installing apt's ${name}`, aptSeconds, 'apt-get', ['install', '-y', '--no-install-recommends', name]);
}

/** Runs a program whose output goes to stderr; success shows in what is there afterwards. */
export async function attempt(what: string, seconds: number, program: string, args: string[]): Promise<void> {
  process.stderr.write(`${what} (up to ${seconds} s)\n`);
  const child = spawn(program, args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' },
    timeout: seconds * 1000,
  });
  const exitCode = await new Promise((done) => child.on('close', done).on('error', done));
  if (exitCode !== 0) process.stderr.write(`${what} did not succeed\n`);
}

/** Test files run side by side: one installs while the others wait for it. */
export async function alone<T>(install: () => Promise<T>): Promise<T> {
  const lock = join(tmpdir(), 'windhover-install.lock');
  while (!take(lock)) await sleep(500);
  try {
    return await install();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isAlive(lock)) rmSync(lock, { force: true }); // its owner was killed
    return false;
  }
}

function isAlive(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
