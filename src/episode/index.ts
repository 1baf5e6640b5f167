export { keepAscending } from './ascending.ts';
export { createFlightFile, FlightFile, type FlightFileOptions, writeFlight } from './file.ts';
export * from './flight.ts';
export * from './format.ts';
export { GrowingSeries, MOST_SAMPLES } from './growing-series.ts';
export {
  flightOf,
  flightsOf,
  type McapChannel,
  type McapContents,
  type McapReadOptions,
  readMcap,
  readMcapFlights,
} from './reader.ts';
export { countSamples, type Sample, samplesInOrder } from './samples.ts';
export { SeriesBuilder } from './series.ts';
export { type FlightMetadata, FlightWriter, type FlightWriterOptions } from './writer.ts';
export { WholeWrites } from './whole-writes.ts';
