import { WebSocket } from 'ws';
import { InputError } from '../../../envs/input-error.ts';
import { CLOSE, readFrame, SUBPROTOCOL, VERSION, writeFrame } from '../protocols/windhover.ts';

export interface LinkOptions {
  url: string;
  token?: string;
  role: 'publisher' | 'subscriber';
  /** Is given every frame after the hub's hello. */
  onText(text: string): void;
  /** Is called once when the connection is over, by whichever side. */
  onClose(why: string): void;
}

/** A connection to a hub that has said hello. */
export interface HubLink {
  send(text: string): void;
  close(): void;
}

/** There is no hub at the address, or it lets nobody in with this token. */
export class HubRefusal extends InputError {
  /** What was found, as a clause of its own. */
  readonly reason: string;
  readonly badToken: boolean;

  constructor(message: string, reason: string, badToken = false) {
    super(message);
    this.reason = reason;
    this.badToken = badToken;
  }
}

const HELLO_MS = 10_000;

/**
 * Connects to a hub and says hello.
 *
 * @throws InputError when the address is malformed, nobody listens there, what listens is no hub, or the token is wrong
 */
export function openHub({ url, token, role, onText, onClose }: LinkOptions): Promise<HubLink> {
  const socket = dial(url);
  return new Promise((resolve, reject) => {
    let open = false;
    let reason = '';
    const fail = (found: string) => {
      const reason = found.replace(/^but /, '').replace(/^which /, 'it ');
      reject(new HubRefusal(`${url}: expected a telemetry hub, ${found}`, reason));
      socket.terminate();
    };
    const late = setTimeout(() => fail(`but nothing said hello within ${HELLO_MS / 1000} s`), HELLO_MS);
    socket.on('open', () => socket.send(writeFrame({ op: 'hello', version: VERSION, role, token })));
    socket.on('message', (data) => {
      if (open) return onText(data.toString());
      reason = refusal(data.toString());
      if (reason) return; // the hub closes next
      open = true;
      clearTimeout(late);
      resolve({ send: (text) => socket.send(text), close: () => socket.close(1000) });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = explain(error);
    });
    socket.on('close', (code, text) => {
      clearTimeout(late);
      if (open) return onClose(text.toString() || reason || `it closed without a word (code ${code})`);
      if (code === CLOSE.badToken) return reject(wrongToken(url, token));
      fail(reason || `but it hung up (${code})`);
    });
  });
}

/** @throws InputError when no hub can have such an address */
export function checkHubAddress(url: string): void {
  const given = URL.canParse(url) ? new URL(url) : null;
  if (!given || !/^wss?:$/.test(given.protocol) || given.hash)
    throw new InputError(`${url}: expected an address like ws://127.0.0.1:8765`);
}

function wrongToken(url: string, given: string | undefined): HubRefusal {
  const reason = given === undefined ? 'it asks for a token' : 'it was given another token';
  return new HubRefusal(`${url}: token: expected the one the hub was given`, reason, true);
}

function dial(url: string): WebSocket {
  checkHubAddress(url);
  return new WebSocket(url, SUBPROTOCOL, { handshakeTimeout: HELLO_MS });
}

function refusal(text: string): string {
  try {
    const frame = readFrame(text);
    if (frame.op === 'hello') return '';
    return frame.op === 'error' ? `which refused: ${frame.message}` : `which said ${frame.op} before hello`;
  } catch {
    return 'but what answers there speaks another language';
  }
}

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'but nothing listens there (ECONNREFUSED)';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return `but there is no such host (${error.code})`;
  return `but got: ${error.message || error.code || 'no answer'}`;
}
