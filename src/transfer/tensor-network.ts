import * as tf from '@tensorflow/tfjs';
import { denseStack } from '../../policies/dense-stack.ts';
import type { CloneBatch, CloneGradients, CloneNetwork } from './clone-network.ts';

/** Forward and backward by TF.js on its current backend. */
export class TensorNetwork implements CloneNetwork {
  private readonly sizes: number[];
  private readonly variables: tf.Variable[];
  private readonly precision: tf.Tensor1D;

  constructor(sizes: number[], precision: number[]) {
    this.sizes = sizes;
    const shapes = sizes.slice(1).flatMap((out, l) => [[sizes[l], out], [out]]);
    this.variables = shapes.map((shape) => tf.tidy(() => tf.variable(tf.zeros(shape))));
    this.precision = tf.tensor1d(precision);
  }

  async gradients(weights: Float32Array[], batches: CloneBatch[]): Promise<CloneGradients> {
    tf.tidy(() => {
      this.variables.forEach((variable, i) => {
        variable.assign(tf.tensor(weights[i].slice(), variable.shape));
      });
    });
    const means: tf.Scalar[] = [];
    const { value, grads } = tf.variableGrads(() => {
      const terms = batches.map((batch) => {
        const mean = this.meanLoss(batch);
        means.push(tf.keep(mean.clone()));
        return mean.mul(batch.weight);
      });
      return tf.addN(terms) as tf.Scalar;
    }, this.variables);
    const ordered = this.variables.map(({ name }) => grads[name]);
    const read = await Promise.all([...means, ...ordered].map((tensor) => tensor.data()));
    tf.dispose([value, ...means, ...ordered]);
    const arrays = read.map((data) => Float32Array.from(data));
    return { losses: arrays.splice(0, means.length).map(([mean]) => mean), gradients: arrays };
  }

  private meanLoss({ obs, actions, n, masks }: CloneBatch): tf.Scalar {
    const [O, A] = [this.sizes[0], this.sizes[this.sizes.length - 1]];
    const x = tf.tensor2d(obs.slice(0, n * O), [n, O]);
    const mean = masks ? this.dropped(x, masks, n) : denseStack(x, this.variables);
    const target = tf.tensor2d(actions.slice(0, n * A), [n, A]);
    return mean.sub(target).square().mul(this.precision).sum(1).mean() as tf.Scalar;
  }

  private dropped(x: tf.Tensor2D, masks: Float32Array[], n: number): tf.Tensor2D {
    let value = x;
    masks.forEach((mask, l) => {
      const [kernel, bias] = [this.variables[2 * l] as tf.Variable<tf.Rank.R2>, this.variables[2 * l + 1]];
      const factor = tf.tensor2d(mask.slice(0, n * this.sizes[l + 1]), [n, this.sizes[l + 1]]);
      value = tf.matMul(value, kernel).add(bias).tanh().mul(factor) as tf.Tensor2D;
    });
    return denseStack(value, this.variables.slice(-2), { inputGradient: true });
  }

  dispose(): void {
    tf.dispose([...this.variables, this.precision]);
  }
}
