import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { delimiter, join } from 'node:path';

/** The computer that Windhover runs on. */
export interface Machine {
  os: string;
  arch: string;
  cpu: string;
  /** Processor cores that this process may use. */
  cores: number;
  memoryGiB: number;
  /** What the system itself says of GPUs, null where it shows none; drivers and libraries may still be missing. */
  gpu: string | null;
}

export function readMachine(): Machine {
  return {
    os: operatingSystem(),
    arch: process.arch,
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((10 * totalmem()) / 2 ** 30) / 10,
    gpu: findGpu(),
  };
}

function operatingSystem(): string {
  if (!existsSync('/etc/os-release')) return `${type()} ${release()}`;
  const [, name] = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
  return name ?? `${type()} ${release()}`;
}

/** PCI display controllers have class 0x03….. and NVIDIA's driver names its cards. */
export function findGpu(): string | null {
  const nvidia = '/proc/driver/nvidia/gpus';
  if (existsSync(nvidia)) {
    for (const card of readdirSync(nvidia)) {
      const [, model] = /^Model:\s*(.+)$/m.exec(readFileSync(join(nvidia, card, 'information'), 'utf8')) ?? [];
      if (model) return model.trim();
    }
  }
  if (existsSync('/dev/dxg')) return 'through WSL';
  if (!existsSync('/dev/dri')) return process.platform === 'darwin' && process.arch === 'arm64' ? 'Apple' : null;
  const nodes = readdirSync('/dev/dri').filter((name) => name.startsWith('renderD'));
  return nodes.length > 0 ? `/dev/dri/${nodes.join(', /dev/dri/')}` : null;
}

const COMMANDS = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome', 'msedge'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['PROGRAMFILES(X86)']}\\Microsoft\\Edge\\Application\\msedge.exe`,
];

/**
 * The Chrome or Chromium of this machine, as the viewer and its test want it.
 *
 * @param env $CHROME_PATH counts first, then $PATH is searched
 * @returns its executable, or null
 */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | null {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [env.CHROME_PATH ?? '', ...onPath, ...ELSEWHERE].filter(Boolean).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
