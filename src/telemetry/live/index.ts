export { Arrivals } from './arrivals.ts';
export { LiveFlight } from './live-flight.ts';
export { LiveHub, type LiveHubOptions, MOST_FLIGHTS, numbered } from './live-hub.ts';
