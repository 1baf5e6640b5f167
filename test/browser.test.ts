import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findBrowser, launch } from './browser.ts';

/** Runs with another environment, and puts the old one back. */
async function given<T>(env: Record<string, string>, run: () => Promise<T>): Promise<T> {
  const kept = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, kept);
  }
}

test('a browser is found that draws with WebGL 2', async () => {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const pixel = await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      if (!gl) return null;
      gl.clearColor(1, 0.2, 0, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
      const rgba = new Uint8Array(4);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
      return [...rgba];
    });
    assert.equal(pixel, [255, 51, 0, 255]);
  } finally {
    await browser.close();
  }
});

test('CHROME_PATH comes first, and a wrong one is named', async () => {
  assert.is(await given({ CHROME_PATH: process.execPath }, findBrowser), process.execPath);
  const nowhere = join(tmpdir(), 'no-such-browser');
  const message = await given({ CHROME_PATH: nowhere }, () => findBrowser().then(String, (error) => error.message));
  assert.is(message, `CHROME_PATH: expected the path of a browser, got ${nowhere}`);
});

test('a program that only has the name of a browser is passed over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-browser-'));
  try {
    writeFileSync(join(folder, 'chromium'), '#!/bin/sh\necho please install a snap; exit 1\n', { mode: 0o755 });
    const env = { CHROME_PATH: '', PATH: `${folder}:${process.env.CHROME_PATH ?? ''}:${process.env.PATH}` };
    const found = await given(env, findBrowser);
    assert.not.equal(found, join(folder, 'chromium'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
