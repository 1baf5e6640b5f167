import type { Contract } from '../../policies/contract.ts';
import type { Policy } from '../../policies/policy.ts';
import type { ExportFormat, ExportedFiles } from './format.ts';
import { libraryName } from '../package-root.ts';

/**
 * A TensorFlow.js layers model from observation to action, normaliser included.
 *
 * A policy's own `model.json` takes the normalised observation and gives an action that is not yet clipped: this one
 * takes the observation in its units and gives what the vehicle takes.
 */
export const tfjs: ExportFormat = {
  name: 'tfjs',
  summary:
    'a folder for tf.loadLayersModel, observation [N, O] in physical units to action [N, 4], for a browser or Node',
  ending: null,
  options: [],
  encode: (policy) => layersModelFiles(policy),
};

interface Weight {
  name: string;
  shape: number[];
  values: ArrayLike<number>;
}

interface Layer {
  class_name: string;
  config: Record<string, unknown>;
  weights: Weight[];
}

/** `model.json`, `weights.bin` and `contract.json`, the policy's `policy.json`. */
export function layersModelFiles({ contract, actor }: Policy): ExportedFiles {
  const { sizes } = contract.network;
  const dense = actor.kernels.map((kernel, l): Layer => {
    const last = l + 1 === actor.kernels.length;
    return {
      class_name: 'Dense',
      config: {
        name: `dense_${l}`,
        units: sizes[l + 1],
        activation: last ? 'linear' : 'tanh',
        use_bias: true,
        dtype: 'float32',
      },
      weights: [
        { name: `dense_${l}/kernel`, shape: [sizes[l], sizes[l + 1]], values: kernel },
        {
          name: `dense_${l}/bias`,
          shape: [sizes[l + 1]],
          values: last ? actor.biases[l].map((b) => b + 1) : actor.biases[l],
        },
      ],
    };
  });
  const { clip } = contract.observation.normaliser;
  const layers = [normaliserLayer(contract), ...bounded('clip', clip), ...dense, ...bounded('action', 1)];
  const text = (data: object) => new TextEncoder().encode(`${JSON.stringify(data, null, 2)}\n`);
  return {
    'model.json': text(modelJson(contract.name, layers)),
    'weights.bin': floatBytes(layers.flatMap(({ weights }) => weights)),
    'contract.json': text(contract),
  };
}

/** `(obs − mean) / std + clip`, as a batch normalisation that has its statistics already. */
function normaliserLayer({ observation }: Contract): Layer {
  const { size, normaliser } = observation;
  const { mean, std, clip } = normaliser;
  const weight = (name: string, values: number[]) => ({ name: `normalise/${name}`, shape: [size], values });
  return {
    class_name: 'BatchNormalization',
    config: {
      name: 'normalise',
      axis: -1,
      epsilon: 0,
      center: true,
      scale: false,
      dtype: 'float32',
      batch_input_shape: [null, size],
    },
    weights: [
      weight('beta', new Array(size).fill(clip)),
      weight('moving_mean', mean),
      weight(
        'moving_variance',
        std.map((each) => each * each),
      ),
    ],
  };
}

/** Keeps `x` within ± limit where `x + limit` comes in: layers know no bound below but 0. */
function bounded(name: string, limit: number): Layer[] {
  return [
    { class_name: 'ReLU', config: { name: `${name}_within`, max_value: 2 * limit, dtype: 'float32' }, weights: [] },
    { class_name: 'Rescaling', config: { name, scale: 1, offset: -limit, dtype: 'float32' }, weights: [] },
  ];
}

function modelJson(name: string, layers: Layer[]): object {
  return {
    format: 'layers-model',
    generatedBy: libraryName(),
    convertedBy: null,
    modelTopology: {
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      model_config: {
        class_name: 'Sequential',
        config: { name, layers: layers.map(({ class_name, config }) => ({ class_name, config })) },
      },
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: layers.flatMap(({ weights }) => weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }))),
      },
    ],
  };
}

/** Little-endian floats, one weight after the other. */
function floatBytes(weights: Weight[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * weights.reduce((sum, { values }) => sum + values.length, 0)));
  let at = 0;
  for (const { values } of weights)
    for (let k = 0; k < values.length; k++, at += 4) view.setFloat32(at, values[k], true);
  return new Uint8Array(view.buffer);
}
