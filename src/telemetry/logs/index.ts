export { airborneSeconds } from './airborne.ts';
export { describeLog, type LogSummary, type TopicSummary } from './describe.ts';
export { gapsAndRate } from './gaps.ts';
export type { Importer, LogFile, RawTopic, ReadLog } from './importer.ts';
export { readFlight, readFlights, readLog } from './read.ts';
