import type { Score } from '../../policies/contract.ts';
import type { Policy } from '../../policies/policy.ts';
import { defaultConfig, type RunConfig, USUAL_ALGORITHM } from './config.ts';
import { differingSettings } from './differing-settings.ts';

/** What a policy learnt by and from whom. */
const METHODS = {
  ppo: 'PPO',
  expert: 'DAgger, whose expert sees what the policy does not',
  pilot: 'DAgger from a calm classical pilot',
};

/** The model card of a pre-trained policy: what it does, how well, what it was trained on, and how to make it again. */
export function modelCard({ contract }: Policy, config: RunConfig): string {
  const { task, vehicle, scores, observation, action, network, provenance } = contract;
  const rows = Object.entries(scores).map(([name, score]) => row(name, score as Score));
  const usual = config.from === null ? USUAL_ALGORITHM : 'ppo';
  const command = [
    `npx windhover pretrain --task ${task} --vehicle ${config.vehicle} --actions ${config.actions} --seed ${config.seed}`,
    config.algorithm === usual ? '' : `--algorithm ${config.algorithm}`,
    config.teacher === 'expert' ? '' : `--teacher ${config.teacher}`,
    ...config.paths.map((path) => `--path ${path}`),
    config.from === null ? '' : `--from ${config.from}`,
    config.randomise ? '' : '--no-randomise',
    config.until === null ? '' : `--until ${config.until}`,
    `--steps ${config.steps}`,
    ...settingFlags(config),
  ];
  return `# ${contract.name}

Flies the task \`${task}\` on the vehicle \`${vehicle}\` with \`${action.mode}\` actions at ${contract.rate_Hz} Hz.
Trained in simulation${config.randomise ? ' with domain randomisation' : ' on the nominal vehicle alone'}, ${provenance.steps} environment steps of ${METHODS[config.algorithm === 'ppo' ? 'ppo' : config.teacher]}, seed ${config.seed}.

| vehicle | success | episodes | position RMSE [m] | crashes |
|---|---|---|---|---|
${rows.join('\n')}

Measured with the mean action on episodes never used in training. The whole input-output contract is \`policy.json\`:
${observation.size} observed numbers in ${observation.fields.length} fields, network ${network.sizes.join('-')} with tanh,
${action.size} actions in [-1, 1].

Made by

\`\`\`
${command.filter(Boolean).join(' ')}
\`\`\`

with backend \`${provenance.backend}\`. The same seed on the same backend and machine gives the same bytes.
It has flown in simulation only: tie the vehicle down the first time.
`;
}

/** The settings, beside those with flags of their own, that differ from the defaults: as flags that set them again. */
function settingFlags(config: RunConfig): string[] {
  const { learn, reward, observation, randomisation } = defaultConfig(
    config.task,
    config.randomise,
    config.algorithm,
    config.teacher,
  );
  const defaults = { learn, reward, observation, randomisation };
  const used = Object.fromEntries(Object.keys(defaults).map((name) => [name, config[name as keyof typeof defaults]]));
  return differingSettings([defaults, used]).map(({ key, values }) => {
    const setting = `${key}=${JSON.stringify(values[1])}`;
    return `--set ${setting.includes('[') ? `'${setting}'` : setting}`; // brackets mean something to a shell
  });
}

function row(name: string, { successRate, episodes, positionRmseM, crashRate }: Score): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  return `| ${name} | ${percent(successRate)} | ${episodes} | ${positionRmseM?.toFixed(3) ?? '–'} | ${percent(crashRate)} |`;
}
