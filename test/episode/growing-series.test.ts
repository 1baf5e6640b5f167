import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GrowingSeries } from '../../src/episode/growing-series.ts';
import { SeriesBuilder } from '../../src/episode/series.ts';

const test = suite('growing series');

test('takes and leaves out what a series collected whole would', () => {
  const times = [0, 1, 2, 900, 3, 3, 4, Number.NaN, 5, 4.5, 6];
  const growing = new GrowingSeries('battery');
  const whole = new SeriesBuilder('battery');
  for (const time of times) {
    growing.push(time, [time / 10]);
    whole.push(time, [time / 10]);
  }
  const { time, columns } = whole.finish();
  assert.equal(growing.time, time);
  assert.equal(growing.columns, columns);
  assert.is(growing.dropped, whole.dropped);
});

test('what was read before is not changed by what comes after', () => {
  const series = new GrowingSeries('battery');
  series.push(0, [4]);
  const { time } = series;
  for (let i = 1; i < 5000; i++) series.push(i, [4]);
  assert.equal(time, Float64Array.of(0));
  assert.is(series.time.length, 5000);
});

test('a flight of any length keeps to its bound: the newest half whole, the rest thinned evenly', () => {
  const [most, total] = [400, 100_000];
  const series = new GrowingSeries('battery', most);
  for (let i = 0; i < total; i++) {
    series.push(i / 100, [i], i);
    assert.ok(series.length <= most);
  }
  const { time, numbers, thinnedSeconds } = series;
  assert.is(time[0], 0, 'the beginning stays');
  assert.equal(
    [...numbers.slice(-most / 2)],
    Array.from({ length: most / 2 }, (_, i) => total - most / 2 + i),
    'the newest are all there',
  );
  const old = [...time.slice(0, -most / 2)];
  const steps = old.slice(1).map((t, i) => t - old[i]);
  // 1000 s in 50 to 100 steps, one sample somewhere in each
  assert.ok(thinnedSeconds >= 10 && thinnedSeconds <= 20, `one in ${thinnedSeconds} s`);
  assert.ok(Math.max(...steps) < 2 * thinnedSeconds, `longest hole ${Math.max(...steps)} s`);
  assert.equal(
    series.columns[0],
    numbers.map((number) => number),
    'values stay with their times',
  );
});

test.run();
