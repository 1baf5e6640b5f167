import type { Vehicle } from './vehicle.ts';
import { hoverThrust } from './weight.ts';

/**
 * One airframe as it really is, for one episode: the nominal vehicle or a randomised one.
 * Its firmware knows nothing of the difference.
 */
export interface Airframe {
  mass_kg: number;
  inertia_kgm2: [number, number, number];
  /** Strength of all motors together, over nominal. */
  thrust_ratio: number;
  /** Strength of each motor, over that of all. */
  motor_ratio: [number, number, number, number];
  torquePerThrust_m: number;
  lag_s: number;
  drag_Ns_per_m: [number, number, number];
  velocityMoment_Ns: number;
  latency_s: number;
  /** Voltage at rest when the episode starts. */
  rest_V: number;
  sagAtFullThrust_V: number;
  /** Loss of resting voltage over that of the vehicle file: a worn or a smaller battery empties sooner. */
  drain_ratio: number;
  /** Where the centre of mass is, seen from the rotors' centre; the other forces act at the latter. */
  centreOfMass_m: [number, number, number];
  /** Steady wind in the world. */
  wind_m_s: [number, number, number];
  /** Standard deviation of the horizontal gusts along and across the wind, see gusts.ts. */
  gust_m_s: number;
  /** Sensor noise over that of the vehicle file. */
  noise_ratio: number;
  /** Delay of every sensor over that of the vehicle file. */
  sensorDelay_ratio: number;
  estimatorLag_s: number;
  bias: {
    position_m: [number, number, number];
    velocity_m_s: [number, number, number];
    attitude_rad: [number, number, number];
    rates_rad_s: [number, number, number];
    voltage_V: number;
  };
}

/** The airframe that is just as its vehicle file says: no wind, no bias but the misalignment, at nominal voltage in hover. */
export function nominalAirframe(vehicle: Vehicle): Airframe {
  return {
    mass_kg: vehicle.mass_kg,
    inertia_kgm2: [...vehicle.inertia_kgm2],
    thrust_ratio: 1,
    motor_ratio: [1, 1, 1, 1],
    torquePerThrust_m: vehicle.rotor.torquePerThrust_m,
    lag_s: vehicle.rotor.lag_s,
    drag_Ns_per_m: [...vehicle.drag_Ns_per_m],
    velocityMoment_Ns: vehicle.velocityMoment_Ns,
    latency_s: vehicle.latency_s,
    rest_V: nominalRestVoltage(vehicle),
    sagAtFullThrust_V: vehicle.battery.sagAtFullThrust_V,
    drain_ratio: 1,
    centreOfMass_m: [0, 0, 0],
    wind_m_s: [0, 0, 0],
    gust_m_s: 0,
    noise_ratio: 1,
    sensorDelay_ratio: 1,
    estimatorLag_s: vehicle.estimator.lag_s,
    bias: {
      position_m: [0, 0, 0],
      velocity_m_s: [0, 0, 0],
      attitude_rad: [...vehicle.misalignment_rad, 0],
      rates_rad_s: [0, 0, 0],
      voltage_V: 0,
    },
  };
}

/** Voltage at rest that sags to nominal under the load of hover. */
export function nominalRestVoltage(vehicle: Vehicle): number {
  return vehicle.battery.nominal_V + vehicle.battery.sagAtFullThrust_V * hoverThrust(vehicle);
}

/** Numbers in an airframe's row. */
export const AIRFRAME_SIZE = 42;

/** Writes an airframe as a row `[42]` of `rows`, in the order of the interface. */
export function writeAirframe(airframe: Airframe, rows: Float64Array, offset: number): void {
  const { bias } = airframe;
  rows.set(
    [
      airframe.mass_kg,
      ...airframe.inertia_kgm2,
      airframe.thrust_ratio,
      ...airframe.motor_ratio,
      airframe.torquePerThrust_m,
      airframe.lag_s,
      ...airframe.drag_Ns_per_m,
      airframe.velocityMoment_Ns,
      airframe.latency_s,
      airframe.rest_V,
      airframe.sagAtFullThrust_V,
      airframe.drain_ratio,
      ...airframe.centreOfMass_m,
      ...airframe.wind_m_s,
      airframe.gust_m_s,
      airframe.noise_ratio,
      airframe.sensorDelay_ratio,
      airframe.estimatorLag_s,
      ...bias.position_m,
      ...bias.velocity_m_s,
      ...bias.attitude_rad,
      ...bias.rates_rad_s,
      bias.voltage_V,
    ],
    offset,
  );
}

/** The airframe that {@link writeAirframe} wrote. */
export function readAirframe(rows: Float64Array, offset: number): Airframe {
  let at = offset;
  const one = () => rows[at++];
  const three = (): [number, number, number] => [one(), one(), one()];
  return {
    mass_kg: one(),
    inertia_kgm2: three(),
    thrust_ratio: one(),
    motor_ratio: [one(), one(), one(), one()],
    torquePerThrust_m: one(),
    lag_s: one(),
    drag_Ns_per_m: three(),
    velocityMoment_Ns: one(),
    latency_s: one(),
    rest_V: one(),
    sagAtFullThrust_V: one(),
    drain_ratio: one(),
    centreOfMass_m: three(),
    wind_m_s: three(),
    gust_m_s: one(),
    noise_ratio: one(),
    sensorDelay_ratio: one(),
    estimatorLag_s: one(),
    bias: {
      position_m: three(),
      velocity_m_s: three(),
      attitude_rad: three(),
      rates_rad_s: three(),
      voltage_V: one(),
    },
  };
}
