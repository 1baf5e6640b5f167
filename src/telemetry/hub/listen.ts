import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { InputError } from '../../../envs/input-error.ts';
import { chooseSubprotocol, doorOf, SPOKEN, tokenInAddress } from './doors.ts';

/** The largest frame a hub takes; 256 messages of the widest topic are about 50 kB. */
export const MAX_FRAME_BYTES = 1024 * 1024;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/;

/** Where to listen and who may come in. */
export interface Door {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** What a client must know; needed where the host is not the loopback. */
  token?: string;
}

export interface OpenDoor {
  server: WebSocketServer;
  /** Where clients find it, `ws://127.0.0.1:8765`. */
  url: string;
  /** Lets nobody in any more; those inside stay. */
  shut(): void;
}

/**
 * Opens the WebSocket server.
 *
 * @throws InputError for a port out of range or in use, an address that is not this machine's, or a host other than the
 * loopback without a token
 */
export async function listen({ host, port, token }: Door): Promise<OpenDoor> {
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InputError(`--port: expected a whole number from 0 to 65535, got ${port}`);
  if (!LOOPBACK.test(host) && !token)
    throw new InputError(`--host: expected --token too, since ${host} can be reached from other machines`);
  const http = createServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
    response.end(`This is a telemetry hub. Connect a WebSocket with ${SPOKEN}.\n`);
  });
  const bound = await bind(http, host, port);
  const server = new WebSocketServer({
    server: http,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => chooseSubprotocol(offered) ?? false,
    verifyClient: ({ req, origin }: { req: IncomingMessage; origin?: string }, answer) => {
      const refusal = refusalOf(req, origin, token);
      if (refusal) answer(false, ...refusal);
      else answer(true);
    },
  });
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return { server, url: `ws://${name}:${bound.port}`, shut: () => shut(server, http) };
}

async function bind(http: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    http.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  });
  return http.address() as AddressInfo;
}

// Clients that never asked for a WebSocket would keep the process alive.
function shut(server: WebSocketServer, http: Server): void {
  server.close();
  http.close();
  http.closeAllConnections();
}

/** Why a client may not come in, or null. */
function refusalOf(request: IncomingMessage, origin: string | undefined, token?: string): [number, string] | null {
  const door = doorOf(request);
  if (!door) return [400, `expected ${SPOKEN}`];
  if (!token) return isLocal(origin, door.listensOnly) ? null : [403, 'expected a page of this machine, or a token'];
  if (door.helloHasToken || tokenMatches(token, tokenInAddress(request))) return null;
  return [401, 'expected the token of this hub in the address, as in /?token=...'];
}

// A browser lets every page on the web open a socket to this machine and only tells us the page's origin. Electron's
// programs, such as Lichtblick, say file://, which neither pages of the web nor files opened in a browser do; they may listen.
function isLocal(origin: string | undefined, listensOnly: boolean): boolean {
  if (!origin || (listensOnly && origin === 'file://')) return true;
  return URL.canParse(origin) && LOOPBACK.test(new URL(origin).hostname);
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new InputError(`--port: expected a free port, but ${port} is in use on ${host}; 0 takes any free one`);
  if (error.code === 'EACCES') return new InputError(`--port: expected a port this user may open, got ${port}`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return new InputError(`--host: expected an address of this machine, got ${host}`);
  return error;
}

/** Whether the token a client sent is the hub's; takes as long for a wrong one as for the right one. */
export function tokenMatches(expected: string | undefined, given: string | undefined): boolean {
  if (expected === undefined) return true;
  const [a, b] = [Buffer.from(expected), Buffer.from(given ?? '')];
  return a.length === b.length && timingSafeEqual(a, b);
}
