import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FlightWriter } from '../../src/episode/writer.ts';
import { positionErrorAt, speedAt } from '../../viewer/src/position-error.ts';
import { readRecordings } from '../../viewer/src/recording.ts';
import { near } from '../given.ts';
import { givenRecording, MemoryFile } from './recordings.ts';

const test = suite('recording');

/** Two episodes in one file, a second each, the goal moving in the second. */
async function givenTwoEpisodes(): Promise<Uint8Array> {
  const file = new MemoryFile();
  const writer = new FlightWriter(file, { startUnixSeconds: 1_700_000_000 });
  void writer.start({ kind: 'episode', name: 'two' });
  for (const episode of [0, 1]) {
    const from = 5 * episode;
    void writer.raw('/episode', 'windhover.Episode', from, { event: 'start', episode });
    for (const t of [0, 0.5, 1]) {
      void writer.write('pose', from + t, [episode, t, 1, 0, 0, 0, 1]);
      void writer.write('setpoint', from + t, [0, episode * t, 1]);
    }
    void writer.raw('/episode', 'windhover.Episode', from + 1, { event: episode ? 'crash' : 'success', episode });
  }
  await writer.end();
  return file.bytes;
}

test('gives each episode of a file its own time, from zero', async () => {
  const [first, second] = readRecordings(await givenTwoEpisodes(), 'two.mcap');
  assert.equal([first.durationSeconds, second.durationSeconds], [1, 1]);
  assert.equal(first.events, [
    { time: 0, event: 'start' },
    { time: 1, event: 'success' },
  ]);
  assert.equal(second.events, [
    { time: 0, event: 'start' },
    { time: 1, event: 'crash' },
  ]);
});

test('the error is taken between position samples, against the setpoint of the last sample', async () => {
  const [, second] = readRecordings(await givenTwoEpisodes(), 'two.mcap');
  // At 0.75 s the position is (1, 0.75, 1), the setpoint that of 0.5 s: (0, 0.5, 1).
  near(positionErrorAt(second, 0.75), Math.hypot(1, 0.25), 1e-9);
});

test('without a setpoint there is no error, and without velocities the speed comes from the positions', async () => {
  const bytes = await givenRecording({ seconds: 1, position: (t) => [3 * t, 4 * t, 1] });
  const [recording] = readRecordings(bytes, 'free.mcap');
  assert.ok(Number.isNaN(positionErrorAt(recording, 0.5)));
  near(speedAt(recording, 0.5), 5, 1e-6);
});

test('keeps what the scene says: obstacles, and goals apart from them', async () => {
  const bytes = await givenRecording({ seconds: 1, position: () => [0, 0, 1], obstacle: [1, 2, 0.25] });
  const [{ scene }] = readRecordings(bytes, 'scene.mcap');
  const [{ kind, solids }] = scene[0].entities;
  assert.is(kind, 'obstacle');
  assert.equal(solids[0].position, [1, 2, 0.25]);
  assert.equal(solids[0].size, [0.5, 0.5, 0.5]);
});

test('a file cut anywhere behind its first chunk is read as far as it goes', async () => {
  const bytes = await givenRecording({ seconds: 4, position: (t) => [t, 0, 1] });
  const [whole] = readRecordings(bytes, 'whole.mcap');
  const [cut] = readRecordings(bytes.subarray(0, bytes.length * 0.6), 'cut.mcap');
  assert.equal([whole.truncated, cut.truncated], [false, true]);
  assert.ok(cut.durationSeconds > 1 && cut.durationSeconds < 3, `${cut.durationSeconds} s of 4 s`);
});

test.run();
