import * as tf from '@tensorflow/tfjs';
import { wasmAddress, wasmKernels, wasmKernelsReady } from './kernels/wasm-backend.ts';

/** Settings of {@link Adam}; the defaults are the paper's. */
export interface AdamOptions {
  /** Decay of the mean of gradients, in [0, 1). */
  beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). */
  beta2?: number;
  /** Added to the root of the mean square. */
  epsilon?: number;
}

/**
 * Adam with bias correction and clipping by the global norm, and a state that can be saved bit for bit.
 *
 * On the wasm backend one pass of our kernel over each variable's own memory, elsewhere TF.js operations.
 *
 * @see Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1
 */
export class Adam {
  private readonly variables: tf.Variable[];
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  /** Decaying means of the gradients and of their squares, like the variables. */
  private readonly means: tf.Variable[];
  private readonly squares: tf.Variable[];
  private steps = 0;
  private deviceNorm: tf.Scalar | null = null;

  /**
   * @param variables updated in place: on wasm a tensor that shares a variable's data (what it was made from, a
   *   `clone`) changes with it, so copy with `dataSync` what must stay
   */
  constructor(variables: tf.Variable[], { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}) {
    this.variables = variables;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    const zeros = (variable: tf.Variable) => tf.tidy(() => tf.variable(tf.zeros(variable.shape), false));
    this.means = variables.map(zeros);
    this.squares = variables.map(zeros);
  }

  /** Steps taken so far. */
  get t(): number {
    return this.steps;
  }

  /**
   * One step down the gradients.
   *
   * @param grads one for each variable, of its shape; they are not disposed
   * @param maxGradNorm gradients are scaled down so that their global norm is at most this
   * @returns the global norm before clipping; NaN on webgpu, where reading it would stall: see {@link gradNorm}
   */
  step(grads: tf.Tensor[], learningRate: number, maxGradNorm = Number.POSITIVE_INFINITY): number {
    if (grads.length !== this.variables.length)
      throw new RangeError(`grads: expected ${this.variables.length} tensors, got ${grads.length}`);
    this.steps++;
    const stepSize = learningRate / (1 - this.beta1 ** this.steps);
    const rootCorrection = 1 / Math.sqrt(1 - this.beta2 ** this.steps);
    return wasmKernelsReady()
      ? this.stepKernels(grads, stepSize, rootCorrection, maxGradNorm)
      : this.stepOps(grads, stepSize, rootCorrection, maxGradNorm);
  }

  private stepKernels(grads: tf.Tensor[], stepSize: number, rootCorrection: number, maxGradNorm: number): number {
    const { beta1, beta2, epsilon } = this;
    const kernels = wasmKernels();
    let sum = 0;
    for (const grad of grads) sum += kernels.sumSquares(wasmAddress(grad), grad.size);
    const norm = Math.sqrt(sum);
    const gradScale = norm > maxGradNorm ? maxGradNorm / norm : 1;
    this.variables.forEach((variable, i) => {
      const p = wasmAddress(variable);
      const g = wasmAddress(grads[i]);
      const m = wasmAddress(this.means[i]);
      const v = wasmAddress(this.squares[i]);
      const { size } = variable;
      // biome-ignore format: one line as in the kernel's signature
      kernels.adam(p, g, m, v, size, gradScale, stepSize, rootCorrection, beta1, 1 - beta1, beta2, 1 - beta2, epsilon);
    });
    return norm;
  }

  private stepOps(grads: tf.Tensor[], stepSize: number, rootCorrection: number, maxGradNorm: number): number {
    const norm = tf.tidy(() => tf.addN(grads.map((grad) => grad.square().sum())).sqrt()) as tf.Scalar;
    tf.tidy(() => {
      const clipped = Number.isFinite(maxGradNorm);
      const gradScale = clipped ? tf.minimum(tf.div(maxGradNorm, norm), 1) : tf.scalar(1);
      for (let i = 0; i < grads.length; i++) this.stepVariable(i, grads[i].mul(gradScale), stepSize, rootCorrection);
    });
    if (tf.getBackend() !== 'webgpu') {
      const value = norm.dataSync()[0];
      norm.dispose();
      return value;
    }
    this.deviceNorm?.dispose();
    this.deviceNorm = tf.keep(norm);
    return Number.NaN;
  }

  private stepVariable(i: number, grad: tf.Tensor, stepSize: number, rootCorrection: number): void {
    const { beta1, beta2, epsilon } = this;
    const mean = this.means[i].mul(beta1).add(grad.mul(1 - beta1));
    const square = this.squares[i].mul(beta2).add(grad.square().mul(1 - beta2));
    const root = square.sqrt().mul(rootCorrection).add(epsilon);
    this.means[i].assign(mean);
    this.squares[i].assign(square);
    this.variables[i].assign(this.variables[i].sub(mean.mul(stepSize).div(root)));
  }

  /** The last step's global norm before clipping, where {@link step} gave NaN. */
  async gradNorm(): Promise<number> {
    return this.deviceNorm ? (await this.deviceNorm.data())[0] : Number.NaN;
  }

  /** Everything a checkpoint needs to go on with the same bits: `[[t], m0, v0, m1, v1, …]`, copies. */
  state(): Float32Array[] {
    const moments = this.means.flatMap((mean, i) => [mean, this.squares[i]]);
    return [Float32Array.of(this.steps), ...moments.map((moment) => Float32Array.from(moment.dataSync()))];
  }

  /** As {@link state}, on backends such as webgpu that cannot be read synchronously. */
  async stateAsync(): Promise<Float32Array[]> {
    const moments = this.means.flatMap((mean, i) => [mean, this.squares[i]]);
    const arrays = await Promise.all(moments.map((moment) => moment.data()));
    return [Float32Array.of(this.steps), ...arrays.map((array) => Float32Array.from(array))];
  }

  /**
   * Puts back what {@link state} gave.
   *
   * @throws RangeError when it belongs to variables of other sizes
   */
  restore(state: Float32Array[]): void {
    const lengths = [1, ...this.variables.flatMap(({ size }) => [size, size])];
    if (state.map(({ length }) => length).join() !== lengths.join())
      throw new RangeError(`state: expected arrays of ${lengths} numbers, got ${state.map(({ length }) => length)}`);
    this.steps = state[0][0];
    tf.tidy(() => {
      this.variables.forEach(({ shape }, i) => {
        this.means[i].assign(tf.tensor(state[1 + 2 * i], shape));
        this.squares[i].assign(tf.tensor(state[2 + 2 * i], shape));
      });
    });
  }

  /** Frees the moments; the variables stay. */
  dispose(): void {
    tf.dispose([...this.means, ...this.squares]);
    this.deviceNorm?.dispose();
  }
}
