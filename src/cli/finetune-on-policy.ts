import { resolve } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import { interruptSignal } from './interrupt.ts';
import { printJson, prose, shellWord, table } from './output.ts';
import { Watcher } from './pretrain.ts';

/** What `finetune --objective dagger` and `ppo` take of the command's flags. */
export interface OnPolicyFlags {
  objective: 'dagger' | 'ppo';
  vehicle?: string;
  task?: string;
  path?: string[];
  ewc?: number;
  steps?: number;
  randomise?: boolean;
  seed?: number;
  episodes?: number;
  workers?: number;
  force?: boolean;
  out?: string;
  json?: boolean;
}

/** Flags that belong to cloning alone. */
const CLONING = [
  'from',
  'logs',
  'test',
  'method',
  'l2sp',
  'rehearsal',
  'jitter',
  'trims',
  'dropout',
  'weightDecay',
  'augment',
  'epochs',
  'lr',
  'ablate',
];

/** `windhover finetune POLICY --objective dagger --vehicle identified.yaml`. */
export async function finetuneOnPolicy(policy: string, flags: OnPolicyFlags): Promise<void> {
  const wrong = CLONING.find((name) => (({ ...flags }) as Record<string, unknown>)[name] !== undefined);
  const { objective } = flags;
  if (wrong)
    throw new InputError(`--objective ${objective}: learns in simulation, not from flights: leave out --${wrong}`);
  if (flags.vehicle === undefined)
    throw new InputError(`--objective ${objective}: expected --vehicle with it: the file that identify wrote`);
  const { finetuneOnPolicy: finetune } = await import('../transfer/on-policy.ts');
  const { policyName, readPolicy } = await import('../policy-folder.ts');
  const { freeRunFolder } = await import('../learn/run-folder.ts');
  const { contract } = readPolicy(policy);
  const out = flags.out ?? freeRunFolder(`finetune-${policyName(policy, contract)}-s${flags.seed ?? 0}`);
  const watcher = new Watcher();
  const report = await finetune({
    policy,
    objective,
    vehicle: flags.vehicle,
    task: flags.task,
    paths: flags.path,
    ewcLambda: flags.ewc,
    steps: flags.steps,
    randomise: flags.randomise,
    seed: flags.seed,
    episodes: flags.episodes,
    workers: flags.workers,
    force: flags.force,
    out: resolve(out),
    signal: interruptSignal(),
    onProgress: watcher.progressed,
  });
  watcher.ended();
  if (flags.json) printJson(report);
  else process.stdout.write(summary(report));
  if (!report.accepted && !report.forced) process.exitCode = 1;
}

type Report = import('../transfer/on-policy.ts').OnPolicyReport;

/** What the run came to, for people: from the same object that `--json` prints. */
function summary({
  objective,
  target,
  source,
  settings,
  verdict,
  reason,
  forced,
  policy,
  rejected,
  run,
}: Report): string {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const rows = [
    [
      `success in ${target.task} on ${target.vehicle}`,
      percent(target.before.successRate),
      percent(target.after.successRate),
    ],
    [
      'position RMSE in it',
      `${target.before.positionRmseM.toFixed(3)} m`,
      `${target.after.positionRmseM.toFixed(3)} m`,
    ],
    ...source.map(({ task, vehicle, before, after }) => [
      `success in ${task}, learnt before${vehicle ? ` on ${vehicle}` : ''}`,
      percent(before.successRate),
      percent(after.successRate),
    ]),
    ['verdict', '', verdict],
  ];
  return `${table(rows, [`${target.episodes} simulated episodes each`, 'before', 'after'])}

Learnt by ${objective === 'ppo' ? 'PPO' : 'DAgger'} in simulation, EWC λ = ${settings.learn.ewc}.
${prose(`${verdict}: ${reason}${forced ? ' (kept by force)' : ''}`)}
policy   ${policy}
${rejected ? `rejected ${rejected}\n` : ''}Next:    windhover watch ${shellWord(`${run}/learning`)}
`;
}
