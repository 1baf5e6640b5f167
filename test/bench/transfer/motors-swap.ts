import { join } from 'node:path';
import type { Flight } from '../../../src/telemetry/flight.ts';
import type { FinetuneReport } from '../../../src/transfer/report.ts';
import { atMost, compiled, type Figure } from '../figures.ts';
import { type BenchContext, logsIn, readAll, withoutCopies } from './context.ts';
import { tuned } from './tuning.ts';

/**
 * crazyswarm2, tuned on upgraded motors and tested on standard ones, back, and each on itself: how often the guard's
 * verdict is wrong. It is judged by flights that neither learning nor the guard saw, of the kind it tested on.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const judged = context.testFlights ? logFiles(context.testFlights) : null;
  const flights = await readAll(withoutCopies(logFiles(context.flights), judged ?? []));
  const heldOut = judged && (await readAll(judged));
  const kind = (all: Flight[], motors: string) => all.filter(({ vehicle }) => vehicle?.includes(`${motors} motors`));
  const third = (all: Flight[], k: number) => all.filter((_, i) => i % 3 === k);
  const runs = [];
  for (const from of ['upgraded', 'standard'])
    for (const to of ['upgraded', 'standard']) {
      const there = kind(flights, to);
      const learnt = from === to ? third(there, 0) : kind(flights, from);
      const judges = heldOut ? kind(heldOut, to) : third(there, 2);
      const { report, used } = await tuned(
        { policy: 'hover-motors', flights: learnt, test: third(there, 1), seed: 0, episodes: 200, force: true },
        (run) => measuredChange(run, judges),
      );
      runs.push({
        from,
        to,
        verdict: report.verdict,
        reason: report.reason,
        seen: report.compared,
        measured: used!,
        wrong: isWrong(report, used!),
      });
    }
  return atMost('motors_swap', runs.filter(({ wrong }) => wrong).length, 0, 'verdicts', {
    unit: 'fraction of full rotor thrust',
    runs,
  });
}

function logFiles(folder: string): string[] {
  return logsIn(join(folder, 'crazyswarm2'), '').filter((file) => /\/log[^/]*$/.test(file));
}

interface Change {
  before: number;
  after: number;
}

async function measuredChange({ run, commandMap }: FinetuneReport, judges: Flight[]): Promise<Change> {
  const { readPolicy } = await compiled<typeof import('../../../src/policy-folder.ts')>('src/policy-folder.js');
  const { flightSamples } =
    await compiled<typeof import('../../../src/transfer/samples.ts')>('src/transfer/samples.js');
  const { policyError } = await compiled<typeof import('../../../src/transfer/errors.ts')>('src/transfer/errors.js');
  const { withRotorThrusts } =
    await compiled<typeof import('../../../src/transfer/wrench.ts')>('src/transfer/wrench.js');
  const { readVehicle } = await compiled<typeof import('../../../src/vehicle-file.ts')>('src/vehicle-file.js');
  const vehicle = readVehicle('crazyflie');
  const samples = judges.map((flight) => flightSamples(withRotorThrusts(flight, vehicle), 100, 3.7));
  const error = (name: string) => {
    const { contract, actor } = readPolicy(join(run, name));
    return policyError(contract, actor, commandMap, samples).actionMse;
  };
  return { before: error('policy-before'), after: error('policy') };
}

/** Handed out though it got worse, or refused though it got better and kept its task. */
function isWrong({ verdict, source }: FinetuneReport, { before, after }: Change): boolean {
  const forgot = source.some((score) => score.before.successRate - score.after.successRate >= 0.05);
  const better = after < before && !forgot;
  return verdict === 'negative' ? better : !better;
}
