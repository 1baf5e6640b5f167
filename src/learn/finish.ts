import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import { diagonalFisher } from '../../policies/fisher.ts';
import type { Policy } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import type { Speeds } from '../backend/names.ts';
import { type Evaluation, Evaluator, plainPolicy } from '../evaluate/evaluate.ts';
import type { FlyOptions } from '../evaluate/fly.ts';
import { recordEpisode } from '../evaluate/record.ts';
import { writePolicy } from '../policy-folder.ts';
import { modelCard } from './card.ts';
import type { RunConfig } from './config.ts';
import type { Crew } from './crew.ts';
import { type RunFolder, writeWhole } from './run-folder.ts';
import type { Condition } from './setup.ts';
import { evaluationSeed, type Selection } from './selection.ts';

/** What `pretrain` reports; the fields that other programs rely on come first. */
export interface PretrainReport {
  run: string;
  policy: string;
  steps: number;
  /** From the process's start to the report; of a resumed run with what its earlier processes learnt, without the pauses. */
  seconds: number;
  /** Over all of the run's learning, its evaluations included. */
  stepsPerSecond: number;
  /** From the start, as `seconds` counts, until `until` (0.95 without it) was reached and confirmed, or null. */
  timeToSuccessSeconds: number | null;
  evaluation: Evaluation & { policy: string; task: string; vehicle: string };
  /** Whether the run reached its `until`; true where it had none. */
  reached: boolean;
  seed: number;
  backend: string;
  backendReason: string;
  /** Training samples a second that `auto` chose by, by backend; empty where nothing had to be measured. */
  backendMeasured: Speeds;
}

const EPISODES = 500;
const FISHER_SAMPLES = 8192;
/** Sets of episodes apart from those that chose the policy. */
const DRAW = { nominal: 0x70000001, randomised: 0x70000002, fisher: 0x70000003, episode: 0x70000004 };

type Told = 'steps' | 'stepsPerSecond' | 'timeToSuccessSeconds' | 'backend' | 'backendReason' | 'backendMeasured';
/** What the report is told of the learning, and how long the processes before this one learnt. */
type Learnt = Pick<PretrainReport, Told> & { earlierSeconds: number };

/** Scores the run's policy on fresh episodes, computes its Fisher, writes the artifact, episodes and the report. */
export async function finishRun(
  run: RunFolder,
  config: RunConfig,
  condition: Condition,
  selection: Selection,
  crew: Crew,
  learnt: Learnt,
): Promise<PretrainReport> {
  const policy = selection.policy();
  const { task, seed } = config;
  const visiting = crew.ask(crew.size - 1, {
    do: 'visit',
    policy: plainPolicy(policy),
    options: { ...condition, seed: evaluationSeed(seed, DRAW.fisher) },
    samples: FISHER_SAMPLES,
  });
  // the crew flies while this thread writes
  const [scores, obs] = await Promise.all([
    score(policy, config, condition, new Evaluator(crew)),
    visiting,
    recordEpisodes(run, policy, { ...condition, seed: evaluationSeed(seed, DRAW.episode) }),
  ]);
  policy.contract.scores = { nominal: withoutInterval(scores.nominal) };
  if (scores.randomised) policy.contract.scores.randomised = withoutInterval(scores.randomised);
  Object.assign(policy.contract.provenance, { steps: learnt.steps, backend: learnt.backend });
  policy.fisher = diagonalFisher(policy.actor, policy.contract.action.std, obs, FISHER_SAMPLES, kernelBytes());
  policy.contract.fisher = { tasks: [task], samples: FISHER_SAMPLES };
  policy.card = modelCard(policy, config);
  writePolicy(run.policy, policy);
  const report: PretrainReport = {
    run: run.folder,
    policy: run.policy,
    steps: learnt.steps,
    seconds: learnt.earlierSeconds + performance.now() / 1000,
    stepsPerSecond: learnt.stepsPerSecond,
    timeToSuccessSeconds: learnt.timeToSuccessSeconds,
    evaluation: { policy: run.policy, task, vehicle: condition.vehicle.name, ...(scores.randomised ?? scores.nominal) },
    reached: config.until === null || selection.done,
    seed,
    backend: learnt.backend,
    backendReason: learnt.backendReason,
    backendMeasured: learnt.backendMeasured,
  };
  writeWhole(run.report, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** Flies and records two episodes for the viewer. */
async function recordEpisodes(run: RunFolder, policy: Policy, options: FlyOptions): Promise<void> {
  rmSync(run.episodes, { recursive: true, force: true }); // a killed process may have left a half-written one
  mkdirSync(run.episodes, { recursive: true });
  for (let episode = 0; episode < 2; episode++)
    await recordEpisode(policy, { ...options, episode }, join(run.episodes, `${options.task}-${episode}.mcap`));
}

/** The report of a run that has ended, with the paths that it has now. */
export function finishedReport(run: RunFolder): PretrainReport {
  try {
    const report: PretrainReport = JSON.parse(readFileSync(run.report, 'utf8'));
    const evaluation = { ...report.evaluation, policy: run.policy };
    return { ...report, run: run.folder, policy: run.policy, evaluation };
  } catch (error) {
    throw new InputError(`${run.report}: expected the report of a finished run: ${(error as Error).message}`);
  }
}

/** Fresh episodes on the nominal vehicle, and, where the run learnt on randomised ones, on those. */
async function score(
  policy: Policy,
  { seed }: RunConfig,
  condition: Condition,
  evaluator: Evaluator,
): Promise<{ nominal: Evaluation; randomised?: Evaluation }> {
  const fly = { ...condition, episodes: EPISODES };
  const drawn = (draw: number) => evaluationSeed(seed, draw);
  const nominal = await evaluator.evaluate(policy, { ...fly, randomisation: null, seed: drawn(DRAW.nominal) });
  if (condition.randomisation === null) return { nominal };
  return {
    nominal,
    randomised: await evaluator.evaluate(policy, { ...fly, seed: drawn(DRAW.randomised) }),
  };
}

function withoutInterval({ episodes, seed, successRate, positionRmseM, crashRate }: Evaluation) {
  return { episodes, seed, successRate, positionRmseM, crashRate };
}
