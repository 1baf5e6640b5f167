import { spawn } from 'node:child_process';

/** What a child process had to say. */
export interface ChildAnswer<T> {
  /** The JSON of its last line on stdout, or null where it gave none. */
  answer: T | null;
  /** One line on what went wrong, empty when an answer came. */
  problem: string;
  stderr: string;
}

/**
 * Runs Node apart from this process, since native modules may crash, hang, exit or print while they load.
 *
 * @param args Node's arguments; the child prints one line of JSON as its answer
 * @param timeoutMs it is killed after this time [ms]
 */
export function askChild<T>(args: string[], timeoutMs: number): Promise<ChildAnswer<T>> {
  return new Promise((resolve) => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', NODE_NO_WARNINGS: '1' };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (bytes) => (stdout += bytes));
    child.stderr.on('data', (bytes) => (stderr += bytes));
    const finish = (ending: string) => {
      clearTimeout(timer);
      const answer = lastJson<T>(stdout);
      const problem =
        answer === null ? problemOf(stderr, timedOut ? `no answer within ${timeoutMs / 1000} s` : ending) : '';
      resolve({ answer, problem, stderr });
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (code, signal) => finish(signal ? `it crashed (${signal})` : `it ended with exit code ${code}`));
  });
}

function lastJson<T>(stdout: string): T | null {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as T;
  } catch {
    return null;
  }
}

/** The error's own sentence where the child printed one. */
function problemOf(stderr: string, ending: string): string {
  const [, message] = /^(?:\w*Error): (.+)$/m.exec(stderr) ?? [];
  return message ? message.trim() : ending;
}
