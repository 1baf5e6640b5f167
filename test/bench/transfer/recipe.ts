import type { FlightSamples } from '../../../src/transfer/samples.ts';
import { compiled } from '../figures.ts';

const INPUTS = 14;
const SIZES = [INPUTS, 64, 64, 4];
const EPOCHS = 10;
const BATCH = 256;
const RATE = 1e-3;

/**
 * Action error of NanoBench's published imitation recipe: a network from 14 numbers of the state (position, quaternion,
 * velocity, rates, battery) to the motor commands, here with 64 × 64 units and inputs and targets standardised.
 */
export async function recipeError(train: FlightSamples[], test: FlightSamples[], seed: number): Promise<number> {
  const { createMlp, mlpWeights, mlpFromWeights } =
    await compiled<typeof import('../../../policies/mlp.ts')>('policies/mlp.js');
  const { Rng } = await compiled<typeof import('../../../envs/rng.ts')>('envs/rng.js');
  const { MlpInference } = await compiled<typeof import('../../../policies/inference.ts')>('policies/inference.js');
  const { ScaledAdam } =
    await compiled<typeof import('../../../src/transfer/scaled-adam.ts')>('src/transfer/scaled-adam.js');
  const { openCloneNetwork } =
    await compiled<typeof import('../../../src/transfer/open-network.ts')>('src/transfer/open-network.js');
  const { Minibatches } =
    await compiled<typeof import('../../../src/transfer/minibatches.ts')>('src/transfer/minibatches.js');
  const rng = new Rng(seed);
  const learnt = await rowsOf(train);
  const [inputs, targets] = [standard(learnt.x, INPUTS), standard(learnt.y, 4)];
  const data = { obs: inputs.apply(learnt.x), actions: targets.apply(learnt.y), n: learnt.n };
  const weights = mlpWeights(createMlp(SIZES, rng));
  const network = openCloneNetwork(SIZES, [0.5, 0.5, 0.5, 0.5]);
  const movements = weights.map(({ length }) => ({ scales: new Float32Array(length).fill(1), rate: 1, decays: false }));
  const adam = new ScaledAdam(movements);
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (const batches of new Minibatches(data, null, 0, rng).ofEpoch(data.n, BATCH)) {
      const { gradients } = await network.gradients(
        weights,
        batches.map((batch) => ({ ...batch, masks: null })),
      );
      adam.step(weights, gradients, RATE * (1 - (0.9 * epoch) / EPOCHS), 0);
    }
  const judged = await rowsOf(test);
  const said = new Float32Array(4 * judged.n);
  new MlpInference(mlpFromWeights(SIZES, weights), judged.n).run(inputs.apply(judged.x), judged.n, said);
  return targets.undo(said).reduce((sum, command, k) => sum + (command - judged.y[k]) ** 2, 0) / said.length;
}

async function rowsOf(flights: FlightSamples[]): Promise<{ x: Float32Array; y: Float32Array; n: number }> {
  const { eachAirborne } = await compiled<typeof import('../../../src/transfer/errors.ts')>('src/transfer/errors.js');
  const [x, y]: number[][] = [[], []];
  eachAirborne(flights, ({ position, quaternion, velocity, rates, voltage, commands }, t) => {
    for (const column of [...position, ...quaternion, ...velocity, ...rates, voltage]) x.push(column[t]);
    for (const motor of commands) y.push(motor[t]);
  });
  return { x: Float32Array.from(x), y: Float32Array.from(y), n: y.length / 4 };
}

/** To zero mean and unit spread, column by column of `[n, width]`. */
function standard(rows: Float32Array, width: number) {
  const n = rows.length / width;
  const column = (k: number) => Float64Array.from({ length: n }, (_, i) => rows[i * width + k]);
  const mean = Array.from({ length: width }, (_, k) => column(k).reduce((sum, x) => sum + x, 0) / n);
  const std = mean.map((m, k) => Math.sqrt(column(k).reduce((sum, x) => sum + (x - m) ** 2, 0) / n) || 1);
  return {
    apply: (other: Float32Array) => other.map((x, at) => (x - mean[at % width]) / std[at % width]),
    undo: (other: Float32Array) => other.map((x, at) => x * std[at % width] + mean[at % width]),
  };
}
