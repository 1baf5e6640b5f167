import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { TempBuffer } from '@mcap/core';
import { InputError } from '../../envs/input-error.ts';
import type {
  Catalogue,
  CatalogueGroup,
  CatalogueItem,
  CatalogueRecording,
  LearningCurve,
  Outcome,
} from '../episode/catalogue.ts';
import {
  type Flight,
  FlightWriter,
  type McapContents,
  readMcap,
  samplesInOrder,
  topicOfChannel,
} from '../episode/index.ts';
import { readFlights } from '../telemetry/logs/index.ts';

/** What the viewer lists, and the MCAP bytes behind each address in it. */
export interface WatchItems {
  catalogue: Catalogue;
  /** By the key in a recording's address, `data/KEY`. */
  data: Map<string, () => Promise<Uint8Array>>;
  /** Files of a run that were left out, with the reason, one sentence each. */
  warnings: string[];
}

/** One MCAP file on disk or in memory, before it becomes part of an item. */
interface Source {
  name: string;
  bytes: () => Promise<Uint8Array>;
  episodes: { outcome?: Outcome; isEpisode: boolean; durationSeconds: number }[];
  about: Record<string, string>;
}

/**
 * Finds what there is to watch.
 *
 * @param paths run folders, MCAP files and logs of any format that is imported; none means all runs in `runsFolder`
 * @throws InputError when a path is no run and no log, or there is nothing to show
 */
export async function collectItems(paths: readonly string[], runsFolder = 'runs'): Promise<WatchItems> {
  const items: WatchItems = { catalogue: { groups: [] }, data: new Map(), warnings: [] };
  const runs = paths.length > 0 ? paths : runsIn(runsFolder);
  const files = runs.filter((path) => !isFolder(path));
  for (const folder of runs.filter(isFolder)) items.catalogue.groups.push(await runGroup(folder, items));
  if (files.length > 0) items.catalogue.groups.push(await filesGroup(files, items));
  return items;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
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

async function runGroup(folder: string, items: WatchItems): Promise<CatalogueGroup> {
  const title = basename(resolve(folder));
  const files = ['episodes', 'flights', '.'].flatMap((name) => mcapFiles(join(folder, name)));
  if (files.length === 0 && !isRun(folder))
    throw new InputError(
      `${folder}: expected a run (with config.yaml, metrics.jsonl or episodes/) or .mcap files in it`,
    );
  const sources: Source[] = [];
  for (const file of files) {
    // One damaged episode must not hide the others of its run.
    await mcapSource(file).then(
      (source) => sources.push(source),
      (error: Error) => items.warnings.push(error.message),
    );
  }
  const group: CatalogueGroup = { title, detail: detailOf(sources), items: [] };
  const curve = learningCurve(join(folder, 'metrics.jsonl'));
  if (curve) group.curve = curve;
  group.items = pairUp(sources).flatMap((entry) => toItems(entry, title, items));
  return group;
}

async function filesGroup(files: readonly string[], items: WatchItems): Promise<CatalogueGroup> {
  const group: CatalogueGroup = { title: 'Files', items: [] };
  const sources: Source[] = [];
  for (const file of files) sources.push(await fileSource(file));
  group.items = pairUp(sources).flatMap((entry) => toItems(entry, '', items));
  return group;
}

function mcapFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.mcap'));
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((name) => join(folder, name));
}

function detailOf(sources: readonly Source[]): string {
  const about = sources[0]?.about ?? {};
  return [about.task, about.vehicle].filter(Boolean).join(' · ');
}

/** MCAP of ours is served as it is; anything else is imported and served as MCAP made in memory. */
async function fileSource(file: string): Promise<Source> {
  if (file.endsWith('.mcap') && existsSync(file)) {
    const source = await mcapSource(file).catch(() => null);
    if (source) return source;
  }
  const flights = await readFlights(file);
  const bytes = flights.length === 1 ? memo(() => toMcap(flights[0])) : () => readFile(file);
  const episodes = flights.map(({ durationSeconds }) => ({ durationSeconds, isEpisode: flights.length > 1 }));
  return { name: basename(file), bytes, episodes, about: {} };
}

async function mcapSource(file: string): Promise<Source> {
  const contents = readMcap(await readFile(file));
  const ours = contents.channels.some(({ topic, encoding }) => encoding === 'json' && topicOfChannel(topic) !== null);
  if (!ours) throw new InputError(`${file}: expected Windhover's topics such as /pose, found none`);
  return {
    name: basename(file),
    bytes: () => readFile(file),
    episodes: episodesOf(contents),
    about: contents.metadata,
  };
}

/** Length and outcome of each episode; a recorded flight counts as one without outcome. */
function episodesOf({ channels }: McapContents): Source['episodes'] {
  const marks = channels.find(({ topic }) => topic === '/episode');
  const events = marks?.data.map((data, index) => ({ time: marks.times[index], event: eventOf(data) })) ?? [];
  const [first, last] = span(channels.filter(({ topic }) => topicOfChannel(topic) !== null));
  const starts = events.filter(({ event }) => event === 'start').map(({ time }) => time);
  const from = starts.length > 1 ? starts : [first];
  return from.map((start, index) => {
    const next = from[index + 1];
    const end = events.findLast(({ event, time }) => event !== 'start' && time >= start && (!next || time <= next));
    const durationSeconds = Number((end?.time ?? next ?? last) - start) / 1e9;
    return { outcome: end?.event as Outcome | undefined, isEpisode: events.length > 0, durationSeconds };
  });
}

function eventOf(data: Uint8Array): string {
  try {
    return String(JSON.parse(new TextDecoder().decode(data)).event);
  } catch {
    return '';
  }
}

function span(channels: McapContents['channels']): [bigint, bigint] {
  const times = channels.flatMap(({ times }) => (times.length > 0 ? [times[0], times[times.length - 1]] : []));
  const sorted = times.sort((a, b) => (a < b ? -1 : 1));
  return [sorted[0] ?? 0n, sorted.at(-1) ?? 0n];
}

type Pair = { before: Source; after: Source; name: string };

/** `before-3.mcap` and `after-3.mcap` are one item: the same start, flown before and after fine-tuning. */
function pairUp(sources: readonly Source[]): (Source | Pair)[] {
  const named = new Map(sources.map((source) => [source.name, source]));
  return sources.flatMap((source): (Source | Pair)[] => {
    const key = /^(before|after)-(.+)\.mcap$/.exec(source.name)?.[2];
    const [before, after] = [named.get(`before-${key}.mcap`), named.get(`after-${key}.mcap`)];
    if (!before || !after) return [source];
    return source === before ? [{ before, after, name: `before and after ${key}` }] : [];
  });
}

function toItems(entry: Source | Pair, run: string, items: WatchItems): CatalogueItem[] {
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
    const title = `${entry.name.replace(/\.mcap$/, '')}${several ? ` #${index}` : ''}`;
    const id = uniqueId(run, title, items);
    const recording = recordingOf(entry, 'solo', id, items, index);
    return { id, title, kind: isEpisode ? 'episode' : 'flight', recordings: [recording], durationSeconds };
  });
}

function recordingOf(
  source: Source,
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

/** Success over steps from a run's metrics; lines without an episode's end, or cut by a kill, are passed over. */
function learningCurve(file: string): LearningCurve | null {
  if (!existsSync(file)) return null;
  const curve: LearningCurve = { steps: [], successRate: [] };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const { steps, success } = parseLine(line);
    if (typeof steps !== 'number' || typeof success !== 'number') continue;
    curve.steps.push(steps);
    curve.successRate.push(success);
  }
  return curve.steps.length > 0 ? curve : null;
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}

/** A flight's samples as an MCAP file in memory. */
async function toMcap(flight: Flight): Promise<Uint8Array> {
  const buffer = new TempBuffer();
  const writer = new FlightWriter(buffer, { startUnixSeconds: flight.startUnixSeconds });
  const { name, vehicle, source, format } = flight;
  void writer.start({ kind: 'recording', name, vehicle, source, format });
  for (const { topic, time, values } of samplesInOrder(flight)) void writer.write(topic, time, values);
  await writer.end();
  return buffer.get();
}

function memo<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
