import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { alone, aptInstall, attempt, mayInstall } from './install.ts';

/** Seconds that a download may take; the test machine may have no network at all. */
const downloadSeconds = 150;

const help = 'install Chrome or Chromium (Debian, Ubuntu: apt-get install chromium), or set CHROME_PATH to one';

/** A Chromium for tests: without a window, and with WebGL by the processor where there is no GPU. */
export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findBrowser(),
    chromiumSandbox: false, // which root may not use
    args: [
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });
}

/**
 * The path of a Chrome or Chromium: $CHROME_PATH, else one that is installed, else Playwright's own download,
 * else (root on Debian or Ubuntu) apt's `chromium`.
 *
 * @throws Error that says how to get one
 */
export async function findBrowser(): Promise<string> {
  const given = process.env.CHROME_PATH;
  if (given && !isProgram(given)) throw new Error(`CHROME_PATH: expected the path of a browser, got ${given}`);
  return (
    given || installedBrowser() || alone(async () => installedBrowser() || (await download()) || (await fromApt()))
  );
}

/** Playwright's own is among them: on a bare Debian it may be there, but not start for want of libraries. */
function installedBrowser(): string | undefined {
  return [...onPath(), ...usualPlaces(), chromium.executablePath()].find((path) => isProgram(path) && starts(path));
}

function onPath(): string[] {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function usualPlaces(): string[] {
  if (process.platform === 'darwin')
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
      join(folder, 'Google Chrome.app/Contents/MacOS/Google Chrome'),
      join(folder, 'Chromium.app/Contents/MacOS/Chromium'),
      join(folder, 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge'),
    ]);
  if (process.platform === 'win32')
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .map((name) => process.env[name])
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        join(folder, 'Google/Chrome/Application/chrome.exe'),
        join(folder, 'Chromium/Application/chrome.exe'),
        join(folder, 'Microsoft/Edge/Application/msedge.exe'),
      ]);
  return ['/opt/google/chrome/chrome', '/snap/bin/chromium'];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Ubuntu's `chromium-browser`, for one, is there and only says that it wants a snap. */
function starts(path: string): boolean {
  if (process.platform === 'win32') return true; // there, --version opens a window
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

async function download(): Promise<string | undefined> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const install = [cli, 'install', '--no-shell', 'chromium'];
  await attempt("downloading Playwright's Chromium", downloadSeconds, process.execPath, install);
  return installedBrowser();
}

async function fromApt(): Promise<string> {
  if (!mayInstall()) throw new Error(`no browser found: ${help}`);
  await aptInstall('chromium');
  const browser = installedBrowser();
  if (!browser) throw new Error(`no browser found, and apt brought none: ${help}`);
  return browser;
}
