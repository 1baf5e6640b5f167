type Attributes = Record<string, string | number | undefined>;

/** One SVG element; children are elements or text that was escaped. Numbers are written to a hundredth of a pixel. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === 'number' ? String(round(value)) : value!)}"`)
    .join('');
  return children.length > 0 ? `<${name}${written}>${children.join('')}</${name}>` : `<${name}${written}/>`;
}

/** Text at a point. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeXml(text));
}

/** Straight lines through points, with gaps where one is not finite. */
export function path(points: readonly (readonly [x: number, y: number])[], attributes: Attributes): string {
  let pen = 'M';
  const d = points.map(([x, y]) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      pen = 'M';
      return '';
    }
    const move = `${pen}${round(x)} ${round(y)}`;
    pen = 'L';
    return move;
  });
  return element('path', { d: d.join(''), fill: 'none', ...attributes });
}

/** A whole SVG file on white, with nothing from outside it. */
export function picture(width: number, height: number, title: string, content: readonly string[]): string {
  const size = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` };
  const font = { 'font-family': 'system-ui, "Segoe UI", Helvetica, Arial, sans-serif', 'font-size': 12, fill: INK };
  const background = element('rect', { width, height, fill: '#ffffff' });
  const titled = element('title', {}, escapeXml(title));
  return `${element('svg', { ...size, ...font, role: 'img' }, titled, background, ...content)}\n`;
}

export const INK = '#1f2933';
export const FAINT = '#6b7785';
export const GRID = '#e4e8ec';

/** Told apart by people who see few colours, too. @see Okabe and Ito 2008, Color Universal Design */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** Colour and dashes of the `i`-th series: dashes change when the colours are used up. */
export function seriesStyle(i: number): { stroke: string; dashes: string | undefined } {
  const dashes = [undefined, '6 3', '2 2'][Math.floor(i / COLOURS.length) % 3];
  return { stroke: COLOURS[i % COLOURS.length], dashes };
}

/** Text as it may stand between tags or in an attribute. */
export function escapeXml(text: string): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write these
  return safe.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
