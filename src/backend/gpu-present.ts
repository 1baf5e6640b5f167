import { existsSync, readdirSync } from 'node:fs';

/**
 * Whether Linux shows a GPU at all: `auto` asks this first, since a probe takes a third of a second.
 * Elsewhere one can only probe.
 */
export function mayHaveGpu(): boolean {
  if (process.platform !== 'linux') return true;
  if (existsSync('/dev/nvidia0') || existsSync('/dev/dxg')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}
