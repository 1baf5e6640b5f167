import { motorsText } from '../../policies/command-map.ts';
import { ratioText } from '../transfer/bootstrap.ts';
import { prose, shellWord, table } from './output.ts';

type Report = import('../transfer/finetune.ts').FinetuneReport;
type Ratio = import('../transfer/bootstrap.ts').ErrorRatio;

const mse = (score?: { actionMse: number }) => (score ? score.actionMse.toFixed(5) : '');
const counted = (n: number, kind = '') => `${n} ${kind}${n === 1 ? 'flight' : 'flights'}`;
const percent = (rate?: number) => (rate === undefined ? '' : `${(100 * rate).toFixed(1)} %`);
const interval = (ratio?: Ratio) => (ratio ? ratioText(ratio) : '');

/** What the run came to, for people: from the same object that `--json` prints. */
export function finetuneSummary(report: Report): string {
  const { flights, settings, commandMap } = report;
  const { level, exponent, batteryExponent, unit } = commandMap;
  const how = [
    `EWC λ = ${settings.ewcLambda}${report.lambdaSearch ? ', found on the validation flights' : ''}`,
    ...(settings.method === 'full' ? [] : [`method ${settings.method}`]),
    ...(settings.jitter ? [`jitter ${settings.jitter}`] : []),
    ...(settings.trims ? [`trims ${settings.trims}`] : []),
    ...(settings.rehearsal ? [`rehearsal ${settings.rehearsal}`] : []),
  ];
  return `${outcome(report)}

${comparison(report)}
${report.sweep ? `\n${sweepTable(report.sweep)}\n` : ''}${report.chain.stages.length > 2 ? `\n${chainTable(report.chain)}\n` : ''}
${prose(`Action error: mean square of commanded minus logged motor command (${unit}), in the air, the policy fed with its own past actions.`)}
${prose(`Learnt from ${learntFrom(flights)}, ${how.join(', ')}.`)}
${prose(`Command map fitted: thrust = ${level.toFixed(3)} · command^${exponent.toFixed(2)} · (voltage/nominal)^${batteryExponent.toFixed(2)}${motorsText(commandMap)}.`)}

${prose(verdictLine(report))}
policy   ${report.policy}
${report.rejected ? `rejected ${report.rejected}\n` : ''}Next:    windhover watch ${shellWord(report.run)}
`;
}

function learntFrom({ train, validation }: Report['flights']): string {
  const others = validation.length === 1 ? '1 other' : `${validation.length} others`;
  const learnt = counted(train.length);
  return validation.length > 0 ? `${learnt}, ${others} chose when to stop` : learnt;
}

function outcome({ real, source, flights, ablation, verdict }: Report): string {
  const bare = ablation?.ewc0;
  const rows: (string | undefined)[][] = [
    [
      `action error on ${counted(flights.test.length, 'real ')} it never saw`,
      mse(real.before),
      mse(real.after),
      mse(bare?.real.after),
      mse(real.scratch),
    ],
    ...source.map(({ task, vehicle, episodes, before, after, scratch }, i) => [
      `success in simulated ${task}${vehicle ? ` on ${vehicle}` : ''}, ${episodes} episodes`,
      percent(before.successRate),
      percent(after.successRate),
      percent(bare?.source[i].after.successRate),
      percent(scratch?.successRate),
    ]),
    ['verdict', '', verdict, '', ''],
  ];
  const columns = ['', 'before', 'after', 'after, without EWC', 'from scratch'];
  const shown = columns.map((_, k) => k).filter((k) => k !== 3 || bare);
  return table(
    rows.map((row) => shown.map((k) => row[k])),
    shown.map((k) => columns[k]),
  );
}

function comparison({ real, compared }: Report): string {
  const rows = [
    [
      'before, with the vehicle file’s command map',
      mse(real.nominalMap),
      '',
      'calibration alone makes the difference to the next',
    ],
    [
      'before, with the map fitted',
      mse(real.before),
      interval(compared.before),
      compared.before.ratio < 1 ? 'what fine-tuning gained' : 'fine-tuning gained nothing here',
    ],
    [
      'learnt from these flights alone',
      mse(real.scratch),
      interval(compared.scratch),
      compared.scratch.ratio < 1 ? 'what simulation adds' : 'simulation adds nothing here',
    ],
    [
      'knowing each flight’s mean command',
      mse(real.flightMean),
      interval(compared.flightMean),
      'every flight has its own trim, which no policy is told',
    ],
    [
      'repeating the command logged 10 ms before',
      mse(real.repeatLast),
      '',
      'looks best and flies nothing: no policy is fed it here',
    ],
  ];
  return table(rows, ['for comparison, on the same real flights', 'error', 'after, times it [95 %]', '']);
}

function sweepTable(sweep: NonNullable<Report['sweep']>): string {
  const rows = sweep.map(({ freeze, validationMse, real, source }) => [
    freeze,
    validationMse.toFixed(5),
    mse(real.after),
    source.map(({ after }) => percent(after.successRate)).join(', '),
  ]);
  return table(rows, ['layers frozen', 'validation error', 'error after', 'source success after']);
}

function chainTable({ stages, tasks, success, average, backward, forward }: Report['chain']): string {
  const rows = stages.map((stage, i) => [stage, ...success[i].map((rate) => percent(rate))]);
  const header = ['success after', ...tasks.map(({ task, vehicle }) => `${task}, ${vehicle}`)];
  const figures = [
    `average ${percent(average)}`,
    ...(backward === null ? [] : [`backward transfer ${(100 * backward).toFixed(1)} points`]),
    ...(forward === null ? [] : [`forward transfer ${(100 * forward).toFixed(1)} points`]),
  ];
  return `${table(rows, header)}\n${figures.join(', ')}`;
}

function verdictLine({ verdict, reason, forced }: Report): string {
  if (verdict !== 'negative') return `${verdict === 'positive' ? 'Positive' : 'Neutral'}: ${reason}.`;
  if (forced) return `NEGATIVE, KEPT BY FORCE: ${reason}.`;
  return `NEGATIVE, REFUSED: ${reason}. The result is the source policy, unchanged; --force keeps the new one.`;
}

/** Before learning: how far the flights are from what the policy saw. */
export function shiftText({ fields, warnings }: Report['shift']): string {
  const rows = fields.slice(0, 3).map(({ name, distance, coverage }) => [name, distance.toFixed(2), percent(coverage)]);
  const most = table(rows, ['most shifted from simulation', 'distance', 'in range']);
  return [most, ...warnings.map((text) => `out of range  ${text}`)].join('\n');
}
