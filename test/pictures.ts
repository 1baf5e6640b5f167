/**
 * Makes the README's pictures of the viewer: `node --import tsx test/pictures.ts WHAT OUT.png [QUERY [SELECTOR]]`.
 *
 * WHAT is anything that `windhover watch` takes; QUERY is what follows the page's address, such as `?item=ID&t=1.5`;
 * SELECTOR takes one part of the page alone, twice as sharp, such as `[data-plot=learning]`. The built viewer is shown.
 */
import { statSync } from 'node:fs';
import { collectItems } from '../src/cli/watch-items.ts';
import { serveViewer } from '../src/cli/watch-server.ts';
import { launch } from './browser.ts';

const [what, out, query = '', selector = ''] = process.argv.slice(2);
if (!what || !out) {
  console.error('expected: node --import tsx test/pictures.ts WHAT OUT.png [QUERY [SELECTOR]]');
  process.exit(2);
}

/** What a README may weigh. */
const MOST_BYTES = 300_000;

const server = await serveViewer({ port: 0, items: await collectItems([what]) });
const browser = await launch();
try {
  const [width, deviceScaleFactor] = selector ? [1600, 2] : [1100, 1];
  const page = await browser.newPage({ viewport: { width, height: 610 }, deviceScaleFactor });
  await page.goto(`${server.url}${query}`);
  await page.waitForSelector('#app[data-state=ready]');
  // A fifth of the way in, unless the query names a time: the vehicles have left the start and not yet arrived.
  if (!query.includes('t='))
    await page.locator('#scrub').evaluate((scrub) => {
      const input = scrub as HTMLInputElement;
      input.value = String(Number(input.max) / 5);
      input.dispatchEvent(new Event('input'));
    });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await (selector ? page.locator(selector) : page).screenshot({ path: out });
} finally {
  await browser.close();
  await server.close();
}
const { size } = statSync(out);
console.log(`${out}: ${Math.round(size / 1000)} kB`);
if (size > MOST_BYTES) {
  console.error(`${out}: expected at most ${MOST_BYTES / 1000} kB`);
  process.exit(1);
}
