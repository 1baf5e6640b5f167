import type { Rng } from '../../envs/rng.ts';
import type { SavedArrays } from './checkpoint.ts';
import type { Networks } from './networks.ts';

/** What one update reports; names as the field plots them. */
export interface UpdateStats {
  policyLoss: number;
  valueLoss: number;
  /** Divergence from the policy that collected the rollout, over the last epoch. */
  approxKl: number;
  clipFraction: number;
  /** Of the Gaussian policy, in nats. */
  entropy: number;
  /** 1 − Var(returns − values) / Var(returns), before the update: 1 is a perfect critic, 0 one that knows nothing. */
  explainedVariance: number;
}

/**
 * Improves networks on the rollout that was collected last; one implementation where our kernels work, one for
 * whichever backend TF.js has.
 */
export interface Learner {
  /**
   * Improves both networks on the rollout.
   *
   * @param actorRate the actor's own learning rate; 0 leaves it as it is
   */
  update(learningRate: number, actorRate?: number): Promise<UpdateStats>;
  /** A copy of the networks as they are now. */
  networks(): Promise<Networks>;
  /** Networks, optimisers and what orders the minibatches. */
  save(): Promise<SavedArrays>;
  restore(saved: SavedArrays): void;
  dispose(): void;
}

/** Random streams that order the minibatches of each network. */
export interface Orders {
  actor: Rng;
  critic: Rng;
}
