export { colours, paint, type Style } from './output/colour.ts';
export { printJson } from './output/json.ts';
export { note } from './output/note.ts';
export { plot, type PlotOptions, plotSeries, type Point, type Series, seriesColour } from './output/plot.ts';
export { prose, shellWord } from './output/prose.ts';
export { Progress, type ProgressOptions } from './output/progress.ts';
export { type Cell, table } from './output/table.ts';
