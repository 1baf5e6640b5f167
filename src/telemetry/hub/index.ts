export type { FlightReport, HubCounts, HubEvent, HubReport } from './counts.ts';
export { type HubOptions, TelemetryHub } from './hub.ts';
export type { RecordingTarget } from './recording.ts';
