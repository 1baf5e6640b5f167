import type { IncomingMessage } from 'node:http';
import { FOXGLOVE_SUBPROTOCOLS } from '../protocols/foxglove.ts';
import { SUBPROTOCOL } from '../protocols/windhover.ts';

/** The protocols a hub speaks. */
export type ProtocolName = 'windhover' | 'foxglove';

/** How a protocol is asked for, and what its clients may do. */
interface ProtocolDoor {
  name: ProtocolName;
  /** Names in the WebSocket handshake, the one we like best first. */
  subprotocols: readonly string[];
  /** Its clients can only listen. */
  listensOnly: boolean;
  /** Says the token in a frame of its own; the others have it in their address. */
  helloHasToken: boolean;
}

const DOORS: readonly ProtocolDoor[] = [
  { name: 'windhover', subprotocols: [SUBPROTOCOL], listensOnly: false, helloHasToken: true },
  { name: 'foxglove', subprotocols: FOXGLOVE_SUBPROTOCOLS, listensOnly: true, helloHasToken: false },
];

/** What to ask for, for people who did not. */
export const SPOKEN = DOORS.flatMap(({ subprotocols }) => subprotocols).join(', ');

/** The first of ours that a client offers; null where it offers none. */
export function chooseSubprotocol(offered: Iterable<string>): string | null {
  const all = new Set(offered);
  return DOORS.flatMap(({ subprotocols }) => subprotocols).find((name) => all.has(name)) ?? null;
}

/** The protocol that a request asks for, or null for one that asks for none of ours. */
export function doorOf({ headers }: IncomingMessage): ProtocolDoor | null {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = chooseSubprotocol(offered);
  return DOORS.find(({ subprotocols }) => chosen !== null && subprotocols.includes(chosen)) ?? null;
}

/** The token in the address that was asked for, `/?token=…`. */
export function tokenInAddress({ url = '/' }: IncomingMessage): string | undefined {
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
  return new URLSearchParams(query).get('token') ?? undefined;
}
