import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import { interruptSignal } from './interrupt.ts';
import { openBrowser } from './open-browser.ts';
import { COLUMNS_OPTION, wholeNumber } from './options.ts';
import { note, printJson } from './output.ts';
import { followHubs, isAddress } from './watch-hubs.ts';
import { collectItems, type WatchItems } from './watch-items.ts';
import { serveViewer } from './watch-server.ts';
import { SourceReader } from './watch-sources.ts';

interface WatchOptions {
  port?: number;
  host: string;
  token?: string;
  columns?: string;
  open: boolean;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument(
      '[WHAT...]',
      'run folders, .mcap files, flight logs, or hubs as in ws://127.0.0.1:8765 for flights as they happen; all runs in ./runs if none is given',
    )
    .option(
      '--port <N>',
      'port of the page, 0 for any free one (default: 8700, or any if taken)',
      wholeNumber('--port', { min: 0, max: 65535 }),
    )
    .option('--host <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option('--token <TEXT>', 'what the hubs want to hear; it never reaches the browser')
    .option(...COLUMNS_OPTION)
    .option('--no-open', 'do not open a browser')
    .action(watch);
}

/** Serves the viewer until Ctrl-C, which is its normal end. */
async function watch(what: string[], { port, host, token, columns, open, json }: WatchOptions): Promise<void> {
  const urls = what.filter(isAddress);
  if (token !== undefined && urls.length === 0)
    throw new InputError('--token: expected the address of a hub too, as in ws://127.0.0.1:8765');
  const collect = collector(
    what.filter((each) => !isAddress(each)),
    urls.length > 0,
    columns,
  );
  const { warnings, catalogue } = await collect();
  const live = await followHubs(urls, token);
  const server = await serveViewer({ port, host, items: collect, live });
  for (const warning of warnings) note(`left out: ${warning}`);
  const items = catalogue.groups.flatMap((group) => group.items);
  if (json) printJson({ url: server.url, items, ...(urls.length > 0 && { hubs: urls }) });
  else process.stdout.write(`Watch ${subject(items.length, urls)} at ${server.url} (Ctrl-C ends)\n`);
  if (open && !json) await openBrowser(server.url);
  await interrupted();
  for (const hub of live) hub.close();
  await server.close();
}

/** Finds the items anew at each call; none where only hubs were named. */
function collector(paths: string[], hubs: boolean, columns?: string): () => Promise<WatchItems> {
  const reader = new SourceReader({ columns });
  if (paths.length > 0 || !hubs) return () => collectItems(paths, reader);
  return async () => ({ catalogue: { groups: [] }, data: new Map(), warnings: [] });
}

function subject(items: number, urls: readonly string[]): string {
  const recordings = items === 1 ? '1 recording' : `${items} recordings`;
  if (urls.length === 0) return recordings;
  return [...(items > 0 ? [recordings] : []), `what comes from ${urls.join(' and ')}`].join(' and ');
}

function interrupted(): Promise<void> {
  const signal = interruptSignal();
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
