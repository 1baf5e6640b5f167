import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { IMPORTERS } from '../../../src/telemetry/logs/formats.ts';
import { readFlight, readLog } from '../../../src/telemetry/logs/index.ts';
import { flightsFolder } from '../../given.ts';
import {
  givenDataflash,
  givenFile,
  givenUlog,
  givenUsdLog,
  nanobenchRow,
  nanobenchTable,
  pack,
  tlogFrame,
} from './given-logs.ts';

const TABLE = nanobenchTable([0, 1, 2].map((i) => nanobenchRow(i)));
const USD = givenUsdLog({ variables: ['pm.vbat(f)'], rows: [1, 2, 3].map((n) => [n * 1e6, 4 - n / 10]) });

async function refusal(path: string): Promise<string> {
  const error = await readFlight(path)
    .then(() => null)
    .catch((e: Error) => e);
  assert.instance(error, InputError);
  assert.ok(error?.message.startsWith(`${path}: expected`), error?.message);
  assert.not.match(error?.message ?? '', /\n/);
  return error?.message ?? '';
}

test('the format is told by the content, not by the name', async () => {
  assert.is((await readFlight(givenFile('table.ulg', TABLE))).format, 'nanobench-csv');
  assert.is((await readFlight(givenFile('noname', TABLE))).format, 'nanobench-csv');
  assert.is((await readFlight(givenFile('log.csv', USD))).format, 'cfusdlog');
});

test('any format may be gzipped, whatever the name', async () => {
  assert.is((await readFlight(givenFile('a.csv', gzipSync(TABLE)))).topics.pose?.time.length, 3);
  assert.is((await readFlight(givenFile('log00.gz', gzipSync(USD)))).topics.battery?.time.length, 3);
});

test('the name is that of the file without folder and extensions', async () => {
  assert.is((await readFlight(givenFile('B2_circle.csv.gz', gzipSync(TABLE)))).name, 'B2_circle');
  assert.is((await readFlight(givenFile('log70_x_3', USD))).name, 'log70_x_3');
});

test('what is no log is refused in one line that says why', async () => {
  const path = givenFile('empty.csv', '');
  assert.match(await refusal(path), /the file is empty/);
  assert.match(await refusal(`${path}.gone`), /there is no such file/);
  assert.match(await refusal(dirname(path)), /it is a folder/);
  assert.match(await refusal(`${path}/inside`), /there is no such file/);
  assert.match(await refusal(givenFile('a.txt', 'dear diary\n')), /MCAP, PX4 ULog, .*NanoBench CSV/);
  assert.match(await refusal(givenFile('a.csv', 'time,x,y,z\n1,2,3,4\n')), /expected a map of its columns/);
  assert.match(await refusal(givenFile('a.gz', gzipSync(TABLE).subarray(0, 10))), /nothing can be unpacked/);
  assert.match(await refusal(givenFile('a.gz', gzipSync('hello'))), /none of these/);
});

test('no file of another format is taken by an importer', () => {
  const heads: [string, Uint8Array][] = [
    ['nanobench-csv', Buffer.from(TABLE)],
    ['cfusdlog', USD],
    ['ulog', givenUlog()],
    ['dataflash', givenDataflash()],
    ['tlog', tlogFrame(1.7e9, { message: 0, crcExtra: 50, payload: new Uint8Array(9) })],
    ['blackbox', Buffer.from('H Product:Blackbox flight data recorder\n')],
    ['mcap', pack(Uint8Array.of(0x89), 'MCAP0\r\n')],
  ];
  for (const [format, head] of heads)
    assert.equal(
      IMPORTERS.filter((importer) => importer.detect(head)).map((importer) => importer.format),
      [format],
    );
});

const folder = flightsFolder();
if (!folder) console.log('skipped: no real flights of foreign formats');
else
  test('real files that are no log, or a table of unknown columns, are refused', async () => {
    assert.match(await refusal(`${folder}/README.md`), /none of these/);
    assert.match(await refusal(`${folder}/crazyflie-rollouts/cf.csv.gz`), /expected a map of its columns/);
    await readLog(`${folder}/nanobench/B9_trefoil_slow_rep10.csv.gz`);
  });

test.run();
