import type { Contract } from './contract.ts';
import type { Mlp } from './mlp.ts';

/** A policy in memory: the contract with its vehicle, the actor's weights, and what fine-tuning needs. */
export interface Policy {
  contract: Contract;
  /** From normalised observation `[O]` to mean action `[4]`. */
  actor: Mlp;
  /** Diagonal Fisher information of the source tasks, in the order of `mlpWeights(actor)`. */
  fisher?: Float32Array[];
  /** For each stage of `contract.chain` the weights it ended with, and the Fisher information of what it taught. */
  anchors?: StageAnchor[];
  /** The model card, Markdown. */
  card?: string;
}

/** What a stage of learning left behind; arrays in the order of `mlpWeights`. */
export interface StageAnchor {
  weights: Float32Array[];
  fisher: Float32Array[];
}
