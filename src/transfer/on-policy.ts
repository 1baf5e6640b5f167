import { join } from 'node:path';
import { DEFAULT_RANDOMISATION, type Randomisation } from '../../envs/randomisation.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { type Evaluation, Evaluator, evaluatePolicy, FlyThreads } from '../evaluate/evaluate.ts';
import { checkVehicle } from '../evaluate/fits.ts';
import { resolveConfig, type RunConfig } from '../learn/config.ts';
import { pretrain, type PretrainOptions } from '../learn/pretrain.ts';
import { evaluationSeed } from '../learn/selection.ts';
import { type Condition, conditionOf } from '../learn/setup.ts';
import { settingsFrom } from '../learn/warm-start.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';
import { policyFolder, readPolicy } from '../policy-folder.ts';
import { fisherSum } from './anchors.ts';
import { type Chain, chainOf } from './chain.ts';
import { judgeTarget, type SourceScore, taskName, type Verdict } from './guard.ts';
import { type Acceptance, acceptance, type Places, placesOf, writeOutcome } from './outcome.ts';
import { fleetBetween } from './span.ts';
import { checkOut, writeWhole } from './whole-run.ts';

export interface OnPolicyOptions {
  /** From an expert that knows the simulator's truth, or from the task's reward (ppo). */
  objective?: 'dagger' | 'ppo';
  /** Artifact folder, run, or name from the zoo. */
  policy: string;
  /** The vehicle to learn on: what `identify` wrote, or a name. */
  vehicle: string;
  /** The policy's own where none is given. */
  task?: string;
  /** Logs whose setpoints the task `track` follows. */
  paths?: string[];
  /** Weight of EWC; 0 forgets freely. */
  ewcLambda?: number;
  /** Environment steps. */
  steps?: number;
  /** Draw airframes around the vehicle (true) and, where the policy cannot fly it yet, come to it from its own; or this one alone. */
  randomise?: boolean;
  seed?: number;
  /** Simulated episodes of each task, before and after. */
  episodes?: number;
  workers?: number;
  /** Keep the new policy even where the guard refuses it. */
  force?: boolean;
  /** Folder of the run; it must not exist yet. */
  out: string;
  signal?: AbortSignal;
  onProgress?: PretrainOptions['onProgress'];
}

/** How one policy flies the target: what `evaluate` says of it, in short. */
export type TargetScore = Pick<Evaluation, 'successRate' | 'successCi95' | 'positionRmseM' | 'crashRate'>;

/** What on-policy fine-tuning reports. */
export interface OnPolicyReport extends Verdict, Acceptance, Places {
  objective: 'dagger' | 'ppo';
  target: { task: string; vehicle: string; episodes: number; before: TargetScore; after: TargetScore };
  /** The tasks learnt before, each on its own vehicle. */
  source: SourceScore[];
  settings: RunConfig;
  steps: number;
  seconds: number;
}

const EPISODES = 500;
const STEPS = { dagger: 400_000, ppo: 1_800_000 };
/**
 * What no vehicle file tells is drawn more mildly than for a policy that is to fly any vehicle; where the file has intervals
 * of what it tells, those hold.
 */
const MILD: Partial<Randomisation> = {
  charge: [0.4, 1],
  drain_ratio: [0.9, 1.1],
  sensorDelay_ratio: [0.8, 1.2],
  estimatorLag_ratio: [0.8, 1.25],
  centreOfMass_ratio: [-0.01, 0.01],
  noise_ratio: [0.7, 1.5],
  windHorizontal_m_s: [-0.3, 0.3],
  windVertical_m_s: [-0.1, 0.1],
  gust_m_s: [0, 0.4],
  minThrustToWeight: 1.1, // a vehicle that flew is to be flown, however little it has to spare
};
/**
 * An expert teaches any airframe at the same cost, so with DAgger they are drawn more widely than the file's intervals say: what
 * an identification has missed is mostly found within.
 */
const AMPLE: Partial<Randomisation> = {
  thrust_ratio: [0.9, 1.1],
  inertia_ratio: [0.8, 1.4],
  lag_ratio: [0.8, 1.25],
  motor_ratio: [0.82, 1.18],
  drag_ratio: [0.7, 1.4],
  sag_ratio: [0.6, 1.4],
  charge: [0.2, 1],
  drain_ratio: [0.1, 1.2],
};
/** What a policy that flies the vehicle already need not see drawn as widely as the file's intervals say. */
const NARROW: Partial<Randomisation> = {
  mass_ratio: [0.99, 1.01],
  thrust_ratio: [0.95, 1.05],
  inertia_ratio: [0.9, 1.1],
  lag_ratio: [0.9, 1.1],
};
/** Up to this share of crashes the policy flies the vehicle already, and is to fly it better. */
const CRASHES = 0.5;
const FIRST_LOOK = 100;
/** Of a policy that flies already: small steps, little exploration and a short view lose least of it. */
const REFINE = ['learn.learningRate=0.001', 'learn.entropyCoef=0', 'learn.initialStd=0.2', 'learn.gamma=0.98'];
/** A vehicle with less thrust to spare crashes where the source's could still be caught, so that speed has to cost. */
const CAUTION = ['reward.haste=0.4', 'reward.crash=40'];
const EVALUATION_DRAW = 0x72000001;
const LOOK_DRAW = 0x72000002;
/**
 * Of a weight that PPO's loss, whose advantages have unit variance, is to feel beside a Fisher information in nats; what
 * it was chosen by stands in src/transfer/README.md.
 */
export const ON_POLICY_LAMBDA = 0.001;

/**
 * Fine-tunes a policy by DAgger or PPO in the simulator of an identified vehicle, held by EWC to what it had learnt, and judges
 * the result there and in the earlier tasks. The run's folder appears whole, at the end, or not at all.
 *
 * @returns also when the guard refused the new policy: see `verdict`
 * @throws InputError when policy, vehicle, task or logs do not fit each other; the signal's reason when it aborts
 * @see Schwarz et al. 2018, Progress & Compress, https://arxiv.org/abs/1805.06370, for EWC in reinforcement learning
 */
export async function finetuneOnPolicy(options: OnPolicyOptions): Promise<OnPolicyReport> {
  const begun = performance.now();
  checkOut(options.out);
  const source = readPolicy(options.policy);
  const target = readVehicle(options.vehicle);
  const condition = await conditionOf(configOf(options, target, true));
  checkVehicle(source, condition.vehicle, options.policy);
  const judgedOn = { ...condition, randomisation: null };
  const flies = options.objective !== 'dagger' && (await fliesAlready(source, judgedOn, options));
  const config = configOf(options, target, flies);
  const fleet = config.randomise && !flies ? fleetBetween(ownVehicle(source, target), target) : undefined;
  return writeWhole(options.out, async (folder) => {
    const learning = join(folder, 'learning');
    const learnt = await pretrain(learning, config, {
      judgedOn,
      fleet,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    if (!learnt.finished) throw options.signal?.reason ?? new Error('stopped');
    const chain = chainOf(source, condition.vehicle, 0);
    const after = inChain(readPolicy(learning), chain, options);
    const scores = await scored(source, after, judgedOn, chain, options);
    const verdict = judgeTarget(scores.target, scores.source);
    const accepted = acceptance(verdict, options.force ?? false);
    const report: OnPolicyReport = {
      objective: config.algorithm,
      ...placesOf(options.out, accepted),
      ...verdict,
      ...accepted,
      ...scores,
      settings: config,
      steps: learnt.report.steps,
      seconds: (performance.now() - begun) / 1000,
    };
    writeOutcome(folder, source, { ...after, card: cardOf(after, report) }, report);
    return report;
  });
}

function configOf(options: OnPolicyOptions, target: Vehicle, flies: boolean): RunConfig {
  const { policy, task, vehicle, paths, seed, workers, randomise = true, objective: algorithm = 'ppo' } = options;
  const steps = options.steps ?? STEPS[algorithm];
  const ranges = algorithm === 'dagger' ? withIntervals(AMPLE, target) : flies ? NARROW : {};
  const randomisation = { ...DEFAULT_RANDOMISATION, ...MILD, ...ranges };
  const given = { algorithm, task, vehicle, paths, seed, workers, randomise, steps, randomisation };
  const sets = [
    `learn.ewc=${options.ewcLambda ?? ON_POLICY_LAMBDA}`,
    `learn.learningRateSteps=${steps}`,
    ...(algorithm === 'dagger' ? [] : flies ? REFINE : CAUTION),
  ];
  return resolveConfig(given, undefined, sets, settingsFrom(policy));
}

/** Ranges that hold what the vehicle's file leaves open, too. */
function withIntervals(ranges: Partial<Randomisation>, { intervals = {} }: Vehicle): Partial<Randomisation> {
  const wider = Object.entries(intervals).flatMap(([name, interval]) => {
    const range = ranges[name as keyof typeof intervals];
    return range && interval ? [[name, [Math.min(range[0], interval[0]), Math.max(range[1], interval[1])]]] : [];
  });
  return { ...ranges, ...Object.fromEntries(wider) };
}

/** Whether the policy flies the target already, however well. */
async function fliesAlready(
  policy: Policy,
  where: Condition,
  { seed = 0, workers }: OnPolicyOptions,
): Promise<boolean> {
  const fly = { episodes: FIRST_LOOK, seed: evaluationSeed(seed, LOOK_DRAW), workers };
  return (await evaluatePolicy(policy, { ...where, ...fly })).crashRate <= CRASHES;
}

/** The vehicle that the policy flies already; the target, where that is one of the user's own and its file not at hand. */
function ownVehicle({ contract }: Policy, target: Vehicle): Vehicle {
  return vehicleNames().includes(contract.vehicle) ? readVehicle(contract.vehicle) : target;
}

/** The new policy with what the next fine-tuning will have to keep. */
function inChain(policy: Policy, { anchors, stages }: Chain, { policy: from }: OnPolicyOptions): Policy {
  const { contract, actor, fisher } = policy;
  const name = `${contract.name}-tuned`;
  const provenance = { ...contract.provenance, source: policyFolder(from) };
  const tuned = { ...policy, contract: { ...contract, name, provenance } };
  if (!fisher || anchors.length === 0) return tuned;
  const all = [...anchors, { weights: mlpWeights(actor), fisher }];
  const last = { ...stages[stages.length - 1], tasks: [contract.task] };
  return {
    ...tuned,
    contract: { ...tuned.contract, chain: [...stages.slice(0, -1), last] },
    anchors: all,
    fisher: fisherSum(all),
  };
}

async function scored(before: Policy, after: Policy, condition: Condition, chain: Chain, options: OnPolicyOptions) {
  const { episodes = EPISODES, workers = 2, seed = 0 } = options;
  const threads = new FlyThreads(workers);
  try {
    const evaluator = new Evaluator(threads);
    const fly = { episodes, seed: evaluationSeed(seed, EVALUATION_DRAW) };
    const both = async (where: Condition) => {
      const [first, second] = [
        await evaluator.evaluate(before, { ...where, ...fly }),
        await evaluator.evaluate(after, { ...where, ...fly }),
      ];
      return { before: first, after: second };
    };
    const target = await both(condition);
    const source: SourceScore[] = [];
    for (const { task, vehicle, learntAt } of chain.tasks) {
      if (learntAt === chain.stages.length - 1) continue;
      source.push({
        task,
        ...vehicleName(vehicle, condition.vehicle),
        episodes,
        ...(await both({ task, vehicle, randomisation: null })),
      });
    }
    return { target: { task: condition.task, vehicle: condition.vehicle.name, episodes, ...target }, source };
  } finally {
    await threads.close();
  }
}

function vehicleName(vehicle: Vehicle, target: Vehicle): { vehicle?: string } {
  return vehicle.name === target.name ? {} : { vehicle: vehicle.name };
}

/** The model card, Markdown. */
function cardOf({ contract }: Policy, { target, source, settings, verdict, reason, forced }: OnPolicyReport): string {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const { before, after } = target;
  const rows = source.map(
    (score) =>
      `| success in ${taskName(score)} | ${percent(score.before.successRate)} | ${percent(score.after.successRate)} |`,
  );
  return `# ${contract.name}

A policy for \`${contract.task}\`, fine-tuned by ${settings.algorithm === 'ppo' ? 'PPO' : 'DAgger'} in the simulator of \`${target.vehicle}\` with EWC (λ = ${settings.learn.ewc}, seed
${settings.seed}).

Verdict of the negative-transfer guard: **${verdict}**: ${reason}.${forced ? ' Kept by force against it.' : ''}

| ${target.episodes} simulated episodes | before | after |
|---|---|---|
| success in ${target.task} on ${target.vehicle} | ${percent(before.successRate)} | ${percent(after.successRate)} |
| position RMSE in it | ${before.positionRmseM.toFixed(3)} m | ${after.positionRmseM.toFixed(3)} m |
${rows.join('\n')}
`;
}
