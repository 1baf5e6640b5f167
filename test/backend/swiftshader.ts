import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ICD = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Lets this process and its children reach WebGPU without a GPU: Dawn on the SwiftShader that Debian's chromium package
 * brings, by way of libvulkan1.
 *
 * @returns why it cannot, or null; whether libvulkan1 is there, a probe tells
 */
export function useSwiftShader(): string | null {
  if (!existsSync(ICD)) return "WebGPU needs Debian's chromium package and libvulkan1";
  process.env.VK_ICD_FILENAMES = ICD;
  process.env.XDG_RUNTIME_DIR ??= mkdtempSync(join(tmpdir(), 'windhover-xdg-')); // the Vulkan loader wants it set
  return null;
}
