import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of an installed package, or null; nothing of it is run. */
export function packageFolder(name: string): string | null {
  for (const root of require.resolve.paths(name) ?? []) {
    const file = join(root, name, 'package.json');
    if (existsSync(file)) return dirname(file);
  }
  return null;
}

/** Whether a package of the tfjs-node family has its compiled part, which its install script brings. */
export function hasNativeBinding(folder: string): boolean {
  const lib = join(folder, 'lib');
  return existsSync(lib) && readdirSync(lib).some((napi) => existsSync(join(lib, napi, 'tfjs_binding.node')));
}
