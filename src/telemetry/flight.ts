/**
 * The shape of a flight, for everything in telemetry and above it.
 *
 * It is defined in `src/episode/flight.ts`, the lower room, since MCAP files are read into it in the browser too.
 */
export * from '../episode/flight.ts';
