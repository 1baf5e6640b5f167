import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { diagonalFisher } from '../../policies/fisher.ts';
import { createMlp, mlpWeights } from '../../policies/mlp.ts';
import { type Anchor, addEwcGradient, ewcPenaltyOf, startingPoint } from '../../policies/ewc.ts';
import { near } from '../given.ts';

const anchor = {
  weights: [Float32Array.of(1, -1, 0.5, 2), Float32Array.of(0, 3)],
  fisher: [Float32Array.of(4, 0, 1, 9), Float32Array.of(2, 0.5)],
};
const other = {
  weights: [Float32Array.of(2, 1, 0, 0), Float32Array.of(1, 1)],
  fisher: [Float32Array.of(1, 2, 0, 3), Float32Array.of(0, 4)],
};

function givenWeights(): Float32Array[] {
  return [Float32Array.of(1.5, 4, 0.5, 1), Float32Array.of(-1, 2)];
}

function gradientOf(weights: Float32Array[], anchors: Anchor[], lambda: number): Float32Array[] {
  const gradients = weights.map((array) => new Float32Array(array.length));
  addEwcGradient(weights, anchors, lambda, gradients);
  return gradients;
}

test('the penalty is half lambda times the Fisher-weighted squared distance', () => {
  // 4·0.5² + 0·5² + 1·0² + 9·1² + 2·1² + 0.5·1² = 12.5
  near(ewcPenaltyOf(givenWeights(), [anchor], 3), 0.5 * 3 * 12.5, 1e-6);
  near(ewcPenaltyOf(givenWeights(), [startingPoint(anchor.weights)], 2), 0.25 + 25 + 0 + 1 + 1 + 1, 1e-6, 'L2-SP');
});

test('its gradient is that of finite differences, for one task and for several, and not zero', () => {
  const h = 1e-3;
  for (const anchors of [[anchor], [anchor, other]])
    gradientOf(givenWeights(), anchors, 3).forEach((gradient, w) => {
      assert.ok(gradient.some((x) => Math.abs(x) > 1));
      gradient.forEach((actual, k) => {
        const [up, down] = [h, -h].map((step) => {
          const moved = givenWeights();
          moved[w][k] += step;
          return ewcPenaltyOf(moved, anchors, 3);
        });
        near(actual, (up - down) / (2 * h), 0.02, `gradient of weight ${w}, ${k}`);
      });
    });
});

test('at the anchor itself it costs nothing and pulls nowhere', () => {
  assert.is(ewcPenaltyOf(anchor.weights, [anchor], 3), 0);
  for (const gradient of gradientOf(anchor.weights, [anchor], 3)) assert.ok(gradient.every((x) => x === 0));
});

test('separate penalties rest where their precisions weigh the anchors', () => {
  // d/dθ of 4(θ−1)² + 1(θ−2)² is zero at (4·1 + 1·2)/5
  const [weight] = gradientOf([Float32Array.of(1.2, 0, 0, 0), Float32Array.of(0, 0)], [anchor, other], 1);
  near(weight[0], 0, 1e-6);
});

/**
 * One weight, one input: y = k·x with Gaussian noise σ. The source task saw x with mean square m_s and found k_s, the
 * flights see mean square m_f and want k_f. Bayes' rule for Gaussians adds precisions: the posterior mean is
 * (m_f·k_f + λ·m_s·k_s) / (m_f + λ·m_s), as long as the Fisher information is the source's precision m_s/σ².
 */
test('cloning and penalty are in the same units: they rest at the posterior mean of a linear-Gaussian model', () => {
  const sigma = 0.3;
  const source = createMlp([1, 1], new Rng(1));
  source.kernels[0][0] = 2;
  const n = 64;
  const rng = new Rng(2);
  const sourceObs = Float32Array.from({ length: n }, () => 1.5 * rng.normal());
  const flightObs = Float32Array.from({ length: n }, () => rng.normal());
  const fisher = diagonalFisher(source, [sigma], sourceObs, n);
  const square = (xs: Float32Array) => xs.reduce((sum, x) => sum + x * x, 0) / xs.length;
  near(fisher[0][0], square(sourceObs) / sigma ** 2, 1e-3 * fisher[0][0], 'Fisher');
  const [kf, ks, lambda] = [-1, 2, 0.7];
  const [mf, ms] = [square(flightObs), lambda * square(sourceObs)];
  const posterior = (mf * kf + ms * ks) / (mf + ms);
  const penalty = gradientOf(
    [Float32Array.of(posterior), Float32Array.of(0)],
    [{ weights: mlpWeights(source), fisher }],
    lambda,
  );
  const cloning = (mf * (posterior - kf)) / sigma ** 2; // d/dk of mean (k x − k_f x)² / 2σ²
  near(penalty[0][0] + cloning, 0, 1e-3 * Math.abs(cloning), 'gradient at the posterior mean');
});

test.run();
