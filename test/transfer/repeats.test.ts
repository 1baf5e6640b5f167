import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFlight } from '../../src/episode/index.ts';
import type { Flight } from '../../src/telemetry/flight.ts';
import { readFlight } from '../../src/telemetry/logs/index.ts';
import { fingerprintOf, isRepeat } from '../../src/transfer/repeats.ts';
import { flightsFolder, givenVehicle } from '../given.ts';
import { givenFlight } from './given-samples.ts';

const vehicle = givenVehicle();
const flight = givenFlight(vehicle, { seed: 1 });
const repeats = (a: Flight, b: Flight) => isRepeat(fingerprintOf(a), fingerprintOf(b));

test('a flight is itself under any name, and no other', () => {
  assert.ok(repeats(flight, { ...flight, name: 'other', source: 'elsewhere.csv' }));
  assert.not.ok(repeats(flight, givenFlight(vehicle, { seed: 2 })));
});

test('a copy cut short, or rounded to single precision, is found', () => {
  const change = (of: (column: Float64Array) => Float64Array): Flight => ({
    ...flight,
    topics: {
      ...flight.topics,
      pose: { time: of(flight.topics.pose!.time), columns: flight.topics.pose!.columns.map(of) },
    },
  });
  assert.ok(
    repeats(
      flight,
      change((column) => column.slice(300)),
    ),
  );
  assert.ok(
    repeats(
      flight,
      change((column) => Float64Array.from(Float32Array.from(column))),
    ),
  );
});

const folder = flightsFolder();
if (!folder) console.log('skipped: a real log packed anew: no real flights here');
else
  test('a real log under another name, packed anew or turned into MCAP, is found; another one is not', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'windhover-repeats-'));
    try {
      const file = join(folder, 'nanobench', 'B2_circle_slow_rep2.csv.gz');
      const real = await readFlight(file);
      const plain = gunzipSync(readFileSync(file));
      writeFileSync(join(scratch, 'a.csv'), plain);
      writeFileSync(join(scratch, 'b.csv.gz'), gzipSync(plain, { level: 1 }));
      await writeFlight(join(scratch, 'c.mcap'), real);
      for (const copy of ['a.csv', 'b.csv.gz', 'c.mcap'])
        assert.ok(repeats(real, await readFlight(join(scratch, copy))), copy);
      assert.not.ok(repeats(real, await readFlight(join(folder, 'nanobench', 'B2_circle_slow_rep3.csv.gz'))));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });

test.run();
