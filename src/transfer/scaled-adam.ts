const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** How one array of weights moves. */
export interface Movement {
  /** Step of each weight relative to the others, like the array: see `stepScales`. */
  scales: Float32Array;
  /** Factor of the learning rate; 0 freezes the array, to the bit. */
  rate: number;
  /** Whether weight decay shrinks it: kernels, not biases. */
  decays: boolean;
}

/**
 * Adam on weights that each have a scale of their own, with decoupled weight decay.
 *
 * It is Adam on `v` where `θ_i = θ_i(0) + s_i v_i`: the gradient is `s_i g_i` and the step `s_i` times Adam's.
 *
 * @see Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 1
 * @see Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2
 */
export class ScaledAdam {
  private readonly movements: Movement[];
  private readonly means: Float32Array[];
  private readonly squares: Float32Array[];
  private t = 0;

  constructor(movements: Movement[]) {
    this.movements = movements;
    const zeros = () => movements.map(({ scales }) => new Float32Array(scales.length));
    this.means = zeros();
    this.squares = zeros();
  }

  /** One step of `weights` down `gradients`; `weightDecay` is the share of a kernel lost at learning rate 1. */
  step(weights: Float32Array[], gradients: Float32Array[], learningRate: number, weightDecay: number): void {
    this.t++;
    const rootCorrection = 1 / Math.sqrt(1 - BETA2 ** this.t);
    this.movements.forEach(({ scales, rate, decays }, i) => {
      if (rate === 0) return;
      const stepSize = (learningRate * rate) / (1 - BETA1 ** this.t);
      const keep = decays ? 1 - learningRate * rate * weightDecay : 1;
      move(weights[i], gradients[i], this.means[i], this.squares[i], scales, stepSize, rootCorrection, keep);
    });
  }
}

function move(
  weights: Float32Array,
  gradients: Float32Array,
  means: Float32Array,
  squares: Float32Array,
  scales: Float32Array,
  stepSize: number,
  rootCorrection: number,
  keep: number,
): void {
  for (let k = 0; k < weights.length; k++) {
    const g = scales[k] * gradients[k];
    const m = (means[k] += (1 - BETA1) * (g - means[k]));
    const v = (squares[k] += (1 - BETA2) * (g * g - squares[k]));
    weights[k] = keep * weights[k] - (scales[k] * stepSize * m) / (Math.sqrt(v) * rootCorrection + EPSILON);
  }
}
