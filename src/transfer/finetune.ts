import { InputError } from '../../envs/input-error.ts';
import { Rng } from '../../envs/rng.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { createMlp, type Mlp, mlpWeights } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { type Selection, selectBackend } from '../backend/index.ts';
import { Evaluator, FlyThreads } from '../evaluate/evaluate.ts';
import { checkVehicle } from '../evaluate/fits.ts';
import { evaluationSeed } from '../learn/selection.ts';
import { policyFolder, readPolicy } from '../policy-folder.ts';
import type { Flight } from '../telemetry/flight.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';
import { type Calibration, fitCommandMap } from './calibrate.ts';
import { type CloneTask, type Cloned, cloneFlights, type EpochMetrics } from './clone.ts';
import { flightMeanError, policyError, repeatLastError } from './errors.ts';
import { judge, type SourceScore, type Verdict } from './guard.ts';
import { type FlightSamples, flightSamples } from './samples.ts';
import type { FinetuneOptions, FinetuneReport, Phase, PhaseMetrics, RealReport } from './report.ts';
import { DEFAULT_FINETUNE, type FinetuneSettings } from './settings.ts';
import { sourceStates, sourceSuccess, sourceTasks } from './source-task.ts';
import { type Split, splitFlights } from './split.ts';
import { checkOut, writeFinetuneRun } from './write-run.ts';

export type { FinetuneOptions, FinetuneProgress, FinetuneReport, PhaseMetrics, RealReport } from './report.ts';

/** All that a run knows before it learns. */
interface Prepared {
  source: Policy;
  vehicle: Vehicle;
  settings: FinetuneSettings;
  split: Split;
  calibration: Calibration;
  backend: Selection;
}

const SCRATCH_STREAM = 0x42000000;
const EVALUATION_DRAW = 0x71000001;

/**
 * Fine-tunes a policy on real flights: calibrates, clones with EWC, measures before and after on flights held out and
 * in simulation, and writes a run. The run's folder appears whole, at the end, or not at all.
 *
 * @returns also when the guard refused the new policy: see `accepted`
 * @throws InputError when policy or flights do not fit each other; the signal's reason when it aborts
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneReport> {
  const begun = performance.now();
  checkOut(options.out);
  const prepared = await prepare(options);
  const threads = new FlyThreads(prepared.settings.workers);
  try {
    return await tuneAndReport(options, prepared, new Evaluator(threads), begun);
  } finally {
    await threads.close();
  }
}

async function prepare(options: FinetuneOptions): Promise<Prepared> {
  const source = readPolicy(options.policy);
  const { contract } = source;
  const vehicle = readVehicle(options.vehicle ?? contract.vehicle);
  const settings = resolveSettings(options);
  checkPolicy(source, vehicle, options.policy, settings);
  const samples = (flights: Flight[]) =>
    flights.map((flight) => {
      checkFlight(flight, vehicle);
      return flightSamples(flight, contract.rate_Hz, contract.observation.spec.nominalVoltage_V);
    });
  const split = splitFlights(samples(options.flights), options.test ? samples(options.test) : null, settings.seed);
  const calibration = fitCommandMap([...split.train, ...split.validation], vehicle);
  options.onProgress?.({ phase: 'calibrate', done: 1, total: 1, text: `${calibration.blocks} blocks` });
  const backend = await selectBackend(settings.backend);
  return { source, vehicle, settings, split, calibration, backend };
}

function resolveSettings(options: FinetuneOptions): FinetuneSettings {
  const keys = Object.keys(DEFAULT_FINETUNE) as (keyof FinetuneSettings)[];
  const given = keys.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]);
  return { ...DEFAULT_FINETUNE, ...Object.fromEntries(given) };
}

function checkPolicy(policy: Policy, vehicle: Vehicle, name: string, { ewcLambda }: FinetuneSettings): void {
  const { action, observation } = policy.contract;
  if (action.mode !== 'motors')
    throw new InputError(
      `${name}: action.mode: expected motors, got ${action.mode}: logs tell motor commands, and no body rates asked for`,
    );
  if (observation.spec.beams > 0)
    throw new InputError(
      `${name}: observation.spec.beams: expected 0, got ${observation.spec.beams}: telemetry holds no ranges, ` +
        'so a policy that sees obstacles cannot be fine-tuned on it',
    );
  checkVehicle(policy, vehicle, name);
  if (ewcLambda > 0 && !policy.fisher)
    throw new InputError(
      `${name}: fisher.bin: expected for --ewc ${ewcLambda}, the artifact has none; --ewc 0 goes without`,
    );
}

/** Refuses a flight whose log names another of the vehicles that there are files for. */
function checkFlight(flight: Flight, vehicle: Vehicle): void {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const flown = plain(flight.vehicle ?? '');
  const others = vehicleNames().filter((name) => plain(name) !== plain(vehicle.name));
  if (others.some((name) => flown.includes(plain(name))) && !flown.includes(plain(vehicle.name)))
    throw new InputError(
      `${flight.source}: vehicle: expected ${vehicle.name} as the policy flies, got ${flight.vehicle}`,
    );
}

async function tuneAndReport(
  options: FinetuneOptions,
  prepared: Prepared,
  evaluator: Evaluator,
  begun: number,
): Promise<FinetuneReport> {
  const { source, vehicle, settings, split, calibration, backend } = prepared;
  const { contract, actor } = source;
  const { map } = calibration;
  const metrics: PhaseMetrics[] = [];
  const learn = (phase: Phase, start: Mlp, ewcLambda: number) =>
    learnPhase(phase, start, prepared, { ...settings, ewcLambda }, options, metrics);

  const tuned = await learn('tune', actor, settings.ewcLambda);
  const blank = createMlp(actor.sizes, new Rng(settings.seed, SCRATCH_STREAM));
  const scratch = await learn('scratch', blank, 0);
  const bare = settings.ablateEwc ? await learn('ablation', actor, 0) : null;

  const error = (network: Mlp, withMap = map) => policyError(contract, network, withMap, split.test);
  const real: RealReport = {
    nominalMap: error(actor, vehicle.command),
    before: error(actor),
    after: error(tuned.actor),
    scratch: error(scratch.actor),
    flightMean: flightMeanError(split.test),
    repeatLast: repeatLastError(split.test),
  };
  const scores = await scoreSource(prepared, evaluator, options, [tuned.actor, ...(bare ? [bare.actor] : [])]);
  const verdict = judge(real, scores[0]);
  const after: Policy = { ...source, actor: tuned.actor, contract: { ...contract, commandMap: map } };
  const names = (flights: FlightSamples[]) => flights.map(({ name }) => name);
  return writeFinetuneRun(options, {
    source,
    sourceFolder: policyFolder(options.policy),
    after,
    vehicle,
    metrics,
    report: {
      ...verdictOf(verdict, settings),
      flights: { train: names(split.train), validation: names(split.validation), test: names(split.test) },
      commandMap: map,
      real,
      source: scores[0],
      ...(bare ? { ablation: { ewc0: { real: { after: error(bare.actor) }, source: scores[1] } } } : {}),
      settings,
      bestEpoch: tuned.bestEpoch,
      ewcPenalty: tuned.metrics[tuned.bestEpoch - 1]?.ewcPenalty ?? 0,
      warnings: [...split.warnings, ...flightWarnings(split)],
      backend: backend.name,
      backendReason: backend.reason,
    },
    seconds: () => (performance.now() - begun) / 1000,
  });
}

function verdictOf({ accepted, reason }: Verdict, { force }: FinetuneSettings) {
  return { accepted, reason, forced: !accepted && force };
}

/**
 * Learns twice: first the validation flights tell after how many epochs to stop, then so many epochs on them too.
 * Every real flight has a trim of its own, so each one more to learn from counts (see README.md).
 */
async function learnPhase(
  phase: Phase,
  start: Mlp,
  { source, vehicle, split, calibration }: Prepared,
  settings: FinetuneSettings,
  { signal, onProgress }: FinetuneOptions,
  metrics: PhaseMetrics[],
): Promise<Cloned> {
  const anchored = phase !== 'scratch';
  const task: CloneTask = {
    contract: source.contract,
    map: calibration.map,
    train: split.train,
    validation: split.validation,
    anchor: anchored && source.fisher ? { weights: mlpWeights(source.actor), fisher: source.fisher } : null,
    source: anchored && settings.rehearsal > 0 ? sourceStates(source, vehicle, settings.seed) : null,
  };
  const twice = split.validation.length > 0;
  const follow = (stage: 'choose' | 'learn', before: number, total: number) => async (epoch: EpochMetrics) => {
    metrics.push({ phase, stage, ...epoch });
    const text = `error ${epoch.validationMse.toFixed(5)}${anchored ? `  penalty ${epoch.ewcPenalty.toFixed(3)}` : ''}`;
    onProgress?.({ phase, done: before + epoch.epoch, total, text });
    await new Promise((resolve) => setImmediate(resolve)); // lets Ctrl-C in
    signal?.throwIfAborted();
  };
  const { epochs } = settings;
  const first = await cloneFlights(
    start,
    task,
    settings,
    follow(twice ? 'choose' : 'learn', 0, twice ? 2 * epochs : epochs),
  );
  if (!twice || first.bestEpoch === 0) return first;
  const all = { ...task, train: [...split.train, ...split.validation], validation: [], stopAfter: first.bestEpoch };
  return cloneFlights(start, all, settings, follow('learn', epochs, epochs + first.bestEpoch));
}

/** Success of the source policy and of each of `actors` in the source tasks, all from the same starts. */
async function scoreSource(
  { source, vehicle, settings }: Prepared,
  evaluator: Evaluator,
  { signal, onProgress }: FinetuneOptions,
  actors: Mlp[],
): Promise<SourceScore[][]> {
  const { episodes, seed } = settings;
  const tasks = sourceTasks(source);
  const rates: number[][] = [];
  for (const actor of [source.actor, ...actors]) {
    rates.push(
      await sourceSuccess(
        evaluator,
        { ...source, actor },
        tasks,
        vehicle,
        episodes,
        evaluationSeed(seed, EVALUATION_DRAW),
      ),
    );
    onProgress?.({ phase: 'source', done: rates.length, total: actors.length + 1, text: `${episodes} episodes` });
    signal?.throwIfAborted();
  }
  return actors.map((_, i) =>
    tasks.map((task, k) => ({
      task,
      episodes,
      before: { successRate: rates[0][k] },
      after: { successRate: rates[i + 1][k] },
    })),
  );
}

function flightWarnings({ train, validation, test }: Split): string[] {
  return [...train, ...validation, ...test].flatMap(({ name, warnings }) => warnings.map((text) => `${name}: ${text}`));
}
