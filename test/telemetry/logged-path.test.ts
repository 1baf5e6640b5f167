import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import type { Flight } from '../../src/telemetry/flight.ts';
import { loggedPath, readFlight } from '../../src/telemetry/index.ts';
import { flightsFolder, near } from '../given.ts';

/** Setpoints at 20 Hz: 1 s on the ground, then 4 s along x at 2 m/s, 1 m up, then down. */
function givenFlight(): Flight {
  const rows = Array.from({ length: 121 }, (_, i) => i / 20);
  const up = (t: number) => (t >= 1 && t <= 5 ? 1 : 0);
  return {
    name: 'made',
    source: 'made.csv',
    format: 'nanobench-csv',
    durationSeconds: 6,
    topics: {
      setpoint: {
        time: Float64Array.from(rows),
        columns: [(t: number) => 2 * t, () => 3, up].map((of) => Float64Array.from(rows, of)),
      },
    },
    truncated: false,
    droppedRows: 0,
    warnings: [],
  };
}

test('the path begins and ends in the air, with points between the setpoints', () => {
  const { rate_Hz, positions, name } = loggedPath(givenFlight());
  assert.is(name, 'made.csv');
  assert.is(rate_Hz, 100);
  near(positions.length / 3, 401, 1);
  for (let t = 0; t < positions.length / 3; t++) {
    near(positions[3 * t], 2 + 0.02 * t, 1e-9, `x at row ${t}`);
    near(positions[3 * t + 2], 1, 1e-9, `z at row ${t}`);
  }
});

test('rows that ask for nothing are bridged', () => {
  const flight = givenFlight();
  for (const column of flight.topics.setpoint!.columns) column.fill(Number.NaN, 40, 50);
  const { positions } = loggedPath(flight);
  near(positions[3 * 120], 2 + 0.02 * 120, 1e-9);
});

test('a log without setpoints, or with none in the air, is refused', () => {
  const bare = givenFlight();
  delete bare.topics.setpoint;
  assert.throws(() => loggedPath(bare), (error: Error) => error instanceof InputError && /made\.csv: setpoint/.test(error.message)); // biome-ignore format: a line
  const low = givenFlight();
  low.topics.setpoint!.columns[2].fill(0.1);
  assert.throws(() => loggedPath(low), /more than 0.4 m above the ground/);
});

const real = join(flightsFolder() ?? '', 'nanobench', 'B2_circle_medium_rep2.csv.gz');
if (flightsFolder() && existsSync(real))
  test('a real circle comes out round', async () => {
    const { positions } = loggedPath(await readFlight(real));
    // the path's middle half: the vehicle is on the circle then
    const rows = Array.from({ length: positions.length / 3 }, (_, t) => t).slice(
      positions.length / 12,
      -positions.length / 12,
    );
    const mean = [0, 1].map((k) => rows.reduce((sum, t) => sum + positions[3 * t + k], 0) / rows.length);
    const radii = rows.map((t) => Math.hypot(positions[3 * t] - mean[0], positions[3 * t + 1] - mean[1]));
    const radius = radii.reduce((sum, r) => sum + r, 0) / radii.length;
    assert.ok(radius > 0.2 && radius < 2, `${radius}`);
    for (const r of radii) assert.ok(Math.abs(r - radius) < 0.25 * radius, `${r} of ${radius}`);
  });
else console.log('skipped: real flights are not here');

test.run();
