import { Rng } from '../../envs/rng.ts';
import { createMlp, type Mlp } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { Evaluator, FlyThreads } from '../evaluate/evaluate.ts';
import { policyFolder } from '../policy-folder.ts';
import { anchorsOf, fisherSum, flightAnchor } from './anchors.ts';
import type { Chain, SimulatedTask } from './chain.ts';
import type { CloneSettings, CloneTask } from './clone.ts';
import { AGAINST_HEART, type AgainstHeart, chosenWay, searchByHeart } from './by-heart.ts';
import { judge, type SourceScore } from './guard.ts';
import { chosenLambda, searchLambda, USUAL_LAMBDA } from './lambda-search.ts';
import { type Learnt, learn } from './learn.ts';
import { acceptance } from './outcome.ts';
import { realReport } from './real-report.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { FinetuneOptions, FinetuneReport, Phase, PhaseMetrics, TriedByHeart, TriedLambda } from './report.ts';
import type { FlightSamples } from './samples.ts';
import type { FinetuneSettings } from './settings.ts';
import { simulate } from './simulated.ts';
import { sourceStates, successLost } from './source-task.ts';
import type { Split } from './split.ts';
import { bestOfSweep, sweepMethods } from './sweep.ts';
import { checkOut } from './whole-run.ts';
import { writeFinetuneRun } from './write-run.ts';

export type { FinetuneOptions, FinetuneProgress, FinetuneReport, PhaseMetrics, RealReport } from './report.ts';

const SCRATCH_STREAM = 0x42000000;
/** With up to so many flights states of earlier tasks count four times as much. */
const FEW_FLIGHTS = 4;

/**
 * Fine-tunes a policy on real flights: calibrates, clones with EWC, measures before and after on flights held out and
 * in simulation, and writes a run. The run's folder appears whole, at the end, or not at all.
 *
 * @returns also when the guard refused the new policy: see `verdict`
 * @throws InputError when policy or flights do not fit each other; the signal's reason when it aborts
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneReport> {
  const begun = performance.now();
  checkOut(options.out);
  const prepared = await prepare(options);
  const learnt = await learnAll(options, prepared);
  const threads = new FlyThreads(prepared.settings.workers);
  try {
    return await measureAndWrite(options, prepared, learnt, new Evaluator(threads), begun);
  } finally {
    await threads.close();
  }
}

/** All that was learnt: candidates for the new policy, one of which is chosen, and what it is compared with. */
interface AllLearnt {
  /** As they were used: λ found, method and what is held against learning by heart chosen. */
  settings: FinetuneSettings;
  candidates: Learnt[];
  chosen: number;
  scratch: Learnt;
  bare: Learnt | null;
  lambdaSearch: TriedLambda[] | null;
  byHeartSearch: TriedByHeart[] | null;
  /** What learning took, without what it is compared with. */
  trainingSeconds: number;
  metrics: PhaseMetrics[];
}

async function learnAll(options: FinetuneOptions, prepared: Prepared): Promise<AllLearnt> {
  const { source, settings } = prepared;
  const { actor } = source;
  const metrics: PhaseMetrics[] = [];
  const begun = performance.now();
  const task = cloneTask(prepared);
  const layers = actor.kernels.length;
  const methods = settings.method === 'sweep' ? sweepMethods(layers) : [settings.method];
  const { lambdaSearch, byHeartSearch, way } = await searched(options, prepared, task, methods[0]);
  const ewcLambda = settings.ewcLambda ?? (lambdaSearch ? chosenLambda(lambdaSearch) : USUAL_LAMBDA);
  const asUsed: CloneSettings = { ...forClone(prepared, way), ewcLambda };
  const run = (phase: Phase, start: Mlp, its: CloneTask, change: Partial<CloneSettings>) =>
    learn(start, { phase, task: its, settings: { ...asUsed, ...change }, metrics, watch: options });

  const candidates: Learnt[] = [];
  for (const method of methods) candidates.push(await run('tune', actor, task, { method }));
  const trainingSeconds = (performance.now() - begun) / 1000;
  const chosen = bestOfSweep(candidates);
  const blank = createMlp(actor.sizes, new Rng(settings.seed, SCRATCH_STREAM));
  const alone = { ...task, anchors: [], source: null };
  const scratch = await run('scratch', blank, alone, { method: 'full', ewcLambda: 0, l2spLambda: 0 });
  const bare = settings.ablateEwc
    ? await run('ablation', actor, task, { method: methods[chosen], ewcLambda: 0 })
    : null;
  const rehearsal = rehearsalOf(settings, prepared.split);
  const used = { ...settings, ...way, rehearsal, ewcLambda, method: methods[chosen] };
  return { settings: used, candidates, chosen, scratch, bare, lambdaSearch, byHeartSearch, trainingSeconds, metrics };
}

function cloneTask({ source, settings, split, calibration, chain, gap }: Prepared): CloneTask {
  return {
    contract: source.contract,
    map: calibration.map,
    train: split.train,
    validation: split.validation,
    anchors: settings.ewcLambda === 0 ? [] : anchorsOf(source, settings.ewcMode),
    source: rehearsalOf(settings, split) > 0 ? sourceStates(source, rehearsed(chain), settings.seed) : null,
    gap,
  };
}

/** The fewer flights there are, the more is left to what the policy was taught. */
function rehearsalOf({ rehearsal }: FinetuneSettings, { train, validation }: Split): number {
  return rehearsal ?? (train.length + validation.length > FEW_FLIGHTS ? 1 : 4);
}

/** Each earlier task is rehearsed as much as the settings say. */
function forClone({ settings, split, chain }: Prepared, way: AgainstHeart): CloneSettings {
  return { ...settings, ...way, rehearsal: rehearsalOf(settings, split) * rehearsed(chain).length, ewcLambda: 0 };
}

/** Tasks to rehearse: those learnt before this stage. */
function rehearsed({ stages, tasks }: Chain): SimulatedTask[] {
  return tasks.filter(({ learntAt }) => learntAt < stages.length - 1);
}

interface Searched {
  lambdaSearch: TriedLambda[] | null;
  byHeartSearch: TriedByHeart[] | null;
  way: AgainstHeart;
}

/** First whether to hold anything against learning by heart, then λ so; without validation flights the usual of both. */
async function searched(
  options: FinetuneOptions,
  prepared: Prepared,
  task: CloneTask,
  method: string,
): Promise<Searched> {
  const { source, settings, chain } = prepared;
  const { jitter, trims, ewcLambda } = settings;
  const judged = task.validation.length > 0;
  const lossOf = judged ? successLost(source, rehearsed(chain), settings.seed) : () => 0;
  const open = jitter === null && trims === null;
  const usual: CloneSettings = { ...forClone(prepared, AGAINST_HEART), method, ewcLambda: ewcLambda ?? USUAL_LAMBDA };
  const byHeartSearch = open && judged ? await searchByHeart(source.actor, task, usual, lossOf, options) : null;
  const found = byHeartSearch ? chosenWay(byHeartSearch) : AGAINST_HEART;
  const way = open ? found : { jitter: jitter ?? 0, trims: trims ?? 0 };
  const lambdaSearch =
    ewcLambda === null && judged ? await searchLambda(source.actor, task, { ...usual, ...way }, lossOf, options) : null;
  return { lambdaSearch, byHeartSearch, way };
}

async function measureAndWrite(
  options: FinetuneOptions,
  prepared: Prepared,
  learnt: AllLearnt,
  evaluator: Evaluator,
  begun: number,
): Promise<FinetuneReport> {
  const { source, vehicle, split, calibration, shift, gap, backend } = prepared;
  const { settings, candidates, chosen, scratch, bare, lambdaSearch, byHeartSearch, trainingSeconds, metrics } = learnt;
  const actors = [...candidates, ...(bare ? [bare] : [])].map(({ actor }) => actor);
  const tuned = candidates[chosen];
  const { real, compared, errorOf } = realReport(prepared, tuned.actor, scratch.actor);
  const { scores, chain } = await simulate(prepared, evaluator, options, { actors, chosen, scratch: scratch.actor });
  const verdict = judge(compared, scores[chosen]);
  const after = tunedPolicy(prepared, tuned.actor);
  const names = (flights: FlightSamples[]) => flights.map(({ name }) => name);
  return writeFinetuneRun(options, {
    source,
    sourceFolder: policyFolder(options.policy),
    after,
    vehicle,
    metrics,
    report: {
      ...verdict,
      ...acceptance(verdict, settings.force),
      flights: { train: names(split.train), validation: names(split.validation), test: names(split.test) },
      commandMap: calibration.map,
      real,
      compared,
      chain,
      source: scores[chosen],
      ...(bare ? { ablation: { ewc0: withoutEwc(errorOf(bare.actor), scores[actors.length - 1]) } } : {}),
      ...(candidates.length > 1
        ? {
            sweep: candidates.map(({ actor, validationMse }, freeze) => ({
              freeze,
              validationMse,
              real: { after: errorOf(actor).after },
              source: scores[freeze],
            })),
          }
        : {}),
      ...(lambdaSearch ? { lambdaSearch } : {}),
      ...(byHeartSearch ? { byHeartSearch } : {}),
      shift,
      ...(gap ? { gap } : {}),
      settings,
      trainingSeconds,
      bestEpoch: tuned.bestEpoch,
      ewcPenalty: tuned.metrics[tuned.bestEpoch - 1]?.ewcPenalty ?? 0,
      warnings: [...prepared.contradictions, ...split.warnings, ...flightWarnings(split)],
      backend: backend.name,
      backendReason: backend.reason,
    },
    seconds: () => (performance.now() - begun) / 1000,
  });
}

function withoutEwc({ after, gain }: ReturnType<ReturnType<typeof realReport>['errorOf']>, source: SourceScore[]) {
  return { real: { after }, gain, source };
}

/** The new policy with what the next fine-tuning will have to keep: all that was kept so far, and these flights. */
function tunedPolicy({ source, split, calibration, chain }: Prepared, actor: Mlp): Policy {
  const contract = { ...source.contract, commandMap: calibration.map };
  if (!contract.fisher || chain.anchors.length === 0) return { ...source, contract, actor };
  const learnt = flightAnchor(contract, actor, calibration.map, [...split.train, ...split.validation]);
  const anchors = [...chain.anchors, learnt];
  return { ...source, contract: { ...contract, chain: chain.stages }, actor, anchors, fisher: fisherSum(anchors) };
}

function flightWarnings({ train, validation, test }: Split): string[] {
  return [...train, ...validation, ...test].flatMap(({ name, warnings }) => warnings.map((text) => `${name}: ${text}`));
}
