import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rng } from '../../envs/rng.ts';
import { instantiateKernels, LINEAR, TANH, TANH_SLOPE } from '../../policies/kernels/load.ts';
import { readFileSync } from 'node:fs';
import { kernelBytes, kernelsFile } from '../../src/backend/kernels.ts';
import { near } from '../given.ts';

const memory = new WebAssembly.Memory({ initial: 16 });
const rng = new Rng(7);

/** Arrays in the kernels' memory, one after another, filled with normal deviates. */
function givenArrays(...lengths: number[]): Float32Array[] {
  let address = 64;
  return lengths.map((length) => {
    const array = new Float32Array(memory.buffer, address, length);
    address += 4 * length;
    for (let i = 0; i < length; i++) array[i] = rng.normal();
    return array;
  });
}

/** y = x · w + b in float64. */
function product(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number>,
  n: number,
  inputs: number,
): Float64Array {
  const outputs = b.length;
  const y = new Float64Array(n * outputs);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < outputs; j++) {
      y[i * outputs + j] = b[j];
      for (let k = 0; k < inputs; k++) y[i * outputs + j] += x[i * inputs + k] * w[k * outputs + j];
    }
  return y;
}

if (!kernelBytes()) throw new Error('dist/kernels/dense.wasm is missing: run npm run build:kernels');

for (const build of ['dense', 'dense-fused']) {
  const bytes = new Uint8Array(readFileSync(kernelsFile(`${build}.wasm`)));
  if (!WebAssembly.validate(bytes)) {
    console.log(`skipped: ${build}.wasm needs relaxed SIMD, which this Node has not`);
    continue;
  }
  const kernels = instantiateKernels(bytes, memory);

  test(`${build}: tanh is right to 1e-6 everywhere, odd, saturates and keeps NaN`, () => {
    const n = 4099;
    const [a, b, d] = givenArrays(n, 1, n);
    for (let i = 0; i < n; i++) a[i] = (i - 2049) / 150;
    b[0] = 1;
    kernels.multiply(a.byteOffset, b.byteOffset, 0, 0, d.byteOffset, n, 1, 1, TANH);
    for (let i = 0; i < n; i++) {
      near(d[i], Math.tanh(a[i]), 1e-6, `tanh(${a[i]})`);
      assert.ok(d[i] === -d[n - 1 - i], `odd at ${a[i]}`);
    }
    a.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 100, -100, 1e-20]);
    kernels.multiply(a.byteOffset, b.byteOffset, 0, 0, d.byteOffset, 6, 1, 1, TANH);
    [1, -1, Number.NaN, 1, -1].forEach((limit, i) => {
      if (Number.isNaN(limit)) assert.ok(Number.isNaN(d[i]), 'NaN stays NaN');
      else near(d[i], limit, 2e-7, `tanh(${a[i]})`);
      assert.not(Math.abs(d[i]) > 1, 'never beyond ±1');
    });
    near(d[5] / 1e-20, 1, 1e-6, 'relative error at 0');
  });

  for (const [n, inputs, outputs] of [
    [1, 1, 1],
    [5, 3, 2],
    [7, 24, 64],
    [8, 64, 4],
    [13, 65, 15],
    [4, 6, 29],
    [9, 64, 1],
    [70, 37, 7],
    [19, 21, 71],
  ]) {
    const shape = `[${n}, ${inputs}] · [${inputs}, ${outputs}]`;

    test(`${build}: a product ${shape} agrees with float64, and nothing beside it is touched`, () => {
      const [x, w, b, h, y, beside] = givenArrays(n * inputs, inputs * outputs, outputs, n * outputs, n * outputs, 8);
      const untouched = beside.slice();
      const expected = product(x, w, b, n, inputs);
      const run = (then: number) =>
        kernels.multiply(
          x.byteOffset,
          w.byteOffset,
          b.byteOffset,
          h.byteOffset,
          y.byteOffset,
          n,
          inputs,
          outputs,
          then,
        );
      run(LINEAR);
      for (let i = 0; i < y.length; i++) near(y[i], expected[i], 2e-5, `y[${i}]`);
      run(TANH);
      for (let i = 0; i < y.length; i++) near(y[i], Math.tanh(expected[i]), 2e-5, `tanh y[${i}]`);
      run(TANH_SLOPE);
      for (let i = 0; i < y.length; i++) near(y[i], expected[i] * (1 - h[i] ** 2), 2e-4, `sloped y[${i}]`);
      assert.equal(beside, untouched);
    });

    test(`${build}: weight gradients of ${shape} agree with float64, and nothing beside them is touched`, () => {
      const [x, dz, dw, db, beside] = givenArrays(n * inputs, n * outputs, inputs * outputs, outputs, 8);
      const untouched = beside.slice();
      kernels.weightGradient(x.byteOffset, dz.byteOffset, dw.byteOffset, db.byteOffset, n, inputs, outputs);
      for (let j = 0; j < outputs; j++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += dz[i * outputs + j];
        near(db[j], sum, 1e-5, `db[${j}]`);
        for (let k = 0; k < inputs; k++) {
          let product = 0;
          for (let i = 0; i < n; i++) product += x[i * inputs + k] * dz[i * outputs + j];
          near(dw[k * outputs + j], product, 1e-5, `dw[${k}, ${j}]`);
        }
      }
      assert.equal(beside, untouched);
    });
  }

  test(`${build}: weight gradients sum over batches longer than one cache chunk`, () => {
    const [n, inputs, outputs] = [150, 5, 9];
    const [x, dz, dw, db] = givenArrays(n * inputs, n * outputs, inputs * outputs, outputs);
    x.fill(2);
    dz.fill(0.5);
    kernels.weightGradient(x.byteOffset, dz.byteOffset, dw.byteOffset, db.byteOffset, n, inputs, outputs);
    assert.ok(dw.every((value) => value === n));
    assert.ok(db.every((value) => value === n / 2));
  });

  test(`${build}: a row comes out as the same bytes wherever the batch is cut`, () => {
    for (const outputs of [64, 15, 4, 1]) {
      const [n, inputs] = [21, 33];
      const [x, w, b, whole, part] = givenArrays(n * inputs, inputs * outputs, outputs, n * outputs, n * outputs);
      const run = (first: number, rows: number, y: Float32Array) => {
        const from = x.byteOffset + 4 * first * inputs;
        const to = y.byteOffset + 4 * first * outputs;
        kernels.multiply(from, w.byteOffset, b.byteOffset, 0, to, rows, inputs, outputs, TANH);
      };
      run(0, n, whole);
      for (const cuts of [
        [1, 20],
        [2, 19],
        [3, 5, 13],
        [7, 7, 7],
        [10, 11],
      ]) {
        part.fill(0);
        let first = 0;
        for (const rows of cuts) {
          run(first, rows, part);
          first += rows;
        }
        assert.equal(part, whole, `${outputs} outputs, cut into ${cuts}`);
      }
    }
  });

  test(`${build}: transpose, scale and the sum of squares`, () => {
    const [m, t] = givenArrays(15, 15);
    kernels.transpose(m.byteOffset, t.byteOffset, 3, 5);
    for (let i = 0; i < 3; i++) for (let j = 0; j < 5; j++) assert.is(t[j * 3 + i], m[i * 5 + j]);
    const sum = m.reduce((total, value) => total + value * value, 0);
    near(kernels.sumSquares(m.byteOffset, 15), sum, 1e-12 * sum);
    const doubled = m.map((value) => 2 * value);
    kernels.scale(m.byteOffset, 15, 2);
    assert.equal(m, doubled);
  });

  test(`${build}: the compiled file holds no data of its own that could land in memory of TF.js`, () => {
    // Sections of a wasm file: one byte of kind (11 is data), then the length in LEB128.
    const kinds: number[] = [];
    for (let at = 8; at < bytes.length; ) {
      kinds.push(bytes[at++]);
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      at += length;
    }
    assert.not(kinds.includes(11), `sections ${kinds}`);
  });
}

test.run();
