// How fast it learns: npm run bench, with --json and --only NAME.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { atLeast, atMost, type Figure, median, pretrain, type Run } from './figures.ts';
import { collectScaling, envSteps, ppoSteps, trainSamples } from './loops.ts';

const HOVER = ['--task', 'hover', '--vehicle', 'crazyflie', '--until', '0.95'];
const WAYPOINT = ['--task', 'waypoint', '--vehicle', 'crazyflie', '--until', '0.9'];
/** Seeds that no setting was chosen by. */
const FIRST_SEED = 1001;
const runs = new Map<string, Promise<Run[]>>();

/** Pre-trains with several seeds, one after another; figures that need the same runs share them. */
function seeds(count: number, flags: string[]): Promise<Run[]> {
  const key = flags.join(' ');
  const all = async () => {
    const done: Run[] = [];
    for (let k = 0; k < count; k++) done.push(await pretrain(FIRST_SEED + k, flags));
    return done;
  };
  if (!runs.has(key)) runs.set(key, all());
  return runs.get(key)!;
}

const seconds = (of: Run[]) => median(of.map((run) => run.seconds));
const worst = (of: Run[]) => Math.min(...of.map((run) => run.success));
const nominal = (flags: string[]) => [...flags, '--no-randomise'];

const FIGURES: Record<string, () => Promise<Figure>> = {
  async hover_seconds() {
    const of = await seeds(5, nominal(HOVER));
    return atMost('hover_seconds', seconds(of), 5, 's', of);
  },
  async hover_randomised_seconds() {
    const of = await seeds(10, HOVER);
    return atMost('hover_randomised_seconds', seconds(of), 20, 's', of);
  },
  async hover_randomised_worst() {
    const of = await seeds(10, HOVER);
    return atLeast(
      'hover_randomised_worst',
      worst(of),
      0.93,
      'success',
      of.map((run) => run.success),
    );
  },
  async waypoint_seconds() {
    const of = await seeds(3, nominal(WAYPOINT));
    return atMost('waypoint_seconds', seconds(of), 15, 's', of);
  },
  async waypoint_randomised_worst() {
    const of = await seeds(3, WAYPOINT);
    const inTime = of.every((run) => run.seconds <= 60);
    const figure = atLeast('waypoint_randomised_worst', worst(of), 0.9, 'success', of);
    return { ...figure, met: figure.met && inTime, reach: `${figure.reach} in 60 s each` };
  },
  env_steps_hover: async () =>
    atLeast('env_steps_hover', await envSteps('hover'), 500_000, 'steps/s', 'nominal, 256 environments'),
  env_steps_forest: async () =>
    atLeast('env_steps_forest', await envSteps('forest'), 30_000, 'steps/s', 'nominal, 256 environments'),
  ppo_steps: async () =>
    atLeast('ppo_steps', await ppoSteps(), 150_000, 'steps/s', 'nominal hover, default observation, 64×64, 4 epochs'),
  train_samples: async () =>
    atLeast('train_samples', await trainSamples(), 400_000, 'samples/s', 'actor and critic of nominal hover'),
  async peak_memory_mb() {
    const of = await seeds(5, nominal(HOVER));
    return atMost(
      'peak_memory_mb',
      Math.max(...of.map((run) => run.peakMb)),
      800,
      'MB',
      'of the runs of hover_seconds',
    );
  },
  collect_scaling: async () =>
    atLeast('collect_scaling', await collectScaling(), 1.8, 'times', 'randomised hover, one thread to two'),
};

const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });
if (values.only !== undefined && !(values.only in FIGURES)) {
  console.error(`--only: expected one of ${Object.keys(FIGURES).join(', ')}, got ${values.only}`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const name of values.only === undefined ? Object.keys(FIGURES) : [values.only]) {
  const figure = await FIGURES[name]();
  figures.push(figure);
  const line = `${name.padEnd(26)} ${figure.value.toPrecision(4).padStart(10)} ${figure.unit.padEnd(10)} ${figure.reach.padEnd(22)} ${figure.met ? 'met' : 'MISSED'}`;
  (values.json ? console.error : console.log)(line);
}
const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: process.platform };
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const versions = { node: process.versions.node, windhover: version };
if (values.json) console.log(JSON.stringify({ machine, backend: 'wasm', versions, figures }));
