import { execFileSync } from 'node:child_process';
import { alone, aptInstall, mayInstall } from './install.ts';

/**
 * The name of a C compiler: $CC, else one that is installed, else (root on Debian or Ubuntu) apt's `build-essential`.
 *
 * @returns null where there is none and none can be had: then the test says that it was skipped
 */
export async function findCompiler(): Promise<string | null> {
  return installed() ?? (mayInstall() ? alone(async () => installed() ?? (await fromApt())) : null);
}

/** The name of a C++ compiler that is installed, or null. */
export function findCppCompiler(): string | null {
  return [process.env.CXX, 'c++', 'g++', 'clang++'].find((name) => name && starts(name)) ?? null;
}

function installed(): string | null {
  return [process.env.CC, 'cc', 'gcc', 'clang'].find((name) => name && starts(name)) ?? null;
}

async function fromApt(): Promise<string | null> {
  await aptInstall('build-essential');
  return installed();
}

function starts(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
