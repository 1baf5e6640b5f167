import * as tf from '@tensorflow/tfjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { Adam } from '../../policies/adam.ts';
import { diagonalFisher } from '../../policies/fisher.ts';
import { createMlp, mlpWeights } from '../../policies/mlp.ts';
import { activateBackend } from '../../src/backend/index.ts';
import { anchorTensors, ewcPenalty, ewcPenaltyOf } from '../../src/transfer/ewc.ts';
import { near } from '../given.ts';

test.before(() => activateBackend('cpu'));

const shapes = [[2, 2], [2]];
const anchor = {
  weights: [Float32Array.of(1, -1, 0.5, 2), Float32Array.of(0, 3)],
  fisher: [Float32Array.of(4, 0, 1, 9), Float32Array.of(2, 0.5)],
};

function givenWeights(): Float32Array[] {
  return [Float32Array.of(1.5, 4, 0.5, 1), Float32Array.of(-1, 2)];
}

test('the penalty is half lambda times the Fisher-weighted squared distance', () => {
  // 4·0.5² + 0·5² + 1·0² + 9·1² + 2·1² + 0.5·1² = 12.5
  const expected = 0.5 * 3 * 12.5;
  near(ewcPenaltyOf(givenWeights(), anchor, 3), expected, 1e-6);
  const tensors = givenWeights().map((array, i) => tf.tensor(array, shapes[i]));
  near(ewcPenalty(tensors, anchorTensors(anchor, shapes), 3).dataSync()[0], expected, 1e-5);
});

test('its gradient is that of finite differences, and not zero', () => {
  const variables = givenWeights().map((array, i) => tf.variable(tf.tensor(array, shapes[i])));
  const tensors = anchorTensors(anchor, shapes);
  const { grads } = tf.variableGrads(() => ewcPenalty(variables, tensors, 3), variables);
  const h = 1e-3;
  variables.forEach((variable, w) => {
    const gradient = grads[variable.name].dataSync();
    assert.ok(gradient.some((x) => Math.abs(x) > 1));
    gradient.forEach((actual, k) => {
      const [up, down] = [h, -h].map((step) => {
        const moved = givenWeights();
        moved[w][k] += step;
        return ewcPenaltyOf(moved, anchor, 3);
      });
      near(actual, (up - down) / (2 * h), 0.02, `gradient of weight ${w}, ${k}`);
    });
  });
});

test('at the anchor itself it costs nothing and pulls nowhere', () => {
  const variables = anchor.weights.map((array, i) => tf.variable(tf.tensor(array.slice(), shapes[i])));
  const { value, grads } = tf.variableGrads(() => ewcPenalty(variables, anchorTensors(anchor, shapes), 3), variables);
  assert.is(value.dataSync()[0], 0);
  for (const grad of Object.values(grads)) assert.ok(grad.dataSync().every((x) => x === 0));
});

/**
 * One weight, one input: y = k·x with Gaussian noise σ. The source task saw x with mean square m_s and found k_s, the
 * flights see mean square m_f and want k_f. Bayes' rule for Gaussians adds precisions: the posterior mean is
 * (m_f·k_f + λ·m_s·k_s) / (m_f + λ·m_s), as long as the Fisher information is the source's precision m_s/σ².
 */
test('learns the posterior mean of a linear-Gaussian model', () => {
  const sigma = 0.3;
  const source = createMlp([1, 1], new Rng(1));
  source.kernels[0][0] = 2;
  const n = 64;
  const rng = new Rng(2);
  const sourceObs = Float32Array.from({ length: n }, () => 1.5 * rng.normal());
  const flightObs = Float32Array.from({ length: n }, () => rng.normal());
  const [fisher] = diagonalFisher(source, [sigma], sourceObs, n);
  const square = (xs: Float32Array) => xs.reduce((sum, x) => sum + x * x, 0) / xs.length;
  near(fisher[0], square(sourceObs) / sigma ** 2, 1e-3 * fisher[0], 'Fisher');
  const [kf, ks, lambda] = [-1, 2, 0.7];
  const kernel = tf.variable(tf.tensor([2], [1, 1]));
  const tensors = anchorTensors({ weights: [mlpWeights(source)[0]], fisher: [fisher] }, [[1, 1]]);
  const adam = new Adam([kernel]);
  const x = tf.tensor2d(flightObs, [n, 1]);
  for (let k = 0; k < 3000; k++) {
    const { grads, value } = tf.variableGrads(() => {
      const nll = tf
        .matMul(x, kernel as unknown as tf.Tensor2D)
        .sub(x.mul(kf))
        .square()
        .mean()
        .div(2 * sigma ** 2);
      return nll.add(ewcPenalty([kernel], tensors, lambda)) as tf.Scalar;
    }, [kernel]);
    adam.step([grads[kernel.name]], 0.02 * (1 - k / 3000));
    tf.dispose([value, ...Object.values(grads)]);
  }
  const [mf, ms] = [square(flightObs), lambda * square(sourceObs)];
  near(kernel.dataSync()[0], (mf * kf + ms * ks) / (mf + ms), 1e-3, 'posterior mean');
});

test.run();
