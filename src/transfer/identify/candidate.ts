import type { Vehicle } from '../../../envs/vehicle.ts';
import { latenessOf } from './flight-data.ts';

/** Where the data lie: what depends on command and voltage is stated there, where it is known best. */
export interface Centre {
  /** Mean motor command in flight. */
  command: number;
  /** Mean voltage under load [V]. */
  voltage_V: number;
}

/**
 * Time constant with which motors warm, where the vehicle file has none [s]: on NanoBench any from 10 to 20 s fits alike, on
 * either half of the flights.
 */
const WARM_UP_SECONDS = 15;

/** What motion tells of a vehicle, in terms that flights can tell apart. */
export interface Motion {
  /** Thrust over mass with all motors at the centre [m/s²]. */
  specificThrust_m_s2: number;
  commandExponent: number;
  batteryExponent: number;
  /** Share of thrust that motors give on top when they start, and lose as they warm. */
  coldThrust: number;
  /** Drag over mass along body x and y, and along z [1/s]. */
  dragHorizontal_per_s: number;
  dragVertical_per_s: number;
  /** Roll and pitch that the attitude reads while the rotors stand level [rad]. */
  misalignmentRoll_rad: number;
  misalignmentPitch_rad: number;
  /** Angular acceleration at the centre, per signed sum of the motor commands [rad/s²]. */
  gainRoll: number;
  gainPitch: number;
  gainYaw: number;
  lag_s: number;
  latency_s: number;
  /** How late velocity is in the log, and how much later than it the attitude [s]: of the sensors, not of the vehicle. */
  velocityLate_s: number;
  attitudeLater_s: number;
  /** Velocity moment as the signed sum of commands that balances it, per airspeed [s/m]. */
  velocityMoment_s_per_m: number;
}

/** The vehicle with this motion: the base's mass and arms, since flights tell of ratios alone. */
export function vehicleOf(base: Vehicle, motion: Motion, centre: Centre): Vehicle {
  const { commandExponent: exponent, batteryExponent, latency_s, lag_s } = motion;
  const { mass_kg, battery, rotor } = base;
  const hover = (mass_kg * motion.specificThrust_m_s2) / 4;
  const slope = (hover * exponent) / centre.command; // of one rotor's thrust over its command [N]
  const full = hover / (centre.command ** exponent * (centre.voltage_V / battery.nominal_V) ** batteryExponent);
  const [armX, armY] = arms(base);
  const inertia = [(armY * slope) / motion.gainRoll, (armX * slope) / motion.gainPitch];
  const [x, y, z] = base.inertia_kgm2;
  inertia.push((z / (x + y)) * (inertia[0] + inertia[1]));
  return {
    ...base,
    inertia_kgm2: inertia as Vehicle['inertia_kgm2'],
    rotor: {
      ...rotor,
      maxThrust_N: full,
      lag_s,
      torquePerThrust_m: (motion.gainYaw * inertia[2]) / slope,
      cold: motion.coldThrust === 0 ? undefined : { seconds: WARM_UP_SECONDS, ...rotor.cold, more: motion.coldThrust },
    },
    drag_Ns_per_m: [
      mass_kg * motion.dragHorizontal_per_s,
      mass_kg * motion.dragHorizontal_per_s,
      mass_kg * motion.dragVertical_per_s,
    ],
    velocityMoment_Ns: motion.velocityMoment_s_per_m * slope * Math.sqrt(armX * armY),
    misalignment_rad: [motion.misalignmentRoll_rad, motion.misalignmentPitch_rad],
    battery: { ...battery, thrustExponent: batteryExponent },
    latency_s,
    command: { ...base.command, level: 1, exponent, batteryExponent },
  };
}

/** The motion of a vehicle: the inverse of {@link vehicleOf}. */
export function motionOf(vehicle: Vehicle, centre: Centre): Motion {
  const { velocity_s, attitude_s } = latenessOf(vehicle);
  const { mass_kg, battery, rotor, command, inertia_kgm2, drag_Ns_per_m } = vehicle;
  const factor = (centre.voltage_V / battery.nominal_V) ** battery.thrustExponent;
  const lift = rotor.maxThrust_N * command.level * centre.command ** command.exponent * factor;
  const slope = (lift * command.exponent) / centre.command;
  const [armX, armY] = arms(vehicle);
  return {
    specificThrust_m_s2: (4 * lift) / mass_kg,
    commandExponent: command.exponent,
    batteryExponent: battery.thrustExponent,
    coldThrust: rotor.cold?.more ?? 0,
    dragHorizontal_per_s: (drag_Ns_per_m[0] + drag_Ns_per_m[1]) / 2 / mass_kg,
    dragVertical_per_s: drag_Ns_per_m[2] / mass_kg,
    misalignmentRoll_rad: vehicle.misalignment_rad[0],
    misalignmentPitch_rad: vehicle.misalignment_rad[1],
    gainRoll: (armY * slope) / inertia_kgm2[0],
    gainPitch: (armX * slope) / inertia_kgm2[1],
    gainYaw: (rotor.torquePerThrust_m * slope) / inertia_kgm2[2],
    lag_s: rotor.lag_s,
    latency_s: vehicle.latency_s,
    velocityLate_s: velocity_s,
    attitudeLater_s: attitude_s - velocity_s,
    velocityMoment_s_per_m: vehicle.velocityMoment_Ns / (slope * Math.sqrt(armX * armY)),
  };
}

/** Mean distance of the rotors along x and along y. */
function arms({ rotors }: Vehicle): [number, number] {
  const mean = (axis: 0 | 1) => rotors.reduce((sum, { position_m }) => sum + Math.abs(position_m[axis]), 0) / 4;
  return [mean(0), mean(1)];
}
