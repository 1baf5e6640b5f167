import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { breakdownPicture } from '../../src/cli/breakdown-picture.ts';
import { roundAxis } from '../../src/cli/output/svg/panel.ts';
import { runsPicture } from '../../src/cli/runs-picture.ts';
import { readRun } from '../../src/learn/run-summary.ts';
import { launch } from '../browser.ts';
import { near } from '../given.ts';
import { givenRun } from '../learn/given-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'windhover-pictures-'));
const browser = await launch();
test.after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The picture as an XML document of its own, as a browser opens it, with nothing from outside. */
async function shown(svg: string): Promise<Page> {
  assert.not.match(svg.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|href|url\(|@import/);
  const page = await browser.newPage();
  const wrong = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    document.body.append(document.adoptNode(parsed.documentElement));
    return document.querySelector('parsererror')?.textContent ?? '';
  }, svg);
  assert.is(wrong, '', 'is well-formed XML');
  return page;
}

/** Texts that stick out of the picture. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const whole = document.querySelector('svg')!.getBoundingClientRect();
    const texts = [...document.querySelectorAll('text')];
    return texts.flatMap((text) => {
      const box = text.getBoundingClientRect();
      const within = box.left >= whole.left && box.right <= whole.right && box.bottom <= whole.bottom;
      return within ? [] : [text.textContent ?? ''];
    });
  });
}

const centres = (page: Page, colour: string) =>
  page.evaluate(
    (fill) =>
      [...document.querySelectorAll(`circle[fill="${fill}"]`)].map((circle) => [
        Number(circle.getAttribute('cx')),
        Number(circle.getAttribute('cy')),
      ]),
    colour,
  );

test('ticks are round, and cover what there is', () => {
  assert.equal(roundAxis(0, 770_048, 6).ticks, [0, 200_000, 400_000, 600_000, 800_000]);
  assert.equal(roundAxis(0.742, 1, 5).ticks, [0.7, 0.8, 0.9, 1]);
  assert.equal(roundAxis(0, 1, 5).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1]);
});

test('runs: a dot for each evaluation, where its axes say; any name is shown as it is', async () => {
  const runs = ['a <b> & "c"', 'plain'].map((name, k) => ({
    name,
    ...readRun(givenRun(join(folder, `run-${k}`), { seed: k, evaluations: [null, 0.5, 0.75, 1].slice(0, 4 - k) })),
  }));
  const page = await shown(runsPicture(runs));
  assert.equal(await cutOff(page), []);
  const texts = await page.evaluate(() => [...document.querySelectorAll('text')].map((text) => text.textContent ?? ''));
  for (const text of ['Learning hover with crazyflie', 'environment steps', 'seconds of learning', 'success'])
    assert.ok(texts.includes(text), text);
  assert.ok(texts.some((text) => text.startsWith('a <b> & "c", 100.0 %')));
  const dots = await centres(page, '#0072b2');
  assert.is(dots.length, 6, 'three evaluations in each of two panels');
  const [[x2, y05], [x3, y075], [x4, y1]] = dots;
  near(x4 - x3, x3 - x2, 0.02, 'evenly spaced over steps');
  near(y05 - y075, y075 - y1, 0.02, 'evenly spaced in success');
  assert.ok(y1 < y075, 'better is higher');
  assert.is((await centres(page, '#d55e00')).length, 4);
});

test('breakdown: a point a bin that was flown, its interval around it, on a common axis', async () => {
  const bin = (low: number, high: number, successRate: number | null, ci: [number, number] | null) => ({
    low,
    high,
    episodes: successRate === null ? 0 : 100,
    successRate,
    successCi95: ci,
  });
  const lag = { factor: 'motorLag_ratio', label: 'motor lag', unit: '× nominal' };
  const wind = { factor: 'wind_m_s', label: 'steady wind', unit: 'm/s' };
  const breakdown = [
    { ...lag, bins: [bin(0.5, 1, 1, [0.96, 1]), bin(1, 2, 0.8, [0.71, 0.87])] },
    { ...wind, bins: [bin(0, 0.5, 0.9, [0.83, 0.94]), bin(0.5, 1, null, null), bin(1, 1.5, 0.9, [0.83, 0.94])] },
  ];
  const page = await shown(breakdownPicture([{ name: 'mine', successRate: 0.9, breakdown }], '200 episodes'));
  assert.equal(await cutOff(page), []);
  const dots = await centres(page, '#0072b2');
  assert.is(dots.length, 4);
  const [[, y1], [, y08], [, y09]] = dots;
  near(y09, (y1 + y08) / 2, 0.02, 'the same axis in all panels');
  const spans = await page.evaluate(() =>
    [...document.querySelectorAll('line[stroke="#0072b2"][stroke-width="2"]')].map((line) => [
      Number(line.getAttribute('y2')),
      Number(line.getAttribute('y1')),
    ]),
  );
  assert.is(spans.length, 4);
  spans.forEach(([high, low], i) => assert.ok(high <= dots[i][1] && dots[i][1] <= low, 'a point lies in its interval'));
});

test.run();
