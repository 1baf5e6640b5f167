import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Node's flags that concern a worker too; others, such as `--input-type` or `--eval`, are of the main script alone and break it. */
const PASSED_ON = /^--(cpu-prof|heap-prof|enable-source-maps|stack-trace-limit|trace-)/;

/**
 * Starts a worker thread from a module of ours, compiled or not.
 *
 * Under tsx a worker does not load a `.ts` file by itself, so it is started through a small script
 * that registers tsx first; compiled code starts directly.
 */
export function startWorker(module: URL, options: WorkerOptions = {}): Worker {
  const execArgv = process.execArgv.filter((flag) => PASSED_ON.test(flag));
  if (!module.pathname.endsWith('.ts')) return new Worker(module, { execArgv, ...options });
  const script = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); });`;
  return new Worker(script, { execArgv, ...options, eval: true, name: options.name ?? fileURLToPath(module) });
}
