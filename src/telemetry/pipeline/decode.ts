import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { type DataFrame, readFrame } from '../protocols/windhover.ts';
import type { Arrived, TelemetryEvent } from './event.ts';

/**
 * Text frames into events, a data frame into its samples.
 *
 * ```
 * frames   --{data: a b}--{end}--|
 * decode() --(a    b)-----e------|
 * ```
 *
 * Buffers nothing. A frame or message that cannot be read is left out and told to `onProblem`; hellos, acknowledgements
 * and errors of the hub are no telemetry and are left out too.
 */
export function decode(onProblem: (problem: string) => void = () => {}): OperatorFunction<Arrived, TelemetryEvent> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (arrived) => decodeOne(arrived, subscriber, onProblem),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
}

function decodeOne({ text, at }: Arrived, out: Subscriber<TelemetryEvent>, onProblem: (problem: string) => void) {
  try {
    const frame = readFrame(text);
    if (frame.op === 'data') spread(frame, at, out, onProblem);
    else if (frame.op === 'error') onProblem(`the hub: ${frame.message}`);
    else if (frame.op === 'begin' || frame.op === 'end' || frame.op === 'status') out.next(frame);
  } catch (error) {
    onProblem((error as Error).message);
  }
}

function spread(frame: DataFrame, at: number, out: Subscriber<TelemetryEvent>, onProblem: (problem: string) => void) {
  for (const problem of frame.problems) onProblem(problem);
  for (const [i, message] of frame.messages.entries()) {
    if (message === null) continue;
    const { topic, t: time, values } = message;
    out.next({ op: 'sample', flight: frame.flight, seq: frame.seq + i, topic, time, values, at });
  }
}
