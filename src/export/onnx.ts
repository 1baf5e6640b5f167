import { ACTION_SIZE } from '../../envs/actions.ts';
import type { Contract } from '../../policies/contract.ts';
import type { Policy } from '../../policies/policy.ts';
import { fieldLines } from './field-lines.ts';
import type { ExportFormat } from './format.ts';
import { bytes, integer, joined, message, text } from './protobuf.ts';
import { packageVersion } from '../package-root.ts';

/** Operators as of ONNX 1.8 (December 2020), which every runtime in use knows. */
const OPSET = 13;
const IR_VERSION = 7;
/** `TensorProto.DataType.FLOAT` */
const FLOAT = 1;

/** An ONNX model from observation to action, normaliser included; the observation's memory stays with the caller. */
export const onnx: ExportFormat = {
  name: 'onnx',
  summary: `an ONNX model (opset ${OPSET}), observation [N, O] in physical units to action [N, 4], for a companion computer`,
  ending: '.onnx',
  options: [],
  encode: (policy, name) => ({ [name]: modelBytes(policy) }),
};

/**
 * A `ModelProto`: input `obs [N, O]` in the fields' own units, output `action [N, 4]` in [-1, 1].
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 for the numbers of the fields
 */
export function modelBytes({ contract, actor }: Policy): Uint8Array {
  const { observation, network, name } = contract;
  const { mean, std, clip } = observation.normaliser;
  const layers = actor.kernels.length;
  const nodes = [
    node('Sub', ['obs', 'mean'], 'centred'),
    node('Div', ['centred', 'std'], 'scaled'),
    node('Clip', ['scaled', 'minus_clip', 'clip'], 'layer_0'),
  ];
  const tensors = [
    tensor('mean', [mean.length], mean),
    tensor('std', [std.length], std),
    tensor('minus_clip', [], [-clip]),
    tensor('clip', [], [clip]),
    tensor('minus_one', [], [-1]),
    tensor('one', [], [1]),
  ];
  for (let l = 0; l < layers; l++) {
    const last = l + 1 === layers;
    nodes.push(node('Gemm', [`layer_${l}`, `kernel_${l}`, `bias_${l}`], `sum_${l}`));
    if (!last) nodes.push(node('Tanh', [`sum_${l}`], `layer_${l + 1}`));
    tensors.push(tensor(`kernel_${l}`, [network.sizes[l], network.sizes[l + 1]], actor.kernels[l]));
    tensors.push(tensor(`bias_${l}`, [network.sizes[l + 1]], actor.biases[l]));
  }
  nodes.push(node('Clip', [`sum_${layers - 1}`, 'minus_one', 'one'], 'action'));
  const observed = `In this order, in these units:\n${fieldLines(contract).join('\n')}`;
  const graph = [
    ...nodes,
    text(2, name),
    ...tensors,
    value(11, 'obs', observation.size, observed),
    value(12, 'action', ACTION_SIZE, contract.action.meaning),
  ];
  return joined([
    integer(1, IR_VERSION),
    text(2, 'windhover'),
    text(3, packageVersion()),
    text(6, about(contract)),
    message(7, graph),
    message(8, [text(1, ''), integer(2, OPSET)]),
    ...Object.entries(metadata(contract)).map(([key, entry]) => message(14, [text(1, key), text(2, entry)])),
  ]);
}

function about({ name, task, vehicle, rate_Hz }: Contract): string {
  return (
    `${name}: Windhover policy, task ${task}, vehicle ${vehicle}, ${rate_Hz} steps a second. obs is what Observer of ` +
    'windhover makes of the sensors, with past actions and leaky averages; what it holds is told at the input, and by ' +
    'metadata_props: contract is the whole policy.json.'
  );
}

function metadata(contract: Contract): Record<string, string> {
  return {
    contract: JSON.stringify(contract),
    fields: fieldLines(contract).join('\n'),
    rate_Hz: String(contract.rate_Hz),
    action: contract.action.meaning,
  };
}

/** A `NodeProto` in `GraphProto.node`, called as its output is. */
function node(operator: string, inputs: string[], output: string): Uint8Array {
  return message(1, [...inputs.map((input) => text(1, input)), text(2, output), text(3, output), text(4, operator)]);
}

/** A `TensorProto` of floats in `GraphProto.initializer`; its bytes are little-endian whatever the machine. */
function tensor(name: string, dimensions: number[], numbers: ArrayLike<number>): Uint8Array {
  const raw = new DataView(new ArrayBuffer(4 * numbers.length));
  for (let k = 0; k < numbers.length; k++) raw.setFloat32(4 * k, numbers[k], true);
  return message(5, [
    ...dimensions.map((size) => integer(1, size)),
    integer(2, FLOAT),
    text(8, name),
    bytes(9, new Uint8Array(raw.buffer)),
  ]);
}

/** A `ValueInfoProto` of floats `[N, columns]`. */
function value(field: number, name: string, columns: number, meaning: string): Uint8Array {
  const shape = message(2, [message(1, [text(2, 'N')]), message(1, [integer(1, columns)])]);
  return message(field, [text(1, name), message(2, [message(1, [integer(1, FLOAT), shape])]), text(3, meaning)]);
}
