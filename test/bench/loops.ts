import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compiled, median } from './figures.ts';

type Env = typeof import('../../envs/vector-env.ts');
type Config = typeof import('../../src/learn/config.ts');
type Setup = typeof import('../../src/learn/setup.ts');

const STRETCHES = 5;

/**
 * Median over some stretches of how many units `work`, which says how many it did, does in a second.
 *
 * @param seconds all stretches together; warming up takes half of that before
 */
async function perSecond(work: () => number | Promise<number>, seconds: number): Promise<number> {
  for (const end = performance.now() + 500 * seconds; performance.now() < end; ) await work();
  const rates: number[] = [];
  for (let k = 0; k < STRETCHES; k++) {
    const start = performance.now();
    let done = 0;
    do done += await work();
    while (performance.now() - start < (1000 * seconds) / STRETCHES);
    rates.push((1000 * done) / (performance.now() - start));
  }
  return median(rates);
}

/** How many units a second `work` does: all calls together, and the median of single calls. */
interface Rates {
  overall: number;
  /** A call that waits for several threads lasts as long as the one that something else held up; half of them aren't. */
  undisturbed: number;
}

/** Measures for so many seconds, after as many of warming up. */
async function ratesOf(work: () => Promise<number>, seconds: number): Promise<Rates> {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) await work();
  const rates: number[] = [];
  const start = performance.now();
  let all = 0;
  for (let at = start; at < start + 1000 * seconds; ) {
    const done = await work();
    const now = performance.now();
    rates.push((1000 * done) / (now - at));
    all += done;
    at = now;
  }
  return { overall: (1000 * all) / (performance.now() - start), undisturbed: median(rates) };
}

async function given(task: string, randomise: boolean, learn: object = {}) {
  const { defaultConfig } = await compiled<Config>('src/learn/config.js');
  const { conditionOf, envOptions, fieldNormaliser } = await compiled<Setup>('src/learn/setup.js');
  const { VectorEnv } = await compiled<Env>('envs/vector-env.js');
  const base = defaultConfig(task, randomise);
  const config = {
    ...base,
    backend: 'wasm' as const,
    learn: { ...base.learn, envs: 256, horizon: 64, minibatch: 1024, ...learn },
  };
  const env = envOptions(config, await conditionOf(config));
  const probe = new VectorEnv({ ...env, n: 1 });
  const { horizon: T, envs: N } = config.learn;
  const shape = { T, N, O: probe.obsSize, P: probe.privilegedSize, A: probe.actionSize };
  return { config, env, shape, normaliser: fieldNormaliser(env.observation) };
}

/** Units a second of one of the loops in one-thread.mjs, median of its stretches. */
async function oneThread(what: string, seconds: number): Promise<number> {
  const script = fileURLToPath(new URL('./one-thread.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, what, String(seconds)]);
  return median(stdout.trim().split('\n').map(Number));
}

/** Environment steps a second on one core: physics, observation, reward and autoreset, small random actions. */
export function envSteps(task: 'hover' | 'forest', seconds: number): Promise<number> {
  return oneThread(task, seconds);
}

/** Samples a second of a training step through actor and critic, one after the other on one core. */
export function trainSamples(seconds: number): Promise<number> {
  return oneThread('train', seconds);
}

/** Environment steps a second of collecting and learning with two threads. */
export async function ppoSteps(seconds: number): Promise<number> {
  const { PpoTrainer } = await compiled<typeof import('../../src/learn/ppo-trainer.ts')>('src/learn/ppo-trainer.js');
  const { Crew } = await compiled<typeof import('../../src/learn/crew.ts')>('src/learn/crew.js');
  const { config, env, shape, normaliser } = await given('hover', false);
  const crew = new Crew(2);
  const trainer = await PpoTrainer.open(config, env, shape, normaliser, crew);
  const rate = await perSecond(async () => {
    await trainer.iterate();
    return shape.T * shape.N;
  }, seconds);
  await crew.close();
  return rate;
}

/** How many times as many steps two threads collect as one: medians of so many rounds. */
export async function collectScaling(seconds: number, rounds: number): Promise<Rates> {
  const ratios: Rates[] = [];
  for (let k = 0; k < rounds; k++) {
    const one = await collected(1, seconds);
    const two = await collected(2, seconds);
    ratios.push({ overall: two.overall / one.overall, undisturbed: two.undisturbed / one.undisturbed });
  }
  const of = (rates: keyof Rates) => median(ratios.map((ratio) => ratio[rates]));
  return { overall: of('overall'), undisturbed: of('undisturbed') };
}

async function collected(threads: number, seconds: number): Promise<Rates> {
  const { Collector } = await compiled<typeof import('../../src/learn/collector.ts')>('src/learn/collector.js');
  const { Crew } = await compiled<typeof import('../../src/learn/crew.ts')>('src/learn/crew.js');
  const { Rollout, rolloutBytes } = await compiled<typeof import('../../src/learn/rollout.ts')>('src/learn/rollout.js');
  const networks = await compiled<typeof import('../../src/learn/networks.ts')>('src/learn/networks.js');
  const { Rng } = await compiled<typeof import('../../envs/rng.ts')>('envs/rng.js');
  const kernels = await compiled<typeof import('../../src/backend/kernels.ts')>('src/backend/kernels.js');
  const { config, env, shape, normaliser } = await given('hover', true);
  const { gamma, gaeLambda, hidden } = config.learn;
  const sizes = networks.networkSizes(shape, hidden);
  const buffer = new SharedArrayBuffer(rolloutBytes(shape));
  const rollout = new Rollout(shape, buffer);
  const crew = new Crew(threads);
  const collector = await Collector.open(
    {
      env,
      normaliser,
      gamma,
      gaeLambda,
      actorSizes: sizes.actor,
      criticSizes: sizes.critic,
      kernelBytes: kernels.kernelBytes(),
    },
    crew,
    { rollout, buffer, offset: 0 },
  );
  const flown = networks.newNetworks(shape, hidden, 0.5, new Rng(1));
  const rates = await ratesOf(async () => {
    await collector.collect(flown);
    return shape.T * shape.N;
  }, seconds);
  await crew.close();
  return rates;
}
