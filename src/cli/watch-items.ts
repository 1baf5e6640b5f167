import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import type { Catalogue, CatalogueGroup, CatalogueItem, CatalogueRecording } from '../episode/catalogue.ts';
import { readLearningCurve } from './learning-curve.ts';
import { SourceReader, type WatchSource } from './watch-sources.ts';

/** What the viewer lists, and the MCAP bytes behind each address in it. */
export interface WatchItems {
  catalogue: Catalogue;
  /** By the key in a recording's address, `data/KEY`. */
  data: Map<string, () => Promise<Uint8Array>>;
  /** Files of a run that were left out, with the reason, one sentence each. */
  warnings: string[];
}

/**
 * Finds what there is to watch.
 *
 * @param paths run folders, folders of runs, MCAP files and logs of any format that is imported; none means all runs in `runsFolder`
 * @param reader kept over several calls, it reads only what has changed
 * @throws InputError when a path is no run and no log, or there is nothing to show
 */
export async function collectItems(
  paths: readonly string[],
  reader = new SourceReader(),
  runsFolder = 'runs',
): Promise<WatchItems> {
  const items: WatchItems = { catalogue: { groups: [] }, data: new Map(), warnings: [] };
  const runs = paths.length > 0 ? paths.flatMap(runsOf) : runsIn(runsFolder);
  const files = runs.filter((path) => !isFolder(path));
  for (const folder of runs.filter(isFolder)) items.catalogue.groups.push(await runGroup(folder, items, reader));
  if (files.length > 0) items.catalogue.groups.push(await filesGroup(files, items, reader));
  return items;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** The runs in a folder that is none itself and has no recordings of its own; else what was given. */
function runsOf(path: string): string[] {
  if (!isFolder(path) || isRun(path) || mcapFiles(path).length > 0) return [path];
  return readdirSync(path).some((name) => isFolder(join(path, name)) && isRun(join(path, name)))
    ? runsIn(path)
    : [path];
}

/** Runs in a folder, the newest first. */
function runsIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const runs = names.map((name) => join(folder, name)).filter((path) => isFolder(path) && isRun(path));
  if (runs.length === 0)
    throw new InputError(
      `${resolve(folder)}: expected runs to watch, found none: give a run, an .mcap file or a log, or make one with windhover pretrain`,
    );
  return runs.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}

function isRun(folder: string): boolean {
  return ['config.yaml', 'metrics.jsonl', 'episodes', 'flights', 'report.json'].some((name) =>
    existsSync(join(folder, name)),
  );
}

async function runGroup(folder: string, items: WatchItems, reader: SourceReader): Promise<CatalogueGroup> {
  const title = basename(resolve(folder));
  const files = ['episodes', 'flights', '.'].flatMap((name) => mcapFiles(join(folder, name)));
  if (files.length === 0 && !isRun(folder))
    throw new InputError(
      `${folder}: expected a run (with config.yaml, metrics.jsonl or episodes/) or .mcap files in it`,
    );
  const sources: WatchSource[] = [];
  for (const file of files) {
    // One damaged episode must not hide the others of its run.
    await reader.mcap(file).then(
      (source) => sources.push(source),
      (error: Error) => items.warnings.push(error.message),
    );
  }
  const group: CatalogueGroup = { title, detail: detailOf(sources), items: [] };
  const curve = readLearningCurve(join(folder, 'metrics.jsonl'));
  if (curve) group.curve = curve;
  group.items = pairUp(sources).flatMap((entry) => toItems(entry, title, items));
  return group;
}

async function filesGroup(files: readonly string[], items: WatchItems, reader: SourceReader): Promise<CatalogueGroup> {
  const group: CatalogueGroup = { title: 'Files', items: [] };
  const sources: WatchSource[] = [];
  for (const file of files) sources.push(...(await reader.log(file)));
  group.items = pairUp(sources).flatMap((entry) => toItems(entry, '', items));
  return group;
}

function mcapFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.mcap'));
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(folder, name));
}

function detailOf(sources: readonly WatchSource[]): string {
  const about = sources[0]?.about ?? {};
  return [about.task, about.vehicle].filter(Boolean).join(' · ');
}

type Pair = { before: WatchSource; after: WatchSource; name: string };

/** `before-3.mcap` and `after-3.mcap` are one item: the same start, flown before and after fine-tuning. */
function pairUp(sources: readonly WatchSource[]): (WatchSource | Pair)[] {
  const named = new Map(sources.map((source) => [source.name, source]));
  return sources.flatMap((source): (WatchSource | Pair)[] => {
    const key = /^(before|after)-(.+)\.mcap$/.exec(source.name)?.[2];
    const [before, after] = [named.get(`before-${key}.mcap`), named.get(`after-${key}.mcap`)];
    if (!before || !after) return [source];
    return source === before ? [{ before, after, name: `before and after ${key}` }] : [];
  });
}

function toItems(entry: WatchSource | Pair, run: string, items: WatchItems): CatalogueItem[] {
  if ('before' in entry) {
    const id = uniqueId(run, entry.name, items);
    const recordings = (['before', 'after'] as const).map((role) =>
      recordingOf(entry[role], role, `${id}~${role}`, items),
    );
    const durationSeconds = Math.max(entry.before.episodes[0].durationSeconds, entry.after.episodes[0].durationSeconds);
    return [{ id, title: entry.name, kind: 'pair', recordings, durationSeconds }];
  }
  const several = entry.episodes.length > 1;
  return entry.episodes.map(({ durationSeconds, isEpisode }, index) => {
    const title = `${entry.name.replace(/\.gz$/i, '').replace(/\.(mcap|csv|ulg|log|txt)$/i, '')}${several ? ` #${index}` : ''}`;
    const id = uniqueId(run, title, items);
    const recording = recordingOf(entry, 'solo', id, items, index);
    return { id, title, kind: isEpisode ? 'episode' : 'flight', recordings: [recording], durationSeconds };
  });
}

function recordingOf(
  source: WatchSource,
  role: CatalogueRecording['role'],
  key: string,
  { data }: WatchItems,
  episode = 0,
): CatalogueRecording {
  data.set(key, source.bytes);
  const { outcome } = source.episodes[episode];
  const several = source.episodes.length > 1 ? { episode } : {};
  return {
    role,
    name: source.name,
    url: `data/${encodeURIComponent(key)}`,
    ...several,
    ...(outcome ? { outcome } : {}),
  };
}

/** Readable in an address, and the same as long as the file keeps its name. */
function uniqueId(run: string, title: string, { catalogue, data }: WatchItems): string {
  const base = [run, title].filter(Boolean).join('/').replaceAll(' ', '-');
  const taken = (id: string) =>
    data.has(id) ||
    data.has(`${id}~before`) ||
    catalogue.groups.some(({ items }) => items.some((item) => item.id === id));
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (!taken(id)) return id;
  }
}
