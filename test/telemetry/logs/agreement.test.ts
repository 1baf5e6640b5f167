import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { disagreements } from '../../../src/telemetry/logs/agreement.ts';
import { describeLog, readFlight, readLog } from '../../../src/telemetry/logs/index.ts';
import { givenFlight, series } from '../../episode/given-flight.ts';
import { flightsFolder } from '../../given.ts';
import { givenFile } from './given-logs.ts';

const SECONDS = 20;
const RATES = (t: number) => [2 * Math.sin(2 * t), 1.5 * Math.cos(3 * t), Math.sin(t)];
const VELOCITY = (t: number) => [Math.cos(t), 2 * Math.cos(2 * t), 0.5 * Math.sin(t)];
const PLACE = (t: number) => [Math.sin(t), Math.sin(2 * t), -0.5 * Math.cos(t)];

/** The attitude that these rates turn to, in steps of a millisecond by the derivative of a quaternion, every 10 ms. */
function attitudes(): number[][] {
  const found: number[][] = [];
  let [x, y, z, w] = [0, 0, 0, 1];
  for (let step = 0; step < SECONDS * 1000; step++) {
    if (step % 10 === 0) found.push([x, y, z, w]);
    const [p, q, r] = RATES(step / 1000 + 0.0005).map((rate) => rate * 0.0005);
    [x, y, z, w] = [
      x + w * p + y * r - z * q,
      y + w * q + z * p - x * r,
      z + w * r + x * q - y * p,
      w - x * p - y * q - z * r,
    ];
    const size = Math.hypot(x, y, z, w);
    [x, y, z, w] = [x / size, y / size, z / size, w / size];
  }
  return found;
}
const TURNED = attitudes();

interface Wrong {
  attitude?: (q: number[]) => number[];
  place?: (p: number[]) => number[];
  rates?: (r: number[]) => number[];
  velocity?: (v: number[]) => number[];
}

function given({ attitude, place, rates, velocity }: Wrong = {}): Flight {
  const same = (values: number[]) => values;
  const topics = {
    pose: series(SECONDS * 100, 0.01, (t) => [
      ...(place ?? same)(PLACE(t)),
      ...(attitude ?? same)(TURNED[Math.round(t * 100)]),
    ]),
    rates: series(SECONDS * 100, 0.01, (t) => (rates ?? same)(RATES(t))),
    velocity: series(SECONDS * 100, 0.01, (t) => (velocity ?? same)(VELOCITY(t))),
    motors: series(SECONDS * 100, 0.01, () => [0.8, 0.8, 0.8, 0.8]),
  };
  return givenFlight({ topics });
}

const texts = (flight: Flight) => disagreements(flight).map(({ why }) => why);

test('topics that belong together do not disagree, a factor below two and a crash at the end included', () => {
  assert.equal(texts(given()), []);
  assert.equal(texts(given({ rates: (r) => r.map((v) => 1.5 * v), velocity: (v) => v.map((each) => each / 1.5) })), []);
  const crashed = given();
  crashed.topics.rates!.columns[0].fill(300, 1900);
  assert.equal(texts(crashed), []);
});

const degrees = (values: number[]) => values.map((v) => (v * 180) / Math.PI);
const wrongs: Record<string, [Wrong, RegExp]> = {
  'rates in deg/s': [{ rates: degrees }, /^the rates are 57 times what the attitude turns by: is it deg\/s/],
  'rates in rad/s taken for deg/s': [{ rates: (r) => r.map((v) => (v * Math.PI) / 180) }, /the rates are 0\.017 times/],
  'rates in FRD': [{ rates: ([p, q, r]) => [p, -q, -r] }, /correlation -\S+, -\S+ for y, z\): is the body FRD/],
  'a quaternion in the other order': [
    { attitude: ([x, y, z, w]) => [w, x, y, z] },
    /is the quaternion wxyz where xyzw/,
  ],
  'an attitude turned round': [{ attitude: ([x, y, z, w]) => [-x, -y, -z, w] }, /does not turn as the rates say/],
  'an attitude that stands still': [{ attitude: () => [0, 0, 0, 1] }, /does not turn as the rates say/],
  'a velocity in mm/s': [{ velocity: (v) => v.map((each) => 1000 * each) }, /^the velocity is 1000 times .* is it mm/],
  'a position in NED': [
    { place: ([x, y, z]) => [y, x, -z] },
    /position does not move .* for x, y, z\): is the world NED/,
  ],
};
for (const [what, [wrong, why]] of Object.entries(wrongs))
  test(`told: ${what}`, () => {
    const found = texts(given(wrong));
    assert.is(found.length, 1, found.join());
    assert.match(found[0], why);
  });

test('a vehicle that hardly moves tells nothing', () => {
  const calm = given({ rates: (r) => r.map((v) => -0.01 * v), velocity: (v) => v.map((each) => -0.01 * each) });
  for (const column of calm.topics.pose!.columns) column.fill(0.5);
  assert.equal(texts(calm), []);
});

test('the summary notes it, and the verdict follows', () => {
  const judged = (wrong?: Wrong) => describeLog('x.csv', { flight: given(wrong) });
  assert.is(judged().fitness.verdict, 'identify and fine-tune');
  assert.equal(judged().warnings, []);
  const turned = judged({ rates: degrees });
  assert.is(turned.fitness.verdict, 'neither');
  assert.match(turned.fineTuning, /^not for fine-tuning: its pose and rates contradict each other/);
  assert.match(turned.warnings.join(), /the rates are 57 times/);
  const moved = judged({ velocity: (v) => v.map((each) => 1000 * each) });
  assert.is(moved.fitness.verdict, 'identify');
  assert.match(moved.fitness.identify.why, /no thrust and drag: its pose and velocity contradict each other/);
});

const MAP = `
time: { column: t, unit: s }
position: { columns: [px, py, pz], unit: m }
attitude: { quaternion: [qx, qy, qz, qw], order: xyzw }
velocity: { columns: [vx, vy, vz], unit: m/s }
rates: { columns: [imu_gyro_x, imu_gyro_y, imu_gyro_z], unit: rad/s }
`;

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights to compare topics of');
else {
  test('a real flight by wrong maps', async () => {
    const path = join(folder, 'nanobench', 'B3_figure8_fast_rep2.csv.gz');
    const notes = async (from: string, to: string) => {
      assert.ok(MAP.includes(from));
      const log = await readLog(path, { columns: givenFile('map.yaml', MAP.replace(from, to)) });
      return describeLog(path, log).warnings.join();
    };
    assert.is(await notes('xyzw', 'xyzw'), '');
    assert.match(await notes('xyzw', 'wxyz'), /is the quaternion wxyz/);
    assert.match(await notes('rad/s', 'deg/s'), /the rates are 0\.01\d times/);
    assert.match(await notes('unit: rad/s', 'unit: rad/s, frame: FRD'), /is the body FRD/);
    assert.match(await notes('unit: m }', 'unit: mm }'), /the velocity is \d+ times/);
    assert.match(await notes('[px, py, pz]', '[py, px, pz]'), /position does not move .* for x, y/);
  });

  test('no real log of one vehicle disagrees with itself', async () => {
    const paths = ['ardupilot', 'crazyswarm2', 'mavlink', 'px4'].flatMap((kind) =>
      readdirSync(join(folder, kind))
        .filter((name) => !/^LICENSE|^config|\.yaml$/.test(name))
        .map((name) => join(folder, kind, name)),
    );
    // the gyro of this one reads 300 rad/s in its last two seconds
    for (const path of [...paths, join(folder, 'nanobench', 'B5_helix_medium_rep2.csv.gz')])
      assert.equal(texts(await readFlight(path)), [], path);
  });
}

test.run();
