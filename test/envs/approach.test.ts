import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { APPROACH_SIZE, writeApproach } from '../../envs/approach.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { givenEnv, near } from '../given.ts';

function approach(velocity: number[], pillars: number[], quaternion = [0, 0, 0, 1]): number[] {
  const truth = stateBuffer();
  truth.velocity.set(velocity);
  truth.quaternion.set(quaternion);
  const out = new Float32Array(APPROACH_SIZE + 1);
  writeApproach(truth, Float64Array.from(pillars), 0.1, out, 1);
  return [...out.subarray(1)];
}

test('the two nearest pillars are vectors of length e to the minus clearance in the heading frame', () => {
  const far = [9, 9, 0.3];
  const north = [0, 0, Math.SQRT1_2, Math.SQRT1_2];
  const seen = approach([0, 0, 0], [...far, 0, -1.2, 0.2, 0.8, 0, 0.3], north);
  [0, -Math.exp(-0.5), -Math.exp(-1), 0, 0].forEach((value, k) => {
    near(seen[k], value, 1e-6, `number ${k}`);
  });
  assert.equal(approach([1, 0, 0], []), [0, 0, 0, 0, 0]);
});

test('the time to touch is when small steps of straight flight first come close enough', () => {
  const rng = new Rng(1);
  let touching = 0;
  for (let trial = 0; trial < 200; trial++) {
    const velocity = [rng.uniform(-2, 2), rng.uniform(-2, 2), 0];
    const pillars = [0, 1, 2].flatMap(() => [rng.uniform(0.5, 3), rng.uniform(0.5, 3), 0.3]);
    let t = 0;
    const touches = () =>
      [0, 3, 6].some(
        (at) => Math.hypot(pillars[at] - t * velocity[0], pillars[at + 1] - t * velocity[1]) < pillars[at + 2] + 0.1,
      );
    while (t < 3 && !touches()) t += 1e-3;
    const expected = t < 3 ? Math.exp(-t) : 0;
    const [found] = approach(velocity, pillars).slice(-1);
    if (t < 2.99) near(found, expected, 2e-3, `trial ${trial}`); // grazing touches last less than a small step
    if (found > 0) touching++;
  }
  assert.ok(touching > 10, `${touching}`);
});

test('only the critic of a policy with beams is told', () => {
  assert.is(givenEnv({ task: 'forest' }).privilegedSize - givenEnv().privilegedSize, APPROACH_SIZE);
});

test.run();
