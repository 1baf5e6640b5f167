import { ACTION_SIZE } from '../../envs/actions.ts';
import type { Rng } from '../../envs/rng.ts';
import type { CloneBatch } from './clone-network.ts';

/** States of the source task and what the source policy does there. */
export interface SourceStates {
  /** Normalised, `[n, O]`. */
  obs: Float32Array;
  /** `[n, 4]` */
  actions: Float32Array;
  n: number;
}

type Batch = Omit<CloneBatch, 'masks'>;

/** Draws one epoch's minibatches: logged samples in random order, and beside them states of the source task. */
export class Minibatches {
  private readonly logged: SourceStates;
  private readonly source: SourceStates | null;
  private readonly rehearsal: number;
  private readonly rng: Rng;
  private readonly jitter: Float32Array | null;
  private readonly noise: Float64Array;

  /**
   * @param rehearsal states of the source task for each logged sample, which is also their weight in the loss
   * @param jitter standard deviation of noise on each field of the logged observations, `[O]`; null: none
   */
  constructor(
    logged: SourceStates,
    source: SourceStates | null,
    rehearsal: number,
    rng: Rng,
    jitter: Float32Array | null = null,
  ) {
    this.logged = logged;
    this.source = source;
    this.rehearsal = rehearsal;
    this.rng = rng;
    this.jitter = jitter;
    this.noise = new Float64Array(jitter ? jitter.length : 0);
  }

  /**
   * @param samples to draw: with more than twice as many there only every second, third, … is, with few all of them
   *   several times, since it takes steps to bring flights and source task into agreement
   * @param most samples of a batch; the arrays are written anew for each
   */
  *ofEpoch(samples: number, most: number): Generator<Batch[]> {
    const { logged, source, rehearsal, rng } = this;
    const order = this.order(samples);
    const n = order.length;
    const size = Math.min(most, n);
    const O = logged.obs.length / logged.n;
    const share = source ? Math.round(rehearsal * size) : 0;
    const [flown, rehearsed] = [room(size, O, 1), room(share, O, rehearsal)];
    for (let at = 0; at + size <= n; at += size) {
      for (let i = 0; i < size; i++) copyRow(logged, order[at + i], flown, i, O);
      if (this.jitter) this.disturb(flown.obs, this.jitter);
      for (let i = 0; i < share; i++) copyRow(source!, rng.below(source!.n), rehearsed, i, O);
      yield share > 0 ? [flown, rehearsed] : [flown];
    }
  }

  private disturb(obs: Float32Array, scales: Float32Array): void {
    const { noise, rng } = this;
    for (let at = 0; at < obs.length; at += scales.length) {
      rng.normals(noise, scales.length);
      for (let k = 0; k < scales.length; k++) obs[at + k] += scales[k] * noise[k];
    }
  }

  private order(samples: number): Uint32Array {
    const { logged, rng } = this;
    const stride = Math.max(1, Math.floor(logged.n / samples));
    const first = rng.below(stride);
    const n = Math.max(1, Math.floor((logged.n - first) / stride));
    const passes = Math.max(1, Math.round(samples / n));
    const order = new Uint32Array(passes * n);
    for (let pass = 0; pass < passes; pass++) {
      const once = order.subarray(pass * n, (pass + 1) * n);
      for (let i = 0; i < n; i++) once[i] = first + i * stride;
      rng.shuffle(once);
    }
    return order;
  }
}

function room(n: number, O: number, weight: number): Batch {
  return { obs: new Float32Array(n * O), actions: new Float32Array(n * ACTION_SIZE), n, weight };
}

function copyRow(from: SourceStates, row: number, to: Batch, i: number, O: number): void {
  for (let k = 0, at = row * O, put = i * O; k < O; k++) to.obs[put + k] = from.obs[at + k];
  for (let k = 0, at = row * ACTION_SIZE, put = i * ACTION_SIZE; k < ACTION_SIZE; k++)
    to.actions[put + k] = from.actions[at + k];
}
