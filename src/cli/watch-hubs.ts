import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../envs/input-error.ts';
import type { LinkEvent } from '../telemetry/client/follow-hub.ts';
import { checkHubAddress } from '../telemetry/client/hub-link.ts';
import { LiveHub, numbered } from '../telemetry/live/index.ts';
import { note } from './output.ts';

/** How long [ms] to wait for hubs before the page is served without them. */
const PATIENCE_MS = 1500;

/** Whether an argument names a hub and no file. */
export function isAddress(what: string): boolean {
  return /^wss?:|:\/\//i.test(what);
}

/**
 * Follows hubs from now on and says on stderr how each connection stands. A hub that is not there is waited for.
 *
 * @throws InputError for a malformed address, or a hub that answers and wants another token
 */
export async function followHubs(urls: readonly string[], token?: string): Promise<LiveHub[]> {
  urls.forEach(checkHubAddress);
  const idOf = numbered();
  const refused: string[] = [];
  const late = new AbortController(); // aborted once the page is served: from then on a refusal is told, and no reason to end
  const followed = urls.map((url) => {
    let onFirst = () => {};
    const first = new Promise<void>((resolve) => (onFirst = resolve));
    const say = announcer(url);
    const onLink = (event: LinkEvent) => {
      if (!event.connected && event.badToken && !late.signal.aborted) refused.push(url);
      else say(event);
      onFirst();
    };
    return {
      hub: new LiveHub({ url, token, onLink, idOf: (name) => idOf(`live:${name.replaceAll(' ', '-')}`) }),
      first,
    };
  });
  const hubs = followed.map(({ hub }) => hub);
  const first = Promise.all(followed.map((each) => each.first));
  await Promise.race([first, sleep(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
  if (refused.length === 0) return hubs;
  for (const hub of hubs) hub.close();
  throw new InputError(`--token: expected the one that ${refused[0]} was given`);
}

/** Says each state of a connection once, however often it is tried. */
function announcer(url: string): (event: LinkEvent) => void {
  let said = '';
  return (event) => {
    const line = event.connected ? `${url}: connected` : `${url}: waiting for the hub: ${event.why}`;
    if (line !== said) note(line);
    said = line;
  };
}
