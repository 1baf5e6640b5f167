// How fast it learns: npm run bench, with --only NAME, --json, --keep (appends to history.jsonl) and --smoke (that it runs).
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { atLeast, atMost, type Figure, median, pretrain, type Run } from './figures.ts';
import { type Bench, HISTORY, keep } from './history.ts';
import { collectScaling, envSteps, ppoSteps, trainSamples } from './loops.ts';

const HOVER = ['--task', 'hover', '--vehicle', 'crazyflie', '--until', '0.95'];
const WAYPOINT = ['--task', 'waypoint', '--vehicle', 'crazyflie', '--until', '0.9'];
const FOREST = ['--task', 'forest', '--vehicle', 'crazyflie', '--until', '0.8'];
/** Seeds that no setting was chosen by. */
const FIRST_SEED = 1001;

/** Sizes of what is measured; with `--smoke` as small as each can be, which says nothing but that it works. */
const SIZES = {
  whole: { seeds: (count: number) => count, flags: [] as string[], seconds: 2, rounds: 3 },
  smoke: { seeds: () => 1, flags: ['--steps', '1'], seconds: 0.02, rounds: 1 },
};

const flags = readFlags();
const size = flags.smoke ? SIZES.smoke : SIZES.whole;
const runs = new Map<string, Promise<Run[]>>();

/** Pre-trains with several seeds, one after another; figures that need the same runs share them. */
function seeds(count: number, settings: string[]): Promise<Run[]> {
  const key = settings.join(' ');
  const all = async () => {
    const done: Run[] = [];
    for (let k = 0; k < size.seeds(count); k++) done.push(await pretrain(FIRST_SEED + k, [...settings, ...size.flags]));
    return done;
  };
  if (!runs.has(key)) runs.set(key, all());
  return runs.get(key)!;
}

const seconds = (of: Run[]) => median(of.map((run) => run.seconds));
const worst = (of: Run[]) => Math.min(...of.map((run) => run.success));
const successes = (of: Run[]) => of.map((run) => run.success);
const nominal = (settings: string[]) => [...settings, '--no-randomise'];
/** The same by PPO, which learns from the reward alone, where the default learns from an expert. */
async function byPpo(count: number, settings: string[]) {
  const of = await seeds(count, [...settings, '--algorithm', 'ppo']);
  return { seconds: seconds(of), worst: worst(of), runs: of };
}
const STILL = 'nominal, 256 environments';

const FIGURES: Record<string, () => Promise<Figure>> = {
  async hover_seconds() {
    const of = await seeds(5, nominal(HOVER));
    return atMost('hover_seconds', seconds(of), 5, 's', { runs: of, ppo: await byPpo(5, nominal(HOVER)) });
  },
  async hover_randomised_seconds() {
    const of = await seeds(10, HOVER);
    return atMost('hover_randomised_seconds', seconds(of), 20, 's', { runs: of, ppo: await byPpo(5, HOVER) });
  },
  async hover_randomised_worst() {
    const of = await seeds(10, HOVER);
    return atLeast('hover_randomised_worst', worst(of), 0.93, 'success', successes(of));
  },
  async waypoint_seconds() {
    const of = await seeds(3, nominal(WAYPOINT));
    return atMost('waypoint_seconds', seconds(of), 15, 's', { runs: of, ppo: await byPpo(3, nominal(WAYPOINT)) });
  },
  async waypoint_randomised_worst() {
    const of = await seeds(3, WAYPOINT);
    const inTime = of.every((run) => run.seconds <= 60);
    const figure = atLeast('waypoint_randomised_worst', worst(of), 0.9, 'success', of);
    return { ...figure, met: figure.met && inTime, reach: `${figure.reach} in 60 s each` };
  },
  async forest_seconds() {
    const of = await seeds(3, FOREST);
    const figure = atMost('forest_seconds', Math.max(...of.map((run) => run.seconds)), 300, 's', {
      runs: of,
      ppo: await byPpo(1, FOREST),
    });
    return { ...figure, met: figure.met && worst(of) >= 0.8, reach: `${figure.reach}, each at 0.8` };
  },
  env_steps_hover: async () =>
    atLeast('env_steps_hover', await envSteps('hover', size.seconds), 500_000, 'steps/s', STILL),
  env_steps_forest: async () =>
    atLeast('env_steps_forest', await envSteps('forest', size.seconds), 30_000, 'steps/s', STILL),
  async ppo_steps() {
    const beside = 'nominal hover, default observation, 64×64, 4 epochs';
    return atLeast('ppo_steps', await ppoSteps(size.seconds), 150_000, 'steps/s', beside);
  },
  async train_samples() {
    const beside = 'actor and critic of nominal hover';
    return atLeast('train_samples', await trainSamples(size.seconds), 400_000, 'samples/s', beside);
  },
  async peak_memory_mb() {
    const of = await seeds(5, nominal(HOVER));
    const most = Math.max(...of.map((run) => run.peakMb));
    return atMost('peak_memory_mb', most, 800, 'MB', 'of the runs of hover_seconds');
  },
  async collect_scaling() {
    const { overall, undisturbed } = await collectScaling(size.seconds, size.rounds);
    const beside = { of: 'randomised hover, one thread to two, all calls together', medianOfSingleCalls: undisturbed };
    return atLeast('collect_scaling', overall, 1.8, 'times', beside);
  },
};

function readFlags() {
  const boolean = { type: 'boolean' } as const;
  try {
    const options = { json: boolean, keep: boolean, smoke: boolean, only: { type: 'string' } } as const;
    const { values } = parseArgs({ options });
    if (values.keep && values.smoke) throw new Error('--keep: expected without --smoke, which measures nothing');
    return values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

/** The backends that pre-training chose; figures without a run are of our kernels on wasm. */
async function backendOf(): Promise<string> {
  const of = (await Promise.all(runs.values())).flat();
  return of.length > 0 ? [...new Set(of.map(({ backend }) => backend))].join(', ') : 'wasm';
}

if (flags.only !== undefined && !Object.hasOwn(FIGURES, flags.only))
  refuse(`--only: expected one of ${Object.keys(FIGURES).join(', ')}, got ${flags.only}`);
const figures: Figure[] = [];
for (const name of flags.only === undefined ? Object.keys(FIGURES) : [flags.only]) {
  const figure = await FIGURES[name]();
  figures.push(figure);
  const line = `${name.padEnd(26)} ${figure.value.toPrecision(4).padStart(10)} ${figure.unit.padEnd(10)} ${figure.reach.padEnd(22)} ${figure.met ? 'met' : 'MISSED'}`;
  (flags.json ? console.error : console.log)(line);
}
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const bench: Bench = {
  machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: process.platform },
  backend: await backendOf(),
  versions: { node: process.versions.node, windhover: version },
  figures,
};
if (flags.json) console.log(JSON.stringify(bench));
if (flags.keep) {
  keep(bench);
  console.error(`kept in ${HISTORY}`);
}
