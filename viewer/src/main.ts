import { App } from './app.ts';
import { byId } from './panels/dom.ts';

try {
  await new App().start();
} catch (error) {
  // No WebGL, above all: said on the page, since nobody looks into the console.
  const box = byId('notice');
  box.hidden = false;
  box.className = 'error';
  box.textContent = `The viewer could not start: ${error instanceof Error ? error.message : String(error)}`;
  byId('app').dataset.state = 'failed';
}
