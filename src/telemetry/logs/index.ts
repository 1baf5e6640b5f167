export { airborneSeconds } from './airborne.ts';
export { describeLog, type LogSummary, type TopicSummary } from './describe.ts';
export { gapsAndRate } from './gaps.ts';
export type { Importer, LogFile, RawTopic, ReadLog } from './importer.ts';
export { type ReadOptions, readFlight, readFlights, readLog, UnknownTable } from './read.ts';
