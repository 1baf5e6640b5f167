import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative, sep } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import type { Catalogue } from '../episode/catalogue.ts';
import { packageRoot } from '../package-root.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';
import type { WatchItems } from './watch-items.ts';
import { LiveChannel, type LiveSources } from './watch-live.ts';

export interface ServeViewerOptions {
  /** 0 takes any free port. Without it 8700 is tried first, then any. */
  port?: number;
  /** Address to listen on; loopback unless told otherwise. */
  host?: string;
  /** What the page lists; a function is asked again whenever the page is loaded. */
  items: WatchItems | (() => Promise<WatchItems>);
  /** Hubs whose flights the page shows as they come. */
  live?: LiveSources;
}

export interface ViewerServer {
  /** Address of the page, as a browser takes it. */
  url: string;
  close(): Promise<void>;
}

interface Asset {
  type: string;
  bytes: Uint8Array;
}

const USUAL_PORT = 8700;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** Nothing from elsewhere: the page works without a network, and a log's text cannot make it call out. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:";

/** What every answer says. */
const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/**
 * Serves the viewer and its data.
 *
 * @throws InputError when the port is taken or the address is not this machine's
 */
export async function serveViewer(options: ServeViewerOptions): Promise<ViewerServer> {
  const { host = '127.0.0.1', port } = options;
  const answer = new Answers(options, readAssets(), isLoopback(host));
  const server = createServer((request, response) => void answer.handle(request, response));
  if (port === undefined) await listen(server, USUAL_PORT, host).catch(() => listen(server, 0, host));
  else await listen(server, port, host);
  return { url: addressOf(server, host), close: () => close(server) };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE')
    return new InputError(`--port ${port}: expected a free port, but another program listens there; 0 takes any`);
  if (error.code === 'EACCES') return new InputError(`--port ${port}: expected a port that this user may listen on`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new InputError(`--host ${host}: expected an address of this machine`);
  return error;
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** All files of the built viewer by their address. Only these are served, so no address can lead out of the folder. */
function readAssets(folder = join(packageRoot(), 'dist', 'viewer')): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  const visit = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) visit(path);
      else
        assets.set(`/${relative(folder, path).split(sep).join('/')}`, {
          type: TYPES[extname(path)] ?? 'application/octet-stream',
          bytes: readFileSync(path),
        });
    }
  };
  try {
    visit(folder);
  } catch {
    throw new Error(`${folder}: the viewer is not built; npm run build:viewer makes it`);
  }
  return assets;
}

class Answers {
  private readonly assets: Map<string, Asset>;
  private readonly source: ServeViewerOptions['items'];
  private readonly live: LiveSources;
  private readonly loopback: boolean;
  private latest: WatchItems | null = null;

  constructor({ items, live = [] }: ServeViewerOptions, assets: Map<string, Asset>, loopback: boolean) {
    this.source = items;
    this.live = live;
    this.assets = assets;
    this.loopback = loopback;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') return text(response, 405, 'expected GET');
      // A page from elsewhere may point its own name at 127.0.0.1: only our own names get an answer.
      if (this.loopback && !/^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(request.headers.host ?? ''))
        return text(response, 403, 'expected this machine as Host');
      await this.route(new URL(request.url ?? '/', 'http://localhost'), response);
    } catch (error) {
      text(response, 500, error instanceof Error ? error.message : String(error));
    }
  }

  private async route({ pathname: path, searchParams }: URL, response: ServerResponse): Promise<void> {
    if (path === '/api/items') return json(response, await this.catalogue());
    if (path === '/api/live' && this.live.length > 0)
      return new LiveChannel(this.live, searchParams.get('item')).serve(response, HEADERS);
    if (path.startsWith('/api/vehicle/')) return vehicle(response, decode(path.slice('/api/vehicle/'.length)));
    if (path.startsWith('/data/')) return this.data(response, decode(path.slice('/data/'.length)));
    const asset = this.assets.get(path === '/' ? '/index.html' : path);
    if (!asset) return text(response, 404, `there is no ${path}`);
    send(response, 200, asset.type, asset.bytes);
  }

  private async catalogue(): Promise<Catalogue> {
    const { catalogue } = await this.refresh();
    return this.live.length > 0 ? { ...catalogue, live: true } : catalogue;
  }

  /** The items as they are now; as they were before, where a run has gone meanwhile. */
  private async refresh(): Promise<WatchItems> {
    if (typeof this.source !== 'function') return (this.latest = this.source);
    try {
      this.latest = await this.source();
    } catch (error) {
      if (!this.latest) throw error;
    }
    return this.latest;
  }

  private async data(response: ServerResponse, key: string): Promise<void> {
    const { data } = this.latest ?? (await this.refresh());
    const read = data.get(key);
    if (!read) return text(response, 404, `there is no recording ${key}`);
    send(response, 200, 'application/octet-stream', await read());
  }
}

/**
 * A log names its vehicle in its own words: "Crazyflie 2.1" is drawn as the vehicle file crazyflie, and null stands for what
 * nobody knows, since a browser would complain of a 404.
 */
function vehicle(response: ServerResponse, said: string): void {
  const name = vehicleNames().find((known) => said.toLowerCase().includes(known.toLowerCase()));
  json(response, name ? readVehicle(name) : null);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function json(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
}

function text(response: ServerResponse, status: number, message: string): void {
  send(response, status, 'text/plain; charset=utf-8', Buffer.from(`${message}\n`));
}

function send(response: ServerResponse, status: number, type: string, bytes: Uint8Array): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.byteLength,
    ...HEADERS,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
