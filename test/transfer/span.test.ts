import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawAirframe } from '../../envs/draw-airframe.ts';
import { Rng } from '../../envs/rng.ts';
import { randomisationSchema } from '../../envs/randomisation.ts';
import { spanRanges } from '../../src/transfer/span.ts';
import { givenVehicle, near } from '../given.ts';

const source = givenVehicle();
const target = givenVehicle('crazyflie', {
  mass_kg: 1.25 * source.mass_kg,
  latency_s: source.latency_s + 0.04,
  rotor: { ...source.rotor, maxThrust_N: 0.85 * source.rotor.maxThrust_N, lag_s: 2 * source.rotor.lag_s },
});

test('airframes are drawn from the source to a tenth of the way beyond the target', () => {
  const ranges = spanRanges(source, target);
  assert.not.throws(() => randomisationSchema.parse(ranges));
  const rng = new Rng(5);
  const drawn = Array.from({ length: 2000 }, () => drawAirframe(target, ranges, rng));
  const reaches = (values: number[], from: number, to: number) => {
    const end = to + 0.1 * (to - from);
    near(Math.min(...values), Math.min(from, end), 0.02 * Math.abs(to - from));
    near(Math.max(...values), Math.max(from, end), 0.02 * Math.abs(to - from));
  };
  reaches(
    drawn.map(({ mass_kg }) => mass_kg),
    source.mass_kg,
    target.mass_kg,
  );
  reaches(
    drawn.map(({ lag_s }) => lag_s),
    source.rotor.lag_s,
    target.rotor.lag_s,
  );
  reaches(
    drawn.map(({ latency_s }) => latency_s),
    source.latency_s,
    target.latency_s,
  );
  const strengths = drawn.map(({ thrust_ratio }) => thrust_ratio * target.rotor.maxThrust_N);
  assert.ok(Math.max(...strengths) > 0.98 * source.rotor.maxThrust_N);
});

test('between equal vehicles what their files tell does not vary', () => {
  const { mass_ratio, lag_ratio, latency_s } = spanRanges(source, source);
  assert.equal(mass_ratio, [1, 1]);
  assert.equal(lag_ratio, [1, 1]);
  assert.equal(latency_s, [source.latency_s, source.latency_s]);
});

test.run();
