/** Layers of equal area that the half bell is cut into. */
const LAYERS = 128;
/** Where the lowest layer's tail begins, and the area of each layer, for 128 of them. */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
/** Steps of a layer's width that a draw is taken from. */
const GRID = 2 ** 24;

/** Edge of each layer over the grid: a signed 25-bit integer times this is a draw from that layer, `[128]`. */
export const WIDTH = new Float64Array(LAYERS);
/** Integers below this are under the curve without looking, `[128]`. */
export const INSIDE = new Int32Array(LAYERS);
const edges = new Float64Array(LAYERS + 1);
/** Of the curve at each edge. */
const heights = new Float64Array(LAYERS + 1);

const bell = (x: number) => Math.exp(-0.5 * x * x);

edges[0] = AREA / bell(TAIL); // a rectangle as large as layer 0 with its tail
edges[1] = TAIL;
for (let k = 2; k < LAYERS; k++) edges[k] = Math.sqrt(-2 * Math.log(AREA / edges[k - 1] + bell(edges[k - 1])));
edges[LAYERS] = 0;
for (let k = 0; k <= LAYERS; k++) heights[k] = bell(edges[k]);
for (let k = 0; k < LAYERS; k++) {
  WIDTH[k] = edges[k] / GRID;
  INSIDE[k] = Math.floor((edges[k + 1] / edges[k]) * GRID);
}

/**
 * Decides on the 1 to 2 % of draws that {@link INSIDE} doesn't: those of the tail and at the curve itself.
 *
 * @param layer in [0, 128)
 * @param x what was drawn from it
 * @param uniform gives numbers in [0, 1)
 * @returns a standard normal deviate, or NaN where the draw is refused and another one has to be made
 */
export function settle(layer: number, x: number, uniform: () => number): number {
  if (layer > 0) {
    const height = heights[layer] + uniform() * (heights[layer + 1] - heights[layer]);
    return height < bell(x) ? x : Number.NaN;
  }
  for (;;) {
    const beyond = -Math.log(1 - uniform()) / TAIL;
    const level = -Math.log(1 - uniform());
    if (2 * level > beyond * beyond) return x < 0 ? -TAIL - beyond : TAIL + beyond;
  }
}
