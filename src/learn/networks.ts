import { createMlp, type Mlp } from '../../policies/mlp.ts';
import type { Rng } from '../../envs/rng.ts';
import type { RolloutShape } from './rollout.ts';

/** The networks being learnt, as plain arrays. */
export interface Networks {
  actor: Mlp;
  critic: Mlp;
  /** Logarithm of the policy's standard deviation, `[A]`, the same in every state. */
  logStd: Float32Array;
}

/** Layers of both networks. */
export function networkSizes({ O, P, A }: RolloutShape, hidden: number[]): { actor: number[]; critic: number[] } {
  return { actor: [O, ...hidden, A], critic: [O + P, ...hidden, 1] };
}

/** Networks that know nothing; the actor's last layer is small, so that it begins near its mean action. */
export function newNetworks(shape: RolloutShape, hidden: number[], initialStd: number, rng: Rng): Networks {
  const sizes = networkSizes(shape, hidden);
  return {
    actor: createMlp(sizes.actor, rng, 0.01),
    critic: createMlp(sizes.critic, rng),
    logStd: new Float32Array(shape.A).fill(Math.log(initialStd)),
  };
}
