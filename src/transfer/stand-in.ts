import { drawAirframe } from '../../envs/draw-airframe.ts';
import { flyPiloted } from '../../envs/piloted-flight.ts';
import { type Randomisation, randomisationSchema } from '../../envs/randomisation.ts';
import { Rng } from '../../envs/rng.ts';
import { fromGround, type PathShape, TRAJECTORIES } from '../../envs/trajectories.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Flight } from '../telemetry/flight.ts';
import { logOf } from './piloted-log.ts';

/**
 * The second vehicle that stands in where the user has no flights: heavier, with weaker and uneven motors, slower
 * propellers, more drag, more delay and noisier sensors than the vehicle file says.
 */
const OTHER_AIRFRAME: Randomisation = randomisationSchema.parse({
  mass_ratio: [1.18, 1.18],
  inertia_ratio: [1.15, 1.15],
  thrust_ratio: [1.05, 1.05],
  motor_ratio: [0.95, 1.05], // each flight's own trim, as real flights have it
  lag_ratio: [1.2, 1.2],
  drag_ratio: [1.6, 1.6],
  latency_s: [0.02, 0.02],
  charge: [0.5, 1],
  noise_ratio: [1.5, 1.5],
  windHorizontal_m_s: [0, 0],
  windVertical_m_s: [0, 0],
  gust_m_s: [0, 0],
  centreOfMass_ratio: [0, 0],
  drain_ratio: [1, 1],
  sensorDelay_ratio: [1.2, 1.2],
  estimatorLag_ratio: [1.2, 1.2],
});

/** Its motor electronics differ from the vehicle file's, too. */
const OTHER_COMMAND = { level: 0.92, exponent: 1.7 };

const CLIMB_SECONDS = 3;
const PATH_SECONDS = 16;
const GROUND_M = 0.6;

/** How many flights the stand-in makes: each path once slowly and once fast. */
export const STAND_IN_FLIGHTS = 2 * Object.keys(TRAJECTORIES).length;

/**
 * Flights of the stand-in vehicle under a classical controller, logged as a real vehicle would log them.
 *
 * @param nominal the vehicle that the stand-in is a deviating copy of
 * @param seed of its motors' trim, battery and sensor noise
 */
export function standInFlights(nominal: Vehicle, seed: number): Flight[] {
  const flights: Flight[] = [];
  for (const [path, make] of Object.entries(TRAJECTORIES))
    for (const [pace, period_s] of Object.entries({ slow: 10, fast: 6 })) {
      const shape: PathShape = { centre_m: [0, 0, 1.6], radius_m: 0.7, period_s };
      const rng = new Rng(seed, flights.length);
      const airframe = drawAirframe(nominal, OTHER_AIRFRAME, rng);
      const trajectory = fromGround(make(shape), GROUND_M, CLIMB_SECONDS, PATH_SECONDS);
      const flown = flyPiloted(nominal, airframe, trajectory, 2 * CLIMB_SECONDS + PATH_SECONDS, rng);
      flights.push(logOf(flown, `stand-in-${path}-${pace}`, nominal.name, OTHER_COMMAND));
    }
  return flights;
}
