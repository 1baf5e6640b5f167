import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import { chainPicture } from './chain-picture.ts';
import { interruptSignal } from './interrupt.ts';
import { finetuneOnPolicy } from './finetune-on-policy.ts';
import { finetuneSummary, shiftText } from './finetune-summary.ts';
import { COLUMNS_OPTION, number, oneOf, wholeNumber } from './options.ts';
import { note, Progress, printJson } from './output.ts';
import { sweepPicture } from './sweep-picture.ts';

type EwcMode = import('../transfer/settings.ts').EwcMode;

interface Flags {
  objective: 'bc' | 'dagger' | 'ppo';
  task?: string;
  path?: string[];
  steps?: number;
  randomise?: boolean;
  from?: string;
  idle: number;
  token?: string;
  logs?: string[];
  test?: string[];
  columns?: string;
  vehicle?: string;
  method?: string;
  layerDecay?: number;
  ewc?: number;
  ewcMode?: EwcMode;
  l2sp?: number;
  rehearsal?: number;
  jitter?: number;
  trims?: number;
  dropout?: number;
  weightDecay?: number;
  augment?: boolean;
  epochs?: number;
  lr?: number;
  seed?: number;
  ablate?: string;
  force?: boolean;
  episodes?: number;
  workers?: number;
  backend?: string;
  out?: string;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('<policy>', 'artifact folder, run, or a name from the zoo')
    .option(
      '--objective <name>',
      'bc: clone real flights; or learn in the simulator of the vehicle that identify found, by dagger: from an expert, or by ppo: from the reward',
      oneOf('--objective', ['bc', 'dagger', 'ppo']),
      'bc',
    )
    .option('--logs <file...>', 'flight logs to learn from')
    .option('--from <url>', 'or a hub to receive flights from, ws://…; each streamed log is one flight')
    .option('--idle <s>', 'with --from: end after so many seconds without data', number('--idle', { min: 0.1 }), 60)
    .option('--token <token>', 'with --from: what the hub asks for')
    .option('--test <file...>', 'logs to hold out for the report (default: a quarter of the flights)')
    .option(...COLUMNS_OPTION)
    .option('--vehicle <vehicle>', 'vehicle or vehicle file (default: the one the policy was trained for)')
    .option(
      '--method <method>',
      'full, head (new output layer alone), freeze:K (all but the first K layers), or sweep: every K (default: full)',
    )
    .option(
      '--layer-decay <d>',
      'learning rate of each layer over that of the one above (default: 1)',
      number('--layer-decay', { min: 0.01, max: 1 }),
    )
    .option(
      '--ewc <lambda>',
      'how much the earlier tasks weigh; 0 forgets freely (default: searched for on validation flights)',
      number('--ewc', { min: 0 }),
    )
    .option(
      '--ewc-mode <mode>',
      'separate: a penalty for each earlier task, or online: one for all (default: online)',
      oneOf('--ewc-mode', ['separate', 'online']),
    )
    .option('--l2sp <lambda>', 'plain pull to the source weights, EWC’s baseline', number('--l2sp', { min: 0 }))
    .option(
      '--rehearsal <r>',
      'simulated states of each earlier task in each batch, per logged sample (default: 1; with up to four flights 4)',
      number('--rehearsal', { min: 0, max: 16 }),
    )
    .option(
      '--jitter <c>',
      'noise on each observed field, in spreads of the field over the root of the number of flights; such as 1.6; 0 is none (default: see --trims)',
      number('--jitter', { min: 0, max: 100 }),
    )
    .option(
      '--trims <t>',
      'flights from which each one’s own trim is learnt by half, less from fewer; such as 12; 0 is all of it (default: with --jitter 1.6 and --trims 12 or without, by validation flights; with too few for these, with)',
      number('--trims', { min: 0, max: 10_000 }),
    )
    .option('--dropout <p>', 'share of hidden units left out while learning', number('--dropout', { min: 0, max: 0.9 }))
    .option('--weight-decay <w>', 'shrinks the kernels while learning', number('--weight-decay', { min: 0, max: 100 }))
    .option('--augment', 'also learn from the flights disturbed by what sets real flights apart')
    .option('--task <task>', 'with dagger or ppo: the task to learn (default: the policy’s own)')
    .option('--path <log...>', 'with dagger or ppo and track: follow the setpoints of these flight logs')
    .option(
      '--steps <n>',
      'with dagger or ppo: environment steps (default: 400000 or 1800000)',
      wholeNumber('--steps', { min: 1 }),
    )
    .option('--no-randomise', 'with dagger or ppo: the vehicle as its file says alone, not airframes on the way to it')
    .option('--epochs <n>', 'passes over the flights', wholeNumber('--epochs', { min: 1, max: 10_000 }))
    .option('--lr <rate>', 'learning rate of Adam', number('--lr', { min: 1e-8, max: 1 }))
    .option('--seed <n>', 'of split and learning', wholeNumber('--seed', { min: 0, max: 4294967295 }))
    .option('--ablate <what>', 'ewc: also run without EWC, and show both')
    .option('--force', 'keep the new policy even if it is worse')
    .option(
      '--episodes <n>',
      'simulated episodes before and after',
      wholeNumber('--episodes', { min: 1, max: 1_000_000 }),
    )
    .option(
      '--workers <n>',
      'threads that fly them; the result does not depend on it',
      wholeNumber('--workers', { min: 1, max: 64 }),
    )
    .option('--backend <name>', 'auto, cuda, webgpu, native, wasm or cpu (default: auto)')
    .option('--out <dir>', 'folder for the run (default: runs/finetune-POLICY-sSEED)')
    .option('--json', 'print one JSON object on stdout; progress goes to stderr')
    .action(run);
}

type Report = import('../transfer/report.ts').FinetuneReport;
type Flight = import('../telemetry/flight.ts').Flight;

async function run(policy: string, flags: Flags): Promise<void> {
  if (flags.objective !== 'bc') return finetuneOnPolicy(policy, { ...flags, objective: flags.objective });
  if (Boolean(flags.from) === Boolean(flags.logs))
    throw new InputError('finetune: expected either --logs FILE… or --from ws://…');
  if (flags.ablate !== undefined && flags.ablate !== 'ewc')
    throw new InputError(`--ablate: expected ewc, got ${flags.ablate}`);
  const { finetune } = await import('../transfer/finetune.ts');
  const { checkOut } = await import('../transfer/whole-run.ts');
  const { policyName, readPolicy } = await import('../policy-folder.ts');
  const { freeRunFolder } = await import('../learn/run-folder.ts');
  const { contract } = readPolicy(policy); // before waiting for flights
  const out = flags.out ?? freeRunFolder(`finetune-${policyName(policy, contract)}-s${flags.seed ?? 0}`);
  checkOut(out);
  const test = flags.test && (await readAll(flags.test, flags));
  const flights = flags.logs ? await readAll(flags.logs, flags) : await receive(flags);
  const watcher = new Watcher();
  const report = await finetune({
    policy,
    flights,
    test,
    out: resolve(out),
    keepFlights: flags.from !== undefined,
    vehicle: flags.vehicle,
    method: flags.method,
    layerDecay: flags.layerDecay,
    ewcLambda: flags.ewc,
    ewcMode: flags.ewcMode,
    l2spLambda: flags.l2sp,
    jitter: flags.jitter,
    trims: flags.trims,
    dropout: flags.dropout,
    weightDecay: flags.weightDecay,
    augment: flags.augment,
    rehearsal: flags.rehearsal,
    epochs: flags.epochs,
    learningRate: flags.lr,
    seed: flags.seed,
    ablateEwc: flags.ablate === 'ewc',
    force: flags.force,
    episodes: flags.episodes,
    workers: flags.workers,
    backend: flags.backend as 'auto' | undefined,
    signal: interruptSignal(),
    onProgress: watcher.progressed,
    onShift: (shift) => {
      watcher.end();
      note(shiftText(shift));
    },
  });
  watcher.end();
  drawPictures(report);
  for (const warning of report.warnings) note(`warning  ${warning}`);
  if (flags.json) printJson(report);
  else process.stdout.write(finetuneSummary(report));
  if (!report.accepted && !report.forced) process.exitCode = 1;
}

/** Beside the report: the stages in each task, and a sweep's curve. */
function drawPictures(report: Report): void {
  writeFileSync(join(report.run, 'chain.svg'), chainPicture(report.chain));
  if (report.sweep) writeFileSync(join(report.run, 'transferability.svg'), sweepPicture(report));
}

async function readAll(files: string[], { columns }: Flags): Promise<Flight[]> {
  const { readFlights } = await import('../telemetry/logs/index.ts');
  const flights: Flight[] = [];
  for (const file of files) flights.push(...(await readFlights(file, { columns })));
  return flights;
}

/** npx passes a Ctrl-C on that the terminal has sent already: the second must not end what the first let go on. */
const SAME_KEY_PRESS_MS = 500;

/** Waits for the streams to end; Ctrl-C ends the waiting, not the command. */
async function receive({ from, idle, token }: Flags): Promise<Flight[]> {
  const { receiveFlights } = await import('../telemetry/client/subscriber.ts');
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.on('SIGINT', stop);
  const progress = new Progress({ label: 'receiving', unit: 'messages' });
  note(`waiting for flights at ${from}; Ctrl-C goes on with those that came`);
  try {
    const received = await receiveFlights({
      url: from!,
      token,
      idleSeconds: idle,
      signal: controller.signal,
      onProgress: ({ name, flights, received }) => progress.update(received, `${flights} flights whole, now ${name}`),
    });
    progress.end(`${received.flights.length} flights, ${received.gaps} messages missing, ended by ${received.endedBy}`);
    for (const problem of received.problems) note(`warning  ${problem}`);
    return received.flights;
  } finally {
    if (controller.signal.aborted) await setTimeout(SAME_KEY_PRESS_MS);
    process.off('SIGINT', stop);
  }
}

type Progressed = NonNullable<import('../transfer/finetune.ts').FinetuneOptions['onProgress']>;

const PHASES = {
  calibrate: 'calibrating',
  search: 'choosing settings by short runs',
  tune: 'fine-tuning',
  scratch: 'from scratch, to compare',
  ablation: 'without EWC, to compare',
  source: 'flying in simulation',
};

/** One bar after the other on stderr. */
export class Watcher {
  private phase = '';
  private bar: Progress | undefined;

  readonly progressed: Progressed = ({ phase, done, total, text }) => {
    if (phase !== this.phase) {
      this.end();
      this.phase = phase;
      this.bar = new Progress({ label: PHASES[phase], total });
    }
    this.bar!.update(done, text);
  };

  end(): void {
    this.bar?.end();
    this.bar = undefined;
  }
}
