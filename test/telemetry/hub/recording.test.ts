import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countSamples } from '../../../src/episode/samples.ts';
import { readMcap } from '../../../src/episode/reader.ts';
import { streamFlights } from '../../../src/telemetry/client/publisher.ts';
import type { HubEvent } from '../../../src/telemetry/hub/index.ts';
import { RecordingFile, safeFileName } from '../../../src/telemetry/hub/recording-file.ts';
import { readFlight } from '../../../src/telemetry/logs/index.ts';
import { givenFlight, series, times } from '../pipeline/given-events.ts';
import { withHub } from './given-hub.ts';

const flight = givenFlight({ battery: series(times(4000, 0.01), (t) => 4 - t / 100) }, { name: 'long' });

/** A file on a disk with room for so many bytes. */
function smallDisk(bytes: number) {
  return async (folder: string, name: string) => {
    const file = await RecordingFile.create(folder, name);
    return {
      path: file.path,
      position: () => file.position(),
      close: () => file.close(),
      write: async (buffer: Uint8Array) => {
        if (Number(file.position()) + buffer.length > bytes) throw new Error('ENOSPC: no space left on device, write');
        await file.write(buffer);
      },
    };
  };
}

test('a full disk: what reached it is recorded, the rest is dropped and everybody is told', async () => {
  const events: HubEvent[] = [];
  await withHub(
    async (hub) => {
      const report = await streamFlights([flight], { url: hub.url });
      const { received, recorded, dropped, droppedBy, recordings } = await hub.close();
      assert.is(received, 4000);
      assert.ok(recorded > 0 && recorded < 4000, `${recorded} recorded`);
      assert.is(recorded + dropped, received);
      assert.is(droppedBy.disk, dropped);
      assert.is(report.acknowledged, recorded);
      assert.match(report.complaints[0], /recording: ENOSPC/);
      assert.ok(events.some((event) => event.kind === 'problem' && /ENOSPC/.test(event.message)));
      assert.is(countSamples(await readFlight(recordings[0])), recorded, 'messages that can be read back');
    },
    { createRecording: smallDisk(300_000), onEvent: (event) => events.push(event) },
  );
});

test('a disk that takes nothing: all is dropped, nothing is left behind', async () => {
  await withHub(
    async (hub) => {
      const report = await streamFlights([flight], { url: hub.url });
      const { recorded, dropped, recordings } = await hub.close();
      assert.equal([report.acknowledged, recorded, dropped, recordings], [0, 0, 4000, []]);
    },
    { createRecording: smallDisk(10) },
  );
});

test('a file that cannot be made: all is dropped and told', async () => {
  const createRecording = async () => {
    throw new Error('EMFILE: too many open files');
  };
  await withHub(
    async (hub) => {
      const report = await streamFlights([flight], { url: hub.url });
      assert.is(report.acknowledged, 0);
      assert.match(report.complaints[0], /EMFILE/);
      assert.is((await hub.close()).droppedBy.disk, 4000);
    },
    { createRecording },
  );
});

test('the end mark is the last message of the recording', async () => {
  await withHub(async (hub) => {
    await streamFlights([{ ...flight, truncated: true, droppedRows: 2, warnings: ['cut'] }], { url: hub.url });
    const { recordings } = await hub.close();
    const { channels, metadata } = readMcap(readFileSync(recordings[0]));
    const end = channels.find(({ topic }) => topic === '/recording');
    const { sent, truncated, droppedRows, warnings } = JSON.parse(new TextDecoder().decode(end?.data[0]));
    assert.equal(
      { sent, truncated, droppedRows, warnings },
      { sent: 4000, truncated: true, droppedRows: 2, warnings: ['cut'] },
    );
    assert.equal([metadata.kind, metadata.name, metadata.source], ['recording', 'long', 'flight.csv']);
  });
});

test('a recording never replaces a file that is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-recording-'));
  const paths: string[] = [];
  for (let i = 0; i < 3; i++) {
    const file = await RecordingFile.create(folder, 'x.mcap');
    paths.push(file.path);
    await file.close();
  }
  assert.equal(
    paths,
    ['x.mcap', 'x-2.mcap', 'x-3.mcap'].map((name) => join(folder, name)),
  );
  rmSync(folder, { recursive: true });
});

test('file names are plain', () => {
  const cases: [string, string][] = [
    ['B2_circle', 'B2_circle'],
    ['../../etc/passwd', 'etc_passwd'],
    ['..', 'flight'],
    ['ü', 'flight'],
    ['a b\nc', 'a_b_c'],
    ['x.mcap', 'x'],
    ['episode#3', 'episode_3'],
  ];
  for (const [name, expected] of cases) assert.is(safeFileName(name), expected);
});

test.run();
