import type { Command } from 'commander';
import { interruptSignal } from './interrupt.ts';
import { openBrowser } from './open-browser.ts';
import { wholeNumber } from './options.ts';
import { note, printJson } from './output.ts';
import { collectItems } from './watch-items.ts';
import { serveViewer } from './watch-server.ts';
import { SourceReader } from './watch-sources.ts';

interface WatchOptions {
  port?: number;
  host: string;
  open: boolean;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('[WHAT...]', 'run folders, .mcap files or flight logs; all runs in ./runs if none is given')
    .option(
      '--port <N>',
      'port of the page, 0 for any free one (default: 8700, or any if taken)',
      wholeNumber('--port', { min: 0, max: 65535 }),
    )
    .option('--host <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option('--no-open', 'do not open a browser')
    .action(watch);
}

/** Serves the viewer until Ctrl-C, which is its normal end. */
async function watch(paths: string[], { port, host, open, json }: WatchOptions): Promise<void> {
  const reader = new SourceReader();
  const collect = () => collectItems(paths, reader);
  const { warnings, catalogue } = await collect();
  const server = await serveViewer({ port, host, items: collect });
  for (const warning of warnings) note(`left out: ${warning}`);
  const items = catalogue.groups.flatMap((group) => group.items);
  if (json) printJson({ url: server.url, items });
  else process.stdout.write(`Watch ${count(items.length)} at ${server.url} (Ctrl-C ends)\n`);
  if (open && !json) await openBrowser(server.url);
  await interrupted();
  await server.close();
}

function count(items: number): string {
  return items === 1 ? '1 recording' : `${items} recordings`;
}

function interrupted(): Promise<void> {
  const signal = interruptSignal();
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
