import { InputError } from '../../envs/input-error.ts';
import type { Rng } from '../../envs/rng.ts';
import { createMlp, type Mlp } from '../../policies/mlp.ts';

/** Which layers learn: all; a new output layer alone; all but the first `freeze`. */
export interface Method {
  freeze: number;
  /** The output layer starts anew. */
  newHead: boolean;
}

/**
 * Reads a method's name: `full`, `head` or `freeze:K`.
 *
 * `head` is feature extraction: the layers below stay as they are, and a new output layer is learnt on what they give.
 * `freeze:K` keeps the first `K` layers and goes on from where the others are.
 *
 * @param layers of the network, the output layer included
 * @throws InputError when it is none of these, or leaves nothing to learn
 * @see Yosinski et al. 2014, How transferable are features in deep neural networks?, https://arxiv.org/abs/1411.1792
 */
export function parseMethod(name: string, layers: number): Method {
  if (name === 'full') return { freeze: 0, newHead: false };
  if (name === 'head') return { freeze: layers - 1, newHead: true };
  const frozen = /^freeze:(\d+)$/.exec(name)?.[1];
  if (frozen === undefined) throw new InputError(`--method: expected full, head, freeze:K or sweep, got ${name}`);
  if (Number(frozen) >= layers)
    throw new InputError(
      `--method: expected freeze:K with K below ${layers}, the network's layers: got ${name}, which leaves nothing to learn`,
    );
  return { freeze: Number(frozen), newHead: false };
}

/** Where learning starts: the source policy, its output layer drawn anew where the method says so. */
export function startOf(source: Mlp, { newHead }: Method, rng: Rng): Mlp {
  if (!newHead) return source;
  const last = source.kernels.length - 1;
  const blank = createMlp(source.sizes.slice(last), rng);
  return {
    sizes: source.sizes,
    kernels: [...source.kernels.slice(0, last), blank.kernels[0]],
    biases: [...source.biases.slice(0, last), blank.biases[0]],
  };
}

/**
 * Factor of the learning rate of each layer: 0 of those frozen, 1 of the output layer, `layerDecay` less with each layer
 * below it, since the lower ones are the more general.
 *
 * @param layerDecay in (0, 1]; 1 learns all layers alike
 * @see Howard and Ruder 2018, ULMFiT, https://arxiv.org/abs/1801.06146, section 3.2, discriminative fine-tuning
 */
export function layerRates(layers: number, { freeze }: Method, layerDecay: number): number[] {
  return Array.from({ length: layers }, (_, l) => (l < freeze ? 0 : layerDecay ** (layers - 1 - l)));
}
