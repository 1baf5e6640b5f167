import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../browser.ts';
import { alone, aptInstall, mayInstall } from '../install.ts';

const ICD = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/**
 * Lets this process and its children reach WebGPU without a GPU: Dawn on the SwiftShader that Debian's chromium package
 * brings, by way of libvulkan1. Both are installed where they are missing and apt may be asked.
 *
 * @returns why it cannot, or null; whether WebGPU then works, a probe tells
 */
export async function useSwiftShader(): Promise<string | null> {
  await findBrowser().catch(() => null);
  if (!hasLoader() && mayInstall()) await alone(async () => hasLoader() || aptInstall('libvulkan1'));
  if (!existsSync(ICD)) return "WebGPU needs Debian's chromium package and libvulkan1";
  process.env.VK_ICD_FILENAMES = ICD;
  process.env.XDG_RUNTIME_DIR ??= mkdtempSync(join(tmpdir(), 'windhover-xdg-')); // the Vulkan loader wants it set
  return null;
}

function hasLoader(): boolean {
  return LIBRARIES.some((folder) => existsSync(join(folder, 'libvulkan.so.1')));
}
