import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Policy } from '../../policies/policy.ts';
import { writePolicy } from '../policy-folder.ts';
import type { Verdict } from './guard.ts';

/** What follows from the guard's verdict. */
export interface Acceptance {
  /** Whether the verdict lets the new policy be the result. */
  accepted: boolean;
  /** True where the new policy was kept against the guard's advice. */
  forced: boolean;
}

/** Where a run's policies are found. Paths are absolute. */
export interface Places {
  run: string;
  /** The resulting artifact; the source policy's copy where the new one was refused. */
  policy: string;
  /** Where the new policy lies when the guard refused it, else null. */
  rejected: string | null;
}

/** Only a negative verdict refuses the new policy, and `force` overrules it. */
export function acceptance({ verdict }: Verdict, force: boolean): Acceptance {
  const accepted = verdict !== 'negative';
  return { accepted, forced: !accepted && force };
}

/** Where the policies of a run will lie once it stands at `out`. */
export function placesOf(out: string, it: Acceptance): Places {
  const run = resolve(out);
  return { run, policy: join(run, 'policy'), rejected: isKept(it) ? null : join(run, 'rejected') };
}

/**
 * Writes `policy-before/`, the source, `policy/`, the result, and the report. A policy that the guard refused goes to
 * `rejected/`, and the source is the result.
 */
export function writeOutcome(folder: string, before: Policy, tuned: Policy, report: Acceptance): void {
  writePolicy(join(folder, 'policy-before'), before);
  writePolicy(join(folder, 'policy'), isKept(report) ? tuned : before);
  if (!isKept(report)) writePolicy(join(folder, 'rejected'), tuned);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
}

function isKept({ accepted, forced }: Acceptance): boolean {
  return accepted || forced;
}
