import { Body, Cylinder, Quaternion, type RaycastResult, Vec3, World } from 'cannon-es';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Beams } from '../../envs/beams.ts';
import {
  BEAM_RANGE,
  DEFAULT_OBSERVATION,
  Observer,
  observationFields,
  observationSize,
} from '../../envs/observation.ts';
import { Rng } from '../../envs/rng.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { near } from '../given.ts';

const COUNT = 16;

/** A random place outside of 20 random pillars, which may overlap. */
function givenPlace(rng: Rng): { x: number; y: number; yaw: number; pillars: Float64Array } {
  const pillars = new Float64Array(60);
  for (let at = 0; at < 60; at += 3) pillars.set([rng.uniform(-5, 5), rng.uniform(-5, 5), rng.uniform(0.1, 0.4)], at);
  for (;;) {
    const [x, y] = [rng.uniform(-5, 5), rng.uniform(-5, 5)];
    const outside = (at: number) => Math.hypot(pillars[at] - x, pillars[at + 1] - y) > pillars[at + 2] + 0.02;
    if (Array.from({ length: 20 }, (_, k) => outside(3 * k)).every(Boolean))
      return { x, y, yaw: rng.uniform(-Math.PI, Math.PI), pillars };
  }
}

/** The nearest root of |p + t·u − c|² = r² over all pillars, `scale` times as thick. */
function closedForm(x: number, y: number, angle: number, pillars: Float64Array, scale = 1): number {
  let nearest = BEAM_RANGE;
  for (let at = 0; at < pillars.length; at += 3) {
    const [px, py, r] = [x - pillars[at], y - pillars[at + 1], scale * pillars[at + 2]];
    const half = px * Math.cos(angle) + py * Math.sin(angle);
    const discriminant = half * half - (px * px + py * py - r * r);
    const root = -half - Math.sqrt(discriminant);
    if (discriminant >= 0 && root >= 0 && root < nearest) nearest = root;
  }
  return nearest;
}

test('ranges are where a ray meets a circle', () => {
  const rng = new Rng(1);
  const beams = new Beams(COUNT, 1);
  const ranges = new Float64Array(COUNT);
  let met = 0;
  for (let trial = 0; trial < 500; trial++) {
    const { x, y, yaw, pillars } = givenPlace(rng);
    beams.cast(x, y, yaw, pillars, ranges);
    for (let k = 0; k < COUNT; k++) {
      const expected = closedForm(x, y, yaw + (2 * Math.PI * k) / COUNT, pillars);
      near(ranges[k], expected, 1e-6, `trial ${trial}, beam ${k}`);
      if (expected < BEAM_RANGE) met++;
    }
  }
  assert.ok(met > 1500, `only ${met} beams met a pillar`);
});

/** cannon-es's own cylinders in a cannon-es world: prisms of 64 sides, at whose corners the radius is right. */
function cylinders(pillars: Float64Array): World {
  const world = new World();
  for (let at = 0; at < pillars.length; at += 3) {
    const [x, y, radius] = pillars.subarray(at, at + 3);
    const body = new Body({ type: Body.STATIC, position: new Vec3(x, y, 2.5) });
    body.addShape(new Cylinder(radius, radius, 5, 64), undefined, new Quaternion(Math.SQRT1_2, 0, 0, Math.SQRT1_2));
    world.addBody(body);
  }
  return world;
}

test('ranges are those to cannon-es’s own cylinders, as far as these are round', () => {
  const rng = new Rng(2);
  const beams = new Beams(COUNT, 1);
  const ranges = new Float64Array(COUNT);
  for (let trial = 0; trial < 20; trial++) {
    const { x, y, yaw, pillars } = givenPlace(rng);
    const world = cylinders(pillars);
    beams.cast(x, y, yaw, pillars, ranges);
    for (let k = 0; k < COUNT; k++) {
      const angle = yaw + (2 * Math.PI * k) / COUNT;
      const to = new Vec3(x + BEAM_RANGE * Math.cos(angle), y + BEAM_RANGE * Math.sin(angle), 1.5);
      let range = BEAM_RANGE;
      world.raycastAll(new Vec3(x, y, 1.5), to, {}, ({ distance }: RaycastResult) => {
        if (distance < range) range = distance;
      });
      const thinnest = closedForm(x, y, angle, pillars, Math.cos(Math.PI / 64));
      assert.ok(range > ranges[k] - 1e-6 && range < thinnest + 1e-6, `${range} in [${ranges[k]}, ${thinnest}]`);
    }
  }
});

/** Ranges measured at the origin of one pillar, 0.5 m thick. */
function measured(beams: Beams, pillar: [number, number], quaternion: number[], rng = new Rng(1)): number[] {
  const truth = stateBuffer();
  truth.quaternion.set(quaternion);
  const ranges = new Float64Array(beams.count);
  beams.measure(0, truth, Float64Array.of(...pillar, 0.25), rng, ranges);
  return [...ranges];
}

test('beam 0 looks along the heading, the next ones to its left, and tilt turns none of them', () => {
  const beams = new Beams(COUNT, 1);
  beams.noiseRatio[0] = 0;
  const seen = (ranges: number[]) => ranges.flatMap((range, k) => (range < BEAM_RANGE ? [[k, range]] : []));
  assert.equal(seen(measured(beams, [2, 0], [0, 0, 0, 1])), [[0, 1.75]]);
  assert.equal(seen(measured(beams, [0, 2], [0, 0, 0, 1])), [[4, 1.75]]);
  const north = [0, 0, Math.SQRT1_2, Math.SQRT1_2];
  assert.equal(seen(measured(beams, [0, 2], north)), [[0, 1.75]]);
  const tilted = [Math.sin(0.4), 0, 0, Math.cos(0.4)]; // 0.8 rad about x
  assert.equal(seen(measured(beams, [2, 0], tilted)), [[0, 1.75]]);
});

test('ranges have noise of 10 mm, as much more as the airframe’s sensors, and none where nothing is met', () => {
  const beams = new Beams(1, 1);
  beams.noiseRatio[0] = 2;
  const rng = new Rng(3);
  const errors = Array.from({ length: 4000 }, () => measured(beams, [2, 0], [0, 0, 0, 1], rng)[0] - 1.75);
  near(Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / 4000), 0.02, 0.001);
  assert.equal(measured(beams, [-2, 0], [0, 0, 0, 1], rng), [BEAM_RANGE]);
});

test('a policy sees closeness, e to the minus range, in the last fields', () => {
  const spec = { ...DEFAULT_OBSERVATION, rate_Hz: 100, nominalVoltage_V: 3.7, beams: 4 };
  const blind = { ...spec, beams: 0 };
  assert.is(observationSize(spec), observationSize(blind) + 4);
  const { name, frame, meaning } = observationFields(spec).at(-1)!;
  assert.equal([name, frame], ['beams', 'heading']);
  assert.match(meaning, /k \/ 4 turns to the left of the heading; 0 where nothing is within 4 m/);
  const obs = new Float32Array(observationSize(spec));
  new Observer(spec, 1).observe(0, { ...stateBuffer(), ranges: [0.5, 1, 3.9, BEAM_RANGE] }, obs, 0);
  [Math.exp(-0.5), Math.exp(-1), Math.exp(-3.9), 0].forEach((expected, k) => {
    near(obs[obs.length - 4 + k], expected, 1e-6, `beam ${k}`);
  });
});

test.run();
