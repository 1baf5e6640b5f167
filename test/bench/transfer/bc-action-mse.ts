import type { Flight } from '../../../src/telemetry/flight.ts';
import type { FinetuneReport } from '../../../src/transfer/report.ts';
import { atMost, compiled, type Figure } from '../figures.ts';
import { type BenchContext, logsIn, nanobenchFlights, readAll } from './context.ts';
import { recipeError } from './recipe.ts';
import { ridgeError } from './ridge.ts';
import { CALM_POLICY, REGULARISED, tuned } from './tuning.ts';
import { join } from 'node:path';

/** The first is the figure; the others show how much it matters which flights are held out. */
const SEEDS = [0, 1, 2];

/**
 * `windhover finetune waypoint-motors-pilot --logs nanobench/*.csv.gz --jitter 1.6 --trims 12` with its own split, seed 0;
 * with `--test-flights` all of NanoBench is learnt from and those flights are judged by.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const given = context.testFlights
    ? await nanobenchFlights(context)
    : { train: await readAll(logsIn(join(context.flights, 'nanobench'), '.csv.gz')), test: undefined };
  const runs = [];
  for (const seed of SEEDS)
    runs.push(
      (
        await tuned({
          policy: CALM_POLICY,
          flights: given.train,
          test: given.test,
          seed,
          episodes: 100,
          ...REGULARISED,
        })
      ).report,
    );
  const [{ real, trainingSeconds, flights, compared }] = runs;
  const all = [...given.train, ...(given.test ?? [])];
  return atMost('bc_action_mse', real.after.actionMse, 0.0007, '', {
    trainingSeconds,
    heldOut: flights.test,
    published14Inputs: await baseline(runs[0], all, (train, test) => recipeError(train, test, SEEDS[0])),
    ridgeOnLeakyAverages: await baseline(runs[0], all, ridgeError),
    flightMean: real.flightMean.actionMse,
    scratch: real.scratch.actionMse,
    repeatLast: real.repeatLast.actionMse,
    before: real.before.actionMse,
    compared,
    source: runs[0].source,
    verdict: runs[0].verdict,
    otherSeeds: runs.slice(1).map((run) => ({
      seed: run.settings.seed,
      after: run.real.after.actionMse,
      scratch: run.real.scratch.actionMse,
      flightMean: run.real.flightMean.actionMse,
    })),
  });
}

type Samples = import('../../../src/transfer/samples.ts').FlightSamples;

/** A baseline on the run's own split: what the run learnt from and stopped by is learnt from. */
async function baseline(
  { flights }: FinetuneReport,
  all: Flight[],
  error: (train: Samples[], test: Samples[]) => Promise<number>,
): Promise<number> {
  const { flightSamples } =
    await compiled<typeof import('../../../src/transfer/samples.ts')>('src/transfer/samples.js');
  const named = (names: string[]) =>
    all.filter(({ name }) => names.includes(name)).map((flight) => flightSamples(flight, 100, 3.7));
  return error(named([...flights.train, ...flights.validation]), named(flights.test));
}
