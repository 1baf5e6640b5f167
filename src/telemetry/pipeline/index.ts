export {
  type AlignedFlight,
  type AlignedRow,
  type AlignOptions,
  align,
  alignFlight,
  type LiveGridOptions,
} from './align.ts';
export { type BatchOptions, batch } from './batch.ts';
export { ClockOffset } from './clock-offset.ts';
export { type CollectedFlight, collect } from './collect.ts';
export { decode } from './decode.ts';
export type { Arrived, SampleEvent, TelemetryEvent } from './event.ts';
export { untilIdle } from './until-idle.ts';
export { type Window, window } from './window.ts';
