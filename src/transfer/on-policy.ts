import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Randomisation } from '../../envs/randomisation.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import { type Evaluation, Evaluator, FlyThreads } from '../evaluate/evaluate.ts';
import { checkVehicle } from '../evaluate/fits.ts';
import { resolveConfig, type RunConfig } from '../learn/config.ts';
import { pretrain, type PretrainOptions } from '../learn/pretrain.ts';
import { evaluationSeed } from '../learn/selection.ts';
import { type Condition, conditionOf } from '../learn/setup.ts';
import { settingsFrom } from '../learn/warm-start.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';
import { policyFolder, readPolicy, writePolicy } from '../policy-folder.ts';
import { fisherSum } from './anchors.ts';
import { type Chain, chainOf } from './chain.ts';
import { judgeTarget, type SourceScore, taskName, type Verdict } from './guard.ts';
import { spanRanges } from './span.ts';
import { checkOut } from './write-run.ts';

export interface OnPolicyOptions {
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
  /** Learn on airframes between the policy's own vehicle and this one (true), or on this one alone. */
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

/** What on-policy fine-tuning reports. Paths are absolute. */
export interface OnPolicyReport extends Verdict {
  objective: 'ppo';
  run: string;
  /** The resulting artifact; the source policy's copy where the new one was refused. */
  policy: string;
  /** Where the new policy lies when the guard refused it, else null. */
  rejected: string | null;
  accepted: boolean;
  forced: boolean;
  target: { task: string; vehicle: string; episodes: number; before: TargetScore; after: TargetScore };
  /** The tasks learnt before, each on its own vehicle. */
  source: SourceScore[];
  settings: RunConfig;
  steps: number;
  seconds: number;
}

const EPISODES = 500;
const STEPS = 1_500_000;
const EVALUATION_DRAW = 0x72000001;
/**
 * Of a weight that PPO's loss, whose advantages have unit variance, is to feel beside a Fisher information in nats; what
 * it was chosen by stands in src/transfer/README.md.
 */
export const ON_POLICY_LAMBDA = 0.001;

/**
 * Fine-tunes a policy by PPO in the simulator of an identified vehicle, held by EWC to what it had learnt, and judges
 * the result there and in the earlier tasks. The run's folder appears whole, at the end, or not at all.
 *
 * @returns also when the guard refused the new policy: see `verdict`
 * @throws InputError when policy, vehicle, task or logs do not fit each other; the signal's reason when it aborts
 * @see Schwarz et al. 2018, Progress & Compress, https://arxiv.org/abs/1805.06370, for EWC in reinforcement learning
 */
export async function finetuneOnPolicy(options: OnPolicyOptions): Promise<OnPolicyReport> {
  const out = resolve(options.out);
  checkOut(out);
  const source = readPolicy(options.policy);
  const target = readVehicle(options.vehicle);
  const config = configOf(options, spanRanges(ownVehicle(source, target), target));
  const condition = await conditionOf(config);
  const judgedOn = { ...condition, randomisation: null };
  checkVehicle(source, condition.vehicle, options.policy);
  const partial = `${out}.${process.pid}.partial`;
  mkdirSync(dirname(out), { recursive: true });
  rmSync(partial, { recursive: true, force: true });
  try {
    const learning = join(partial, 'learning');
    const learnt = await pretrain(learning, config, {
      judgedOn,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    if (!learnt.finished) throw options.signal?.reason ?? new Error('stopped');
    const chain = chainOf(source, condition.vehicle, 0);
    const after = inChain(readPolicy(learning), chain, options);
    const scores = await scored(source, after, judgedOn, chain, options);
    const told = { ...scores, settings: config, steps: learnt.report.steps };
    const report = write(partial, out, { before: source, after }, told, options.force ?? false);
    rmSync(out, { recursive: true, force: true }); // at most an empty folder
    renameSync(partial, out);
    return report;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

function configOf(options: OnPolicyOptions, span: Randomisation): RunConfig {
  const { policy, task, vehicle, paths, seed, workers, randomise = true, steps = STEPS } = options;
  const given = { task, vehicle, paths, seed, workers, randomise, steps, randomisation: span };
  return resolveConfig(given, undefined, [`learn.ewc=${options.ewcLambda ?? ON_POLICY_LAMBDA}`], settingsFrom(policy));
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

/** Writes policy, report and metrics into `folder`, which will stand at `out`. */
function write(
  folder: string,
  out: string,
  { before, after }: { before: Policy; after: Policy },
  told: Pick<OnPolicyReport, 'target' | 'source' | 'settings' | 'steps'>,
  force: boolean,
): OnPolicyReport {
  const verdict = judgeTarget(told.target, told.source);
  const accepted = verdict.verdict !== 'negative';
  const forced = !accepted && force;
  const kept = accepted || forced;
  const report: OnPolicyReport = {
    objective: 'ppo',
    run: out,
    policy: join(out, 'policy'),
    rejected: kept ? null : join(out, 'rejected'),
    ...verdict,
    accepted,
    forced,
    ...told,
    seconds: performance.now() / 1000,
  };
  const tuned = { ...after, card: cardOf(after, report) };
  writePolicy(join(folder, 'policy-before'), before);
  writePolicy(join(folder, 'policy'), kept ? tuned : before);
  if (!kept) writePolicy(join(folder, 'rejected'), tuned);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  return report;
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

A policy for \`${contract.task}\`, fine-tuned by PPO in the simulator of \`${target.vehicle}\` with EWC (λ = ${settings.learn.ewc}, seed
${settings.seed}).

Verdict of the negative-transfer guard: **${verdict}**: ${reason}.${forced ? ' Kept by force against it.' : ''}

| ${target.episodes} simulated episodes | before | after |
|---|---|---|
| success in ${target.task} on ${target.vehicle} | ${percent(before.successRate)} | ${percent(after.successRate)} |
| position RMSE in it | ${before.positionRmseM.toFixed(3)} m | ${after.positionRmseM.toFixed(3)} m |
${rows.join('\n')}
`;
}
