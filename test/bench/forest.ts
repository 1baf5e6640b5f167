/**
 * Environment steps a second on one core among pillars, observation, reward and autoreset included:
 * `node --import tsx test/bench/forest.ts [task] [envs]`.
 */
import { DEFAULT_RANDOMISATION } from '../../envs/randomisation.ts';
import { Rng } from '../../envs/rng.ts';
import { defaultConfig } from '../../src/learn/config.ts';
import { conditionOf, envOptions } from '../../src/learn/setup.ts';
import { VectorEnv } from '../../envs/vector-env.ts';

const [task = 'forest', envs = '256'] = process.argv.slice(2);
const n = Number(envs);
const config = defaultConfig(task);
const options = envOptions(config, await conditionOf(config));
const env = new VectorEnv({ ...options, n, randomisation: DEFAULT_RANDOMISATION });
const rng = new Rng(1);
const actions = new Float32Array(n * 4);
const steps = Math.round(100_000 / n);
const rates: number[] = [];
for (let round = 0; round < 7; round++) {
  const begun = performance.now();
  for (let t = 0; t < steps; t++) {
    for (let k = 0; k < actions.length; k++) actions[k] = rng.uniform(-0.1, 0.1);
    env.step(actions);
  }
  rates.push((steps * n) / ((performance.now() - begun) / 1000));
}
rates.sort((a, b) => a - b);
console.log(`${task}: ${Math.round(rates[3])} environment steps/s, median of 7 (${rates.map(Math.round).join(', ')})`);
