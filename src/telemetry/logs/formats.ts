import { blackbox } from './blackbox.ts';
import { cfusdlog } from './cfusdlog.ts';
import { dataflash } from './dataflash.ts';
import type { Importer } from './importer.ts';
import { mcap } from './mcap.ts';
import { nanobench } from './nanobench.ts';
import { tlog } from './tlog.ts';
import { ulog } from './ulog.ts';

/** Every log format there is an importer for; the first that recognises a file reads it. */
export const IMPORTERS: readonly Importer[] = [mcap, ulog, cfusdlog, dataflash, tlog, blackbox, nanobench];
