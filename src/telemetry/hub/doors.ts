import type { IncomingMessage } from 'node:http';
import { FOXGLOVE_SUBPROTOCOLS } from '../protocols/foxglove.ts';
import { SUBPROTOCOL } from '../protocols/windhover.ts';

/** The protocols a hub speaks. */
export type ProtocolName = 'windhover' | 'foxglove' | 'rosbridge' | 'mavlink';

/** How a protocol is asked for, and what its clients may do. */
interface ProtocolDoor {
  name: ProtocolName;
  /** Names in the WebSocket handshake, the one we like best first; none where its clients say none. */
  subprotocols: readonly string[];
  /** Path of the address for such. */
  path?: string;
  /** Its clients can only listen. */
  listensOnly: boolean;
  /** Says the token in a frame of its own; the others have it in their address. */
  helloHasToken: boolean;
}

const DOORS: readonly ProtocolDoor[] = [
  { name: 'windhover', subprotocols: [SUBPROTOCOL], listensOnly: false, helloHasToken: true },
  { name: 'foxglove', subprotocols: FOXGLOVE_SUBPROTOCOLS, listensOnly: true, helloHasToken: false },
  { name: 'rosbridge', subprotocols: [], path: '/rosbridge', listensOnly: false, helloHasToken: false },
  { name: 'mavlink', subprotocols: [], path: '/mavlink', listensOnly: false, helloHasToken: false },
];

/** What to ask for, for people who did not. */
export const SPOKEN = `one of the subprotocols ${list('subprotocols')}, or the path ${list('path')}`;

function list(key: 'subprotocols' | 'path'): string {
  return DOORS.flatMap((door) => door[key] ?? []).join(', ');
}

/** The first of ours that a client offers; null where it offers none. */
export function chooseSubprotocol(offered: Iterable<string>): string | null {
  const all = new Set(offered);
  return DOORS.flatMap(({ subprotocols }) => subprotocols).find((name) => all.has(name)) ?? null;
}

/** The protocol that a request asks for, or null for one that asks for none of ours. */
export function doorOf(request: IncomingMessage): ProtocolDoor | null {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = chooseSubprotocol(offered);
  if (chosen !== null) return DOORS.find(({ subprotocols }) => subprotocols.includes(chosen))!;
  const { path } = addressOf(request);
  return DOORS.find((door) => door.path === path) ?? null;
}

/** The path and query of the address that was asked for. */
function addressOf({ url = '/' }: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path, ...query] = url.split('?');
  return { path: path.replace(/(.)\/$/, '$1'), query: new URLSearchParams(query.join('?')) };
}

/** The token in the address, `/?token=…`. */
export function tokenInAddress(request: IncomingMessage): string | undefined {
  return addressOf(request).query.get('token') ?? undefined;
}

/** What the address says of the flights that come, `/rosbridge?name=…&vehicle=…`. */
export function flightInAddress(request: IncomingMessage): { name?: string; vehicle?: string } {
  const { query } = addressOf(request);
  return {
    name: query.get('name')?.slice(0, 500) || undefined,
    vehicle: query.get('vehicle')?.slice(0, 200) || undefined,
  };
}
