import type { Contract } from '../../../policies/contract.ts';
import type { Mlp } from '../../../policies/mlp.ts';
import type { Policy } from '../../../policies/policy.ts';
import { BLOCK, padded } from '../budget.ts';
import { float, floats } from './literals.ts';

/** Weights and normaliser as C arrays. */
export function constants({ contract, actor }: Policy): string {
  const { mean, std } = contract.observation.normaliser;
  const weights = actor.kernels.flatMap((_, l) => layerInBlocks(actor, l));
  return `static const float WINDHOVER_MEAN[${mean.length}] = {
${floats(mean)}
};
static const float WINDHOVER_PER_STD[${std.length}] = { /* 1 / standard deviation */
${floats(std.map((each) => 1 / each))}
};
/* Layer after layer, four outputs at a time: their biases, then for each input the four weights. In the order of use. */
static const float WINDHOVER_WEIGHTS[${weights.length}] = {
${floats(weights)}
};
`;
}

/** Biases and weights of one layer in the order in which `windhover_dense` reads them; outputs that fill up are 0. */
function layerInBlocks({ sizes, kernels, biases }: Mlp, l: number): number[] {
  const [inputs, outputs] = [sizes[l], sizes[l + 1]];
  const numbers: number[] = [];
  for (let j = 0; j < padded(outputs); j += BLOCK) {
    for (let b = j; b < j + BLOCK; b++) numbers.push(b < outputs ? biases[l][b] : 0);
    for (let i = 0; i < inputs; i++)
      for (let b = j; b < j + BLOCK; b++) numbers.push(b < outputs ? kernels[l][i * outputs + b] : 0);
  }
  return numbers;
}

/** `windhover_normalise`, `windhover_dense` and `windhover_squash` in C. */
export function networkCode({ observation, network }: Contract): string {
  const { size, normaliser } = observation;
  const clip = float(normaliser.clip);
  const hidden = network.sizes.length > 2;
  return `
static void windhover_normalise(float *obs) {
  int k;
  for (k = 0; k < ${size}; k++) {
    const float x = (obs[k] - WINDHOVER_MEAN[k]) * WINDHOVER_PER_STD[k];
    obs[k] = x < -${clip} ? -${clip} : x > ${clip} ? ${clip} : x;
  }
}

/* out = x W + b for a multiple of four outputs; returns where the next layer's weights begin */
static const float *windhover_dense(const float *weights, const float *x, int inputs, float *out, int outputs) {
  int j, k;
  for (j = 0; j < outputs; j += 4) {
    float a = weights[0], b = weights[1], c = weights[2], d = weights[3];
    weights += 4;
    for (k = 0; k < inputs; k++, weights += 4) {
      a += x[k] * weights[0];
      b += x[k] * weights[1];
      c += x[k] * weights[2];
      d += x[k] * weights[3];
    }
    out[j] = a;
    out[j + 1] = b;
    out[j + 2] = c;
    out[j + 3] = d;
  }
  return weights;
}
${
  hidden
    ? `
static void windhover_squash(float *x, int n) {
  int k;
  for (k = 0; k < n; k++) x[k] = windhover_tanh(x[k]);
}
`
    : ''
}`;
}

/**
 * Statements of a step that lead from the normalised observation in `state->work[0]` to the action.
 *
 * @returns the code, and the row of `work` that the action ends in
 */
export function networkSteps({ network: { sizes } }: Contract): { code: string; row: number } {
  const layers = sizes.length - 1;
  let code = '';
  for (let l = 0; l < layers; l++) {
    const [from, to] = [l % 2, (l + 1) % 2];
    const next = l + 1 < layers ? 'weights = ' : '';
    code += `  ${next}windhover_dense(weights, state->work[${from}], ${sizes[l]}, state->work[${to}], ${padded(sizes[l + 1])});\n`;
    if (l + 1 < layers) code += `  windhover_squash(state->work[${to}], ${sizes[l + 1]});\n`;
  }
  return { code, row: layers % 2 };
}
