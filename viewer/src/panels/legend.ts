import { ERROR_GRADIENT, GHOST, SOLID } from '../stage/colours.ts';
import type { Stage } from '../stage/stage.ts';
import { byId, element } from './dom.ts';

/** What the colours in the picture mean, how far apart the grid's lines are, and how much larger than life the vehicle is drawn. */
export class Legend {
  private readonly box = byId('legend');

  show(pair: boolean, { options, errorScale, drawnScale, gridCell }: Stage): void {
    const parts: HTMLElement[] = [];
    if (pair) parts.push(swatch(GHOST, 'before fine-tuning', true), swatch(SOLID, 'after fine-tuning', false));
    if (options.trailColour === 'error' && options.trail && errorScale !== null) parts.push(scale(errorScale));
    if (options.grid)
      parts.push(element('span', { class: 'muted' }, `grid ${gridCell} m, fine lines ${gridCell / 5} m`));
    if (drawnScale !== 1) parts.push(element('span', { class: 'muted' }, `vehicle drawn ${drawnScale}× its size`));
    this.box.replaceChildren(...parts);
  }
}

function swatch(colour: string, text: string, ghost: boolean): HTMLElement {
  const mark = element('i', { class: ghost ? 'swatch ghost' : 'swatch', style: `--colour:${colour}` });
  return element('span', { class: 'entry' }, mark, text);
}

function scale(end: number): HTMLElement {
  const bar = element('i', { class: 'scale', style: `background:${ERROR_GRADIENT}` });
  return element('span', { class: 'entry' }, 'error 0', bar, `${end} m`);
}
