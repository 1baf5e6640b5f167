import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { packageRoot } from '../src/package-root.ts';

/** Fails unless `actual` is within `tolerance` of `expected`. */
export function near(actual: number, expected: number, tolerance: number, what = 'value'): void {
  const ok = Math.abs(actual - expected) <= tolerance;
  assert.ok(ok, `${what}: expected ${expected} ± ${tolerance}, got ${actual}`);
}

/** The folder of real flights, or null where there is none: then the test says that it was skipped. */
export function flightsFolder(): string | null {
  const folder = process.env.WINDHOVER_FLIGHTS ?? join(packageRoot(), '..', 'shared', 'flights');
  return existsSync(folder) ? folder : null;
}
