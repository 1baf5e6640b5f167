import type { Learnt } from './learn.ts';

/** The methods of a sweep: every number of frozen layers that leaves something to learn. */
export function sweepMethods(layers: number): string[] {
  return Array.from({ length: layers }, (_, freeze) => `freeze:${freeze}`);
}

/** The one that the validation flights like best: the held-out flights choose nothing. */
export function bestOfSweep(learnt: Learnt[]): number {
  return learnt.reduce((best, { validationMse }, k) => (validationMse < learnt[best].validationMse ? k : best), 0);
}
