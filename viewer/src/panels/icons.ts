/** The interface's own icons, drawn as paths of a 24-unit square. */
const PATHS = {
  play: 'M8 5v14l11-7z',
  pause: 'M7 5h4v14H7zM13 5h4v14h-4z',
  start: 'M6 5h2.5v14H6zM19 5v14L9.5 12z',
  loop: 'M7 7h9v3l5-4.5L16 1v3H4v8h3zM17 17H8v-3l-5 4.5L8 23v-3h12v-8h-3z',
  menu: 'M3 6h18v2.2H3zM3 11h18v2.2H3zM3 16h18v2.2H3z',
  open: 'M4 4h6l2 2.5h8V20H4zM6 9v8.5h12V9z',
  back: 'M15.5 5 8 12l7.500 7 1.800-1.800L11.600 12l5.700-5.200z',
  forward: 'M8.500 5 16 12l-7.500 7-1.800-1.800L12.400 12 6.700 6.800z',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
