import type { Contract } from '../../policies/contract.ts';
import type { Policy } from '../../policies/policy.ts';
import { motorsText } from '../../policies/command-map.ts';
import { ratioText } from './bootstrap.ts';
import type { FinetuneReport } from './report.ts';

/** A report before it is known where the run lies and how long it took. */
export type Told = Omit<FinetuneReport, 'run' | 'policy' | 'rejected' | 'seconds'>;

/**
 * The source's contract with where the new weights come from; the command map is already the fitted one.
 *
 * The scores of the source say nothing about other weights and are dropped; its Fisher information stays with the
 * artifact, since it is the source tasks that the next fine-tuning has to keep.
 */
export function tunedContract(contract: Contract, report: Told, source: string): Contract {
  const { settings, flights, real, bestEpoch, backend } = report;
  return {
    ...contract,
    name: `${contract.name.replace(/-tuned$/, '')}-tuned`,
    scores: {},
    provenance: {
      algorithm: settings.ewcLambda ? 'behaviour cloning with EWC' : 'behaviour cloning',
      seed: settings.seed,
      source: { name: contract.name, folder: source, provenance: contract.provenance },
      settings,
      flights,
      actionMse: { before: real.before.actionMse, after: real.after.actionMse },
      sourceSuccess: report.source,
      verdict: report.verdict,
      compared: report.compared,
      bestEpoch,
      backend,
    },
  };
}

/** The model card of a fine-tuned policy, Markdown. */
export function tunedCard({ contract }: Policy, report: Told): string {
  const { real, compared, flights, settings, source, commandMap, verdict, forced, reason } = report;
  const mse = (score: { actionMse: number }) => score.actionMse.toFixed(5);
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const rows = source.map(
    ({ task, episodes, before, after, scratch }) =>
      `| success in simulated ${task}, ${episodes} episodes | ${percent(before.successRate)} | ${percent(after.successRate)} | ${scratch ? percent(scratch.successRate) : '–'} |`,
  );
  return `# ${contract.name}

A policy for \`${contract.task}\` on \`${contract.vehicle}\`, fine-tuned on ${flights.train.length} logged flights by behaviour
cloning with EWC (λ = ${settings.ewcLambda}, method ${settings.method}, seed ${settings.seed}).

Verdict of the negative-transfer guard: **${verdict}**: ${reason}.${forced ? ' Kept by force against it.' : ''}

| | before | after | from these flights alone |
|---|---|---|---|
| action error on ${flights.test.length} held-out flights (mean square, ${commandMap.unit}) | ${mse(real.before)} | ${mse(real.after)} | ${mse(real.scratch)} |
${rows.join('\n')}

| its error on the held-out flights over that of | ratio, 95 % interval over flights |
|---|---|
| the policy before, with the map fitted (${mse(real.before)}) | ${ratioText(compared.before)} |
| the same network from these flights alone (${mse(real.scratch)}) | ${ratioText(compared.scratch)} |
| each flight's own mean command (${mse(real.flightMean)}) | ${ratioText(compared.flightMean)} |

Motor command \`c\` from normalised rotor thrust \`u\`: \`u = ${commandMap.level.toFixed(4)} · c^${commandMap.exponent.toFixed(3)} ·
(V / ${contract.observation.spec.nominalVoltage_V})^${commandMap.batteryExponent.toFixed(3)}\`${motorsText(commandMap)}, fitted on the flights.

Learnt from: ${flights.train.join(', ')}. Stopped by: ${flights.validation.join(', ') || 'none'}.
Held out: ${flights.test.join(', ')}.
`;
}
