import { element, label, seriesStyle } from './element.ts';

const ROW = 18;
/** Pixels a character of the legend takes at most, on average. */
const CHARACTER = 7;

/** A coloured stroke and a name for each series, side by side in rows of `width`; and the height that takes. */
export function legend(
  x: number,
  y: number,
  width: number,
  names: readonly string[],
): { drawn: string[]; height: number } {
  let left = 0;
  let row = 0;
  const drawn = names.flatMap((name, i) => {
    const size = 34 + CHARACTER * name.length + 16;
    if (left > 0 && left + size > width) {
      left = 0;
      row++;
    }
    const at = { x: x + left, y: y + row * ROW };
    left += size;
    const { stroke, dashes } = seriesStyle(i);
    return [
      element('line', {
        x1: at.x,
        x2: at.x + 24,
        y1: at.y - 4,
        y2: at.y - 4,
        stroke,
        'stroke-width': 3,
        'stroke-dasharray': dashes,
      }),
      label(at.x + 32, at.y, name),
    ];
  });
  return { drawn, height: names.length > 0 ? (row + 1) * ROW : 0 };
}
