// How fast one thread runs a compiled loop: units a second, a line for each of five stretches.
// Run: node test/bench/one-thread.mjs hover|forest|train SECONDS
//
// In a process of its own without tsx, as users have it: tsx's loader detaches an ArrayBuffer, after which V8 looks
// at every access to a typed array whether that one's buffer is still there. Environments are then 15 to 25 % slower.
import { defaultConfig } from '../../dist/src/learn/config.js';
import { conditionOf, envOptions } from '../../dist/src/learn/setup.js';
import { VectorEnv } from '../../dist/envs/vector-env.js';

const STRETCHES = 5;

async function givenConfig(task) {
  const base = defaultConfig(task, false);
  const config = { ...base, learn: { ...base.learn, envs: 256, horizon: 64, minibatch: 1024 } };
  return { learn: config.learn, env: new VectorEnv(envOptions(config, await conditionOf(config))) };
}

/** Environment steps: physics, observation, reward and autoreset, small random actions. */
async function steps(task) {
  const { env } = await givenConfig(task);
  const actions = Float32Array.from({ length: 4 * env.n }, (_, i) => 0.1 * Math.sin(i));
  return () => {
    env.step(actions);
    return env.n;
  };
}

/** Samples of a training step through actor and critic of nominal hover, one after the other. */
async function train() {
  const { LearningMemory, sharedMemory } = await import('../../dist/src/learn/learning-memory.js');
  const { updateActor, updateCritic } = await import('../../dist/src/learn/kernel-updates.js');
  const { sharedKernelBytes } = await import('../../dist/src/backend/kernels.js');
  const { learn, env } = await givenConfig('hover');
  const rollout = { T: learn.horizon, N: env.n, O: env.obsSize, P: env.privilegedSize, A: env.actionSize };
  const layout = { rollout, hidden: learn.hidden };
  const memory = new LearningMemory(layout, sharedMemory(layout), sharedKernelBytes());
  return () => {
    updateActor(memory, learn, 1e-3);
    updateCritic(memory, learn, 1e-3);
    return rollout.T * rollout.N * learn.epochs;
  };
}

/** Works for so many milliseconds; returns units a second. */
function stretch(work, milliseconds) {
  const start = performance.now();
  let done = 0;
  do done += work();
  while (performance.now() - start < milliseconds);
  return (1000 * done) / (performance.now() - start);
}

const [what, seconds] = process.argv.slice(2);
const work = what === 'train' ? await train() : await steps(what);
stretch(work, 500 * Number(seconds)); // until it is compiled
for (let k = 0; k < STRETCHES; k++) console.log(stretch(work, (1000 * Number(seconds)) / STRETCHES));
