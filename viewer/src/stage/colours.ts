import { Color } from 'three';

/** Colours of the recordings: alone or after fine-tuning, and before it. */
export const SOLID = '#4cc9f0';
export const GHOST = '#f4a261';

/** Position error from none to the scale's end: green, yellow, red. */
const STOPS = ['#38d39f', '#b7e35a', '#ffd166', '#f78c4b', '#ef476f'].map((hex) => new Color(hex));

/** Colour of a position error, `share` being the error over the scale's end. */
export function errorColour(share: number, out = new Color()): Color {
  const place = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const index = Math.min(Math.floor(place), STOPS.length - 2);
  return out.copy(STOPS[index]).lerp(STOPS[index + 1], place - index);
}

/** The scale as a CSS gradient, for the legend. */
export const ERROR_GRADIENT = `linear-gradient(to right, ${STOPS.map((stop) => `#${stop.getHexString()}`).join(', ')})`;
