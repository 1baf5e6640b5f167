import { InputError } from '../envs/input-error.ts';
import { parseContract } from './contract.ts';
import { type Mlp, mlpFromWeights, mlpWeights } from './mlp.ts';
import type { Policy, StageAnchor } from './policy.ts';

/** Files of an artifact by name. */
export type ArtifactFiles = Record<string, Uint8Array>;

const text = new TextEncoder();

/**
 * The files of a policy artifact: `policy.json`, `model.json` and `weights.bin` (a TF.js LayersModel from normalised
 * observation to mean action), `fisher.bin`, `anchors.bin` of a policy that was fine-tuned, and `README.md`.
 */
export function encodeArtifact(policy: Policy): ArtifactFiles {
  const files: ArtifactFiles = {
    'policy.json': text.encode(`${JSON.stringify(policy.contract, null, 2)}\n`),
    'model.json': text.encode(`${JSON.stringify(layersModel(policy.actor), null, 2)}\n`),
    'weights.bin': joinFloats(mlpWeights(policy.actor)),
  };
  if (policy.fisher) files['fisher.bin'] = joinFloats(policy.fisher);
  if (policy.anchors)
    files['anchors.bin'] = joinFloats(policy.anchors.flatMap(({ weights, fisher }) => [...weights, ...fisher]));
  if (policy.card) files['README.md'] = text.encode(policy.card);
  return files;
}

/**
 * The policy that an artifact's files hold.
 *
 * @param where the artifact's folder, for messages
 * @throws InputError that names the file and field which does not fit
 */
export function decodeArtifact(files: ArtifactFiles, where: string): Policy {
  const contract = parseContract(parseJson(files, 'policy.json', where), `${where}/policy.json`);
  const { sizes } = contract.network;
  checkLayers(parseJson(files, 'model.json', where), sizes, `${where}/model.json`);
  const actor = mlpFromWeights(sizes, splitFloats(files, 'weights.bin', sizes, where));
  const policy: Policy = { contract, actor };
  if (contract.fisher) policy.fisher = splitFloats(files, 'fisher.bin', sizes, where);
  if (contract.chain) policy.anchors = anchorsOf(files, contract.chain.length, sizes, where);
  if (files['README.md']) policy.card = new TextDecoder().decode(files['README.md']);
  return policy;
}

/** The topology and weight manifest of a TF.js LayersModel with one dense layer after another. */
function layersModel(actor: Mlp): object {
  const layers = actor.kernels.map((_, l) => ({
    class_name: 'Dense',
    config: {
      name: `dense_${l}`,
      units: actor.sizes[l + 1],
      activation: l + 1 < actor.kernels.length ? 'tanh' : 'linear',
      use_bias: true,
      dtype: 'float32',
      ...(l === 0 ? { batch_input_shape: [null, actor.sizes[0]] } : {}),
    },
  }));
  const weights = actor.kernels.flatMap((_, l) => [
    { name: `dense_${l}/kernel`, shape: [actor.sizes[l], actor.sizes[l + 1]], dtype: 'float32' },
    { name: `dense_${l}/bias`, shape: [actor.sizes[l + 1]], dtype: 'float32' },
  ]);
  return {
    format: 'layers-model',
    generatedBy: 'windhover',
    convertedBy: null,
    modelTopology: {
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      model_config: { class_name: 'Sequential', config: { name: 'actor', layers } },
    },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
}

function checkLayers(model: unknown, sizes: number[], where: string): void {
  const layers = (model as { modelTopology?: { model_config?: { config?: { layers?: unknown[] } } } })?.modelTopology
    ?.model_config?.config?.layers as { config?: { units?: number; activation?: string } }[] | undefined;
  if (layers?.length !== sizes.length - 1)
    throw new InputError(`${where}: layers: expected ${sizes.length - 1} as in policy.json, got ${layers?.length}`);
  layers.forEach((layer, l) => {
    const activation = l + 2 < sizes.length ? 'tanh' : 'linear';
    if (layer.config?.units !== sizes[l + 1] || layer.config.activation !== activation)
      throw new InputError(
        `${where}: layers[${l}]: expected ${sizes[l + 1]} ${activation} units as in policy.json, ` +
          `got ${layer.config?.units} ${layer.config?.activation}`,
      );
  });
}

function parseJson(files: ArtifactFiles, name: string, where: string): unknown {
  const bytes = fileOf(files, name, where);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError(`${where}/${name}: expected JSON: ${(error as Error).message}`);
  }
}

function fileOf(files: ArtifactFiles, name: string, where: string): Uint8Array {
  const bytes = files[name];
  if (!bytes) throw new InputError(`${where}: expected a policy artifact, but ${name} is missing`);
  return bytes;
}

function joinFloats(arrays: Float32Array[]): Uint8Array {
  const all = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return new Uint8Array(all.buffer);
}

/** Weights and Fisher information of each stage, one after the other. */
function anchorsOf(files: ArtifactFiles, stages: number, sizes: number[], where: string): StageAnchor[] {
  const arrays = splitFloats(files, 'anchors.bin', sizes, where, 2 * stages);
  const each = 2 * (sizes.length - 1);
  return Array.from({ length: stages }, (_, k) => ({
    weights: arrays.slice(2 * k * each, (2 * k + 1) * each),
    fisher: arrays.slice((2 * k + 1) * each, (2 * k + 2) * each),
  }));
}

/** @param times how many sets of weights the file holds */
function splitFloats(files: ArtifactFiles, name: string, sizes: number[], where: string, times = 1): Float32Array[] {
  const bytes = fileOf(files, name, where);
  const once = sizes.slice(1).flatMap((out, l) => [sizes[l] * out, out]);
  const lengths = Array.from({ length: times }, () => once).flat();
  const total = 4 * lengths.reduce((a, b) => a + b, 0);
  if (bytes.byteLength !== total)
    throw new InputError(
      `${where}/${name}: expected ${total} bytes for network ${sizes.join('-')}, got ${bytes.byteLength}`,
    );
  const floats = new Float32Array(bytes.slice().buffer);
  if (!floats.every(Number.isFinite))
    throw new InputError(`${where}/${name}: expected finite numbers, found NaN or infinity`);
  let at = 0;
  return lengths.map((length) => floats.slice(at, (at += length)));
}
