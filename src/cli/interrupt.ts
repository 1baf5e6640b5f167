/** Ctrl-C, a polite kill, or a terminal that was closed: the job stopped at a safe point. The message says how to go on. Exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * npm and npx pass a Ctrl-C on to the program that the terminal has already sent it to,
 * so that one key press arrives as two signals.
 */
const sameKeyPressMs = 500;

let signal: AbortSignal | null = null;

/**
 * Aborted, with an `Interrupted` as its reason, by the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at
 * once (130). All calls give the same signal; before the first one, Ctrl-C kills as usual.
 */
export function interruptSignal(): AbortSignal {
  signal ??= listen();
  return signal;
}

/** A job that cannot stop by itself, given up at the first Ctrl-C. */
export function untilInterrupted<T>(job: Promise<T>): Promise<T> {
  const signal = interruptSignal();
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    job.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function listen(): AbortSignal {
  const controller = new AbortController();
  let first: number | null = null;
  const onSignal = () => {
    first ??= performance.now();
    if (!controller.signal.aborted) controller.abort(new Interrupted('stopped'));
    else if (performance.now() - first > sameKeyPressMs) process.exit(130);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}
