import type { Contract } from './contract.ts';
import type { Mlp } from './mlp.ts';

/** A policy in memory: the contract with its vehicle, the actor's weights, and what fine-tuning needs. */
export interface Policy {
  contract: Contract;
  /** From normalised observation `[O]` to mean action `[4]`. */
  actor: Mlp;
  /** Diagonal Fisher information of the source tasks, in the order of `mlpWeights(actor)`. */
  fisher?: Float32Array[];
  /** The model card, Markdown. */
  card?: string;
}
