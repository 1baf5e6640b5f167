import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread from a module of ours, compiled or not.
 *
 * Under tsx a worker does not load a `.ts` file by itself, so it is started through a small script
 * that registers tsx first; compiled code starts directly.
 */
export function startWorker(module: URL, options: WorkerOptions = {}): Worker {
  if (!module.pathname.endsWith('.ts')) return new Worker(module, options);
  const script = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); });`;
  return new Worker(script, { ...options, eval: true, name: options.name ?? fileURLToPath(module) });
}
