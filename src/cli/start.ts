import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import { Watcher as TuningWatcher } from './finetune.ts';
import { Interrupted, interruptSignal } from './interrupt.ts';
import { openBrowser } from './open-browser.ts';
import { COLUMNS_OPTION, wholeNumber } from './options.ts';
import { note, paint, printJson, Progress, prose, table } from './output.ts';
import { Watcher as LearningWatcher } from './pretrain.ts';

interface Flags {
  once?: boolean;
  logs?: string[];
  columns?: string;
  seed: number;
  out?: string;
  open: boolean;
  json?: boolean;
}

type Flight = import('../telemetry/flight.ts').Flight;
type PretrainReport = import('../learn/finish.ts').PretrainReport;
type FinetuneReport = import('../transfer/finetune.ts').FinetuneReport;
type StreamReport = import('../telemetry/client/publisher.ts').StreamReport;

/** Where learning stops: success under randomisation, confirmed on 900 fresh episodes. */
const UNTIL = 0.9;
const STEP_CAP = 1_500_000;
const STEPS = 5;

export function register(command: Command): void {
  command
    .option('--once', 'end after the table, without serving the viewer')
    .option('--logs <file...>', 'your own flights; without them a second simulated vehicle stands in')
    .option(...COLUMNS_OPTION)
    .option('--seed <n>', 'of everything that is drawn', wholeNumber('--seed', { min: 0, max: 4294967295 }), 1)
    .option('--out <dir>', 'folder for both runs (default: runs/start)')
    .option('--no-open', 'do not open a browser')
    .option('--json', 'print one JSON object on stdout; progress goes to stderr')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const begun = performance.now();
  const { claimRunFolder } = await import('../learn/run-folder.ts');
  const flights = await flightsToStream(flags); // bad logs are told before anything is learnt or written
  const folder = resolve(flags.out ?? claimRunFolder('start'));
  const pretrained = await learn(join(folder, 'simulation'), flags.seed);
  const { streamed, received } = await stream(flights, join(folder, 'recordings'));
  const tuned = await tune(pretrained.policy, received, join(folder, 'finetuned'), flags.seed);
  const seconds = (performance.now() - begun) / 1000;
  if (flags.json) printJson({ folder, pretrain: pretrained, stream: streamed, finetune: tuned, seconds });
  else process.stdout.write(summary(pretrained, streamed, tuned, Boolean(flags.logs), seconds));
  if (!flags.once) await show(folder, flags);
}

function heading(step: number, text: string): void {
  note(`\n${paint('bold', `${step}/${STEPS}  ${text}`, process.stderr)}`);
}

async function flightsToStream({ logs, columns, seed }: Flags): Promise<Flight[]> {
  if (logs) {
    const { readFlights } = await import('../telemetry/logs/index.ts');
    const flights: Flight[] = [];
    for (const file of logs) flights.push(...(await readFlights(file, { columns })));
    if (flights.length < 3)
      throw new InputError(
        `--logs: expected at least 3 flights (to learn from, to stop by, to be judged on), got ${flights.length}`,
      );
    return flights;
  }
  const { standInFlights } = await import('../transfer/stand-in.ts');
  const { readVehicle } = await import('../vehicle-file.ts');
  note('No flights given (--logs FILE…), so a second simulated vehicle stands in for the real one:');
  note('a Crazyflie with 18 % more mass, uneven motors, 60 % more drag, more delay and noisier sensors.');
  return standInFlights(readVehicle('crazyflie'), seed);
}

async function learn(folder: string, seed: number): Promise<PretrainReport> {
  heading(1, 'Learning to hover in simulation, every episode with another airframe, wind and sensor errors');
  const { resolveConfig } = await import('../learn/config.ts');
  const { pretrain } = await import('../learn/pretrain.ts');
  const watcher = new LearningWatcher();
  const config = resolveConfig({ task: 'hover', seed, until: UNTIL, steps: STEP_CAP });
  const signal = interruptSignal();
  const result = await pretrain(folder, config, { signal, onStart: watcher.started, onProgress: watcher.progressed });
  watcher.ended();
  if (!result.finished) throw new Interrupted('stopped while learning; start again with npm start');
  note(watcher.learningCurve());
  return result.report;
}

/** Plays the flights into a hub of its own over WebSockets, and takes them from it as a trainer would. */
async function stream(
  flights: Flight[],
  recordFolder: string,
): Promise<{ streamed: StreamReport; received: Flight[] }> {
  const { TelemetryHub, receiveFlights, streamFlights } = await import('../telemetry/index.ts');
  const hub = await TelemetryHub.start({ port: 0, recordFolder });
  heading(2, `Streaming ${flights.length} flights over WebSockets, into the hub at ${hub.url}`);
  const signal = interruptSignal();
  const progress = new Progress({
    label: 'streaming',
    total: flights.reduce((n, f) => n + samplesIn(f), 0),
    unit: 'messages',
  });
  try {
    const receiving = receiveFlights({ url: hub.url, signal });
    while (hub.counts.subscribers === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const streamed = await streamFlights(flights, {
      url: hub.url,
      signal,
      onProgress: ({ name, acknowledged }) => progress.update(acknowledged, name),
    });
    const received = await receiving;
    signal.throwIfAborted();
    progress.end(
      `${streamed.sent} sent, ${streamed.acknowledged} acknowledged, ${received.received} received, ${received.gaps} missing`,
    );
    if (streamed.acknowledged < streamed.sent)
      throw new Error(`stream: expected ${streamed.sent} messages acknowledged, got ${streamed.acknowledged}`);
    return { streamed, received: received.flights };
  } finally {
    await hub.close();
  }
}

function samplesIn({ topics }: Flight): number {
  return Object.values(topics).reduce((sum, series) => sum + series.time.length, 0);
}

async function tune(policy: string, flights: Flight[], out: string, seed: number): Promise<FinetuneReport> {
  heading(3, 'Fine-tuning on what arrived, with elastic weight consolidation (EWC)');
  const { finetune } = await import('../transfer/finetune.ts');
  const watcher = new TuningWatcher();
  const signal = interruptSignal();
  const report = await finetune({
    policy,
    flights,
    out,
    seed,
    keepFlights: true,
    ablateEwc: true,
    signal,
    onProgress: watcher.progressed,
  });
  watcher.end();
  for (const warning of report.warnings) note(`note  ${warning}`);
  heading(4, 'What came of it');
  return report;
}

/** One table for who sees all this for the first time. */
function summary(
  pretrained: PretrainReport,
  streamed: StreamReport,
  { real, source, flights, ablation, accepted, reason, policy }: FinetuneReport,
  own: boolean,
  seconds: number,
): string {
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const error = ({ actionMse }: { actionMse: number }) => actionMse.toFixed(5);
  const bare = ablation?.ewc0;
  const rows = [
    [
      `error on ${flights.test.length} flights it never saw`,
      error(real.before),
      error(real.after),
      bare ? error(bare.real.after) : '',
      error(real.scratch),
    ],
    ...source.map(({ task, before, after, scratch }, i) => [
      `success in simulated ${task}`,
      percent(before.successRate),
      percent(after.successRate),
      bare ? percent(bare.source[i].after.successRate) : '',
      scratch ? percent(scratch.successRate) : '',
    ]),
  ];
  const whose = own ? 'your flights' : 'flights of the simulated stand-in vehicle';
  return `${table(rows, ['', 'before', 'after', 'without EWC', 'from scratch'])}

The policy learnt ${pretrained.evaluation.task} in simulation (${pretrained.steps} steps, ${percent(pretrained.evaluation.successRate)} of ${pretrained.evaluation.episodes} fresh
randomised episodes), then was fine-tuned on ${flights.train.length + flights.validation.length} of ${streamed.flights.length} ${whose}.
The error is the mean square between the motor commands it gives and those logged (0 to 1), ${flights.test.length} flights held out;
each flight's own mean command scores ${error(real.flightMean)}.
EWC and rehearsing simulated states keep what simulation taught. Without EWC: the same run less that. From scratch:
the same network learnt from the flights alone, without simulation.

${prose(accepted ? `Accepted: ${reason}.` : `REFUSED: ${reason}. The result is the policy from simulation, unchanged.`)}
policy   ${relative('.', policy)}
took     ${seconds.toFixed(0)} s
`;
}

async function show(folder: string, { open, json }: Flags): Promise<void> {
  const { collectItems } = await import('./watch-items.ts');
  const { serveViewer } = await import('./watch-server.ts');
  heading(5, 'Watch: flights, episodes, and the policy before (ghost) and after (solid)');
  const runs = [join(folder, 'finetuned'), join(folder, 'simulation')];
  const server = await serveViewer({ items: () => collectItems(runs) });
  note(`viewer   ${server.url}   (Ctrl-C ends)`);
  if (open && !json) await openBrowser(server.url);
  const signal = interruptSignal();
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
}
