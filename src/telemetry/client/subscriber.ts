import {
  asyncScheduler,
  fromEvent,
  lastValueFrom,
  type MonoTypeOperatorFunction,
  merge,
  of,
  type SchedulerLike,
  takeUntil,
  takeWhile,
  tap,
  toArray,
} from 'rxjs';
import type { Flight } from '../flight.ts';
import { collect } from '../pipeline/collect.ts';
import { decode } from '../pipeline/decode.ts';
import type { TelemetryEvent } from '../pipeline/event.ts';
import { untilIdle } from '../pipeline/until-idle.ts';
import { fromHub } from './from-hub.ts';

/** Why receiving ended; `lost` when the hub went away. */
export type EndedBy = 'streams-ended' | 'idle' | 'signal' | 'lost';

export interface ReceiveOptions {
  url: string;
  token?: string;
  /** Ends after so long [s] without data; default 60, Infinity waits for ever. */
  idleSeconds?: number;
  signal?: AbortSignal;
  onProgress?: (progress: ReceiveProgress) => void;
  scheduler?: SchedulerLike;
}

export interface ReceiveProgress {
  /** The flight that the last message belongs to. */
  name: string;
  /** Flights with their end mark. */
  flights: number;
  /** Messages so far. */
  received: number;
}

export interface ReceivedFlights {
  /** One for each streamed log, in the order in which they ended. */
  flights: Flight[];
  /** Messages in all. */
  received: number;
  /** Messages that should have come and did not; each flight's warnings say which lost how many. */
  gaps: number;
  endedBy: EndedBy;
  /** What else went wrong on the way: unreadable frames, why the hub went away. */
  problems: string[];
}

/**
 * Receives the flights that are streamed into a hub from now on, until the streams have ended: at least one flight came,
 * every one has its end mark, and no publisher is connected any more. Also ends after `idleSeconds` without data, when
 * the signal aborts or when the hub goes away; flights under way are then handed over as truncated.
 *
 * @throws InputError when no hub can be reached at the address
 */
export async function receiveFlights(options: ReceiveOptions): Promise<ReceivedFlights> {
  const { url, token, idleSeconds = 60, signal, onProgress, scheduler = asyncScheduler } = options;
  let endedBy: EndedBy = 'lost';
  const because = (reason: EndedBy) => () => {
    endedBy = reason;
  };
  const problems: string[] = [];
  const onProblem = (problem: string) => {
    if (problems.length < 20) problems.push(problem);
  };
  const flights$ = fromHub({ url, token, onLost: onProblem }).pipe(
    untilIdle(idleSeconds * 1000, because('idle'), scheduler),
    decode(onProblem),
    untilStreamsEnd(because('streams-ended')),
    untilAborted(signal, because('signal')),
    report(onProgress),
    collect(url),
    toArray(),
  );
  const collected = await lastValueFrom(flights$);
  const received = collected.reduce((sum, flight) => sum + flight.received, 0);
  const gaps = collected.reduce((sum, flight) => sum + flight.gaps, 0);
  return { flights: collected.map(({ flight }) => flight), received, gaps, endedBy, problems };
}

/** Completes at the hub's word that nothing is under way and nobody sends, once a flight has been seen. */
function untilStreamsEnd(onEnd: () => void): MonoTypeOperatorFunction<TelemetryEvent> {
  let seen = false;
  return takeWhile((event) => {
    if (event.op === 'begin') seen = true;
    const over = seen && event.op === 'status' && event.publishers === 0 && event.flights === 0;
    if (over) onEnd();
    return !over;
  });
}

function untilAborted<T>(signal: AbortSignal | undefined, onAbort: () => void): MonoTypeOperatorFunction<T> {
  if (!signal) return (source) => source;
  const aborted$ = merge(signal.aborted ? of(null) : [], fromEvent(signal, 'abort'));
  return takeUntil(aborted$.pipe(tap(onAbort)));
}

function report(onProgress: ReceiveOptions['onProgress']): MonoTypeOperatorFunction<TelemetryEvent> {
  const names = new Map<string, string>();
  let [flights, received] = [0, 0];
  return tap((event) => {
    if (event.op === 'begin') names.set(event.flight, event.name);
    else if (event.op === 'sample') received++;
    else if (event.op === 'end') flights++;
    if (event.op !== 'status') onProgress?.({ name: names.get(event.flight) ?? '', flights, received });
  });
}
