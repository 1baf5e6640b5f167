import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordEpisode } from '../../src/evaluate/record.ts';
import { readRecordings } from '../../viewer/src/recording.ts';
import { givenEnv, givenPolicy, givenVehicle } from '../given.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-record-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a recorded episode of forest shows the viewer the pillars that were flown among', async () => {
  const path = join(folder, 'forest.mcap');
  const options = { task: 'forest', vehicle: givenVehicle(), randomisation: null, seed: 5, episode: 3 };
  const outcome = await recordEpisode(givenPolicy({ task: 'forest' }), options, path);
  const [{ scene, events }] = readRecordings(readFileSync(path), 'forest.mcap');
  assert.is(events.at(-1)!.event, outcome);
  const obstacles = scene[0].entities.filter(({ kind }) => kind === 'obstacle');
  const shown = obstacles.map(({ solids: [{ shape, position, size }] }) => ({ shape, position, size }));
  // episode 3 of a seed is the first one of environment 3
  const stood = givenEnv({ task: 'forest', seed: 5, firstIndex: 3 }).obstacles(0);
  assert.equal(
    shown,
    stood.map((pillar) => {
      if (pillar.shape !== 'cylinder') throw new Error(`expected a cylinder, got ${pillar.shape}`);
      const across = 2 * pillar.radius_m;
      return { shape: 'cylinder', position: [...pillar.position_m], size: [across, across, pillar.height_m] };
    }),
  );
  assert.is(shown.length, 20);
});

test.run();
