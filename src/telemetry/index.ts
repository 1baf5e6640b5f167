export { type Clock, realClock } from './client/clock.ts';
export { type FollowHubOptions, followHub, type LinkEvent } from './client/follow-hub.ts';
export { type FromHubOptions, fromHub } from './client/from-hub.ts';
export type { Speed } from './client/pacing.ts';
export {
  type StreamedFlight,
  type StreamOptions,
  type StreamProgress,
  type StreamReport,
  streamFlights,
} from './client/publisher.ts';
export { type RosbridgeStreamOptions, type RosbridgeStreamReport, streamToRosbridge } from './client/rosbridge.ts';
export {
  type EndedBy,
  type ReceivedFlights,
  type ReceiveOptions,
  type ReceiveProgress,
  receiveFlights,
} from './client/subscriber.ts';
export * from './flight.ts';
export * from './hub/index.ts';
export { loggedPath, readLoggedPaths } from './logged-path.ts';
export * from './logs/index.ts';
export * from './pipeline/index.ts';
