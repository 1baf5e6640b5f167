import { z } from 'zod';
import { FrameError } from './windhover.ts';

/**
 * The Foxglove WebSocket protocol, as far as a server needs it that only shows: channels out, subscriptions in.
 *
 * @see https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md
 */

/** The names it has had in the handshake, the newer first; frames are the same under both. */
export const FOXGLOVE_SUBPROTOCOLS = ['foxglove.sdk.v1', 'foxglove.websocket.v1'] as const;

/** One topic that a client may subscribe to. */
export interface FoxgloveChannel {
  /** Never used again for another channel. */
  id: number;
  topic: string;
  encoding: 'json';
  schemaName: string;
  /** The JSON schema as text. */
  schema: string;
  schemaEncoding: 'jsonschema';
}

/** How grave a status is. */
export const STATUS = { info: 0, warning: 1, error: 2 } as const;

const uint32 = z.number().int().min(0).max(0xffff_ffff);

const subscribe = z.object({
  op: z.literal('subscribe'),
  subscriptions: z.array(z.object({ id: uint32, channelId: uint32 })).max(10_000),
});
const unsubscribe = z.object({ op: z.literal('unsubscribe'), subscriptionIds: z.array(uint32).max(10_000) });
const request = z.discriminatedUnion('op', [subscribe, unsubscribe]);

export type FoxgloveRequest = z.infer<typeof request>;

/**
 * Reads a client's frame.
 *
 * @throws FrameError that names the field, for all that is neither a subscription nor the end of one: a client may not
 * ask for what `serverInfo` does not offer
 */
export function readFoxglove(data: string | Uint8Array): FoxgloveRequest {
  if (typeof data !== 'string') throw new FrameError('frame', 'expected text: this server takes no messages', 0);
  const result = request.safeParse(parse(data));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new FrameError(path.join('.') || 'frame', message, 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FrameError('frame', 'expected JSON', 0);
  }
}

/** The greeting. `sessionId` tells a client that comes again whether this is the server it knew. */
export const writeServerInfo = (library: string, sessionId: string): string =>
  JSON.stringify({ op: 'serverInfo', name: 'windhover', capabilities: [], metadata: { library }, sessionId });

export const writeAdvertise = (channels: readonly FoxgloveChannel[]): string =>
  JSON.stringify({ op: 'advertise', channels });

export const writeUnadvertise = (channelIds: readonly number[]): string =>
  JSON.stringify({ op: 'unadvertise', channelIds });

/** @param id one that `writeRemoveStatus` takes away again */
export const writeStatus = (level: keyof typeof STATUS, message: string, id?: string): string =>
  JSON.stringify({ op: 'status', level: STATUS[level], message, id });

export const writeRemoveStatus = (statusIds: readonly string[]): string =>
  JSON.stringify({ op: 'removeStatus', statusIds });

const MESSAGE_DATA = 1;
const HEADER_BYTES = 1 + 4 + 8;

/** A message for one subscription: opcode, subscription, log time [ns], body. */
export function writeMessageData(subscription: number, logTime: bigint, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.writeUInt8(MESSAGE_DATA, 0);
  frame.writeUInt32LE(subscription, 1);
  frame.writeBigUInt64LE(logTime, 5);
  frame.set(body, HEADER_BYTES);
  return frame;
}
