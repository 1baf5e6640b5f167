import { Observable } from 'rxjs';
import type { Arrived } from '../pipeline/event.ts';
import { type HubLink, openHub } from './hub-link.ts';

export interface FromHubOptions {
  url: string;
  token?: string;
  /** The receiver's clock [s]. */
  now?: () => number;
  /** Is told why the hub ended the connection, before the completion. */
  onLost?: (why: string) => void;
}

/**
 * Everything a hub relays from the moment of subscription, frame by frame with its time of arrival.
 *
 * Buffers nothing. Completes when the hub ends the connection; fails with an InputError when no hub can be reached;
 * unsubscribing hangs up.
 */
export function fromHub({ url, token, now = unixSeconds, onLost }: FromHubOptions): Observable<Arrived> {
  return new Observable((subscriber) => {
    let link: HubLink | null = null;
    const onText = (text: string) => subscriber.next({ text, at: now() });
    const onClose = (why: string) => {
      if (!subscriber.closed) onLost?.(why);
      subscriber.complete();
    };
    subscriber.add(() => link?.close());
    Promise.resolve()
      .then(() => openHub({ url, token, role: 'subscriber', onText, onClose }))
      .then(
        (opened) => {
          link = opened;
          if (subscriber.closed) opened.close();
        },
        (error) => subscriber.error(error),
      );
  });
}

const unixSeconds = () => (performance.timeOrigin + performance.now()) / 1000;
