import type { Airframe } from '../../envs/airframe.ts';
import { flyPiloted, type PilotedFlight } from '../../envs/piloted-flight.ts';
import { type Randomisation, randomisationSchema } from '../../envs/randomisation.ts';
import { drawAirframe } from '../../envs/draw-airframe.ts';
import { Rng } from '../../envs/rng.ts';
import { fromGround, type Setpoint, TRAJECTORIES, type Trajectory } from '../../envs/trajectories.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Flight } from '../telemetry/flight.ts';
import { type CommandCurve, logOf } from './piloted-log.ts';

/** A hidden vehicle: the nominal one's type, but an airframe, a battery and motor electronics of its own. */
export interface Twin {
  /** The nominal vehicle with the twin's battery exponent; masses, motors and the rest are the airframe's. */
  vehicle: Vehicle;
  airframe: Airframe;
  curve: CommandCurve;
  /** Standard deviation of each motor's thrust around its command, as a fraction, which no log shows. */
  motorNoise: number;
  /** Half range of what differs in each motor's strength from flight to flight. */
  trimSpread: number;
}

/** What twins are drawn from: the airframe as in domain randomisation, the others here. */
export interface TwinRanges {
  airframe: Randomisation;
  batteryExponent: readonly [number, number];
  commandExponent: readonly [number, number];
  /** Over the nominal vehicle's drag [m]: the velocity moment's lever. */
  momentLever_m: readonly [number, number];
  /** Added to the roll and pitch that the twin's attitude reads [rad]. */
  misalignment_rad: readonly [number, number];
  motorNoise: number;
  trimSpread: number;
}

/** Vehicles about as far from their file as hand-built ones are, in air that moves. */
export const TWIN_RANGES: TwinRanges = {
  airframe: randomisationSchema.parse({
    mass_ratio: [0.85, 1.25],
    thrust_ratio: [0.85, 1.15],
    motor_ratio: [0.92, 1.08],
    lag_ratio: [0.7, 2],
    drag_ratio: [0.7, 2],
    latency_s: [0, 0.05],
    charge: [0.4, 1],
    windHorizontal_m_s: [-0.3, 0.3],
    windVertical_m_s: [0, 0],
    gust_m_s: [0.1, 0.4],
    noise_ratio: [0.7, 1.5],
    centreOfMass_ratio: [0, 0],
    minThrustToWeight: 1.4,
  }),
  batteryExponent: [0.9, 1.4],
  commandExponent: [1.3, 1.7],
  momentLever_m: [0, 0.02],
  misalignment_rad: [-0.02, 0.02],
  motorNoise: 0.01,
  trimSpread: 0.02,
};

/** Draws a twin; the same seed gives the same one. */
export function drawTwin(nominal: Vehicle, seed: number, ranges: TwinRanges = TWIN_RANGES): Twin {
  const rng = new Rng(seed, STREAM_DRAW);
  const even = ([low, high]: readonly [number, number]) => rng.uniform(low, high);
  const drawn = drawAirframe(nominal, ranges.airframe, rng);
  const vehicle = { ...nominal, battery: { ...nominal.battery, thrustExponent: even(ranges.batteryExponent) } };
  const attitude = drawn.bias.attitude_rad.map((_, k) => (k < 2 ? even(ranges.misalignment_rad) : 0));
  const airframe = {
    ...drawn,
    velocityMoment_Ns: nominal.velocityMoment_Ns + drawn.drag_Ns_per_m[0] * even(ranges.momentLever_m),
    bias: { ...drawn.bias, attitude_rad: attitude as Airframe['bias']['attitude_rad'] },
  };
  const curve = { level: 1, exponent: even(ranges.commandExponent) };
  return { vehicle, airframe, curve, motorNoise: ranges.motorNoise, trimSpread: ranges.trimSpread };
}

/** The vehicle file that would describe a twin, but for what each motor has of its own: the truth to find. */
export function vehicleOfTwin({ vehicle, airframe, curve }: Twin): Vehicle {
  const { rotor, battery } = vehicle;
  const strength = airframe.thrust_ratio * (airframe.motor_ratio.reduce((sum, ratio) => sum + ratio, 0) / 4);
  return {
    ...vehicle,
    mass_kg: airframe.mass_kg,
    inertia_kgm2: airframe.inertia_kgm2,
    rotor: {
      maxThrust_N: rotor.maxThrust_N * strength,
      torquePerThrust_m: airframe.torquePerThrust_m,
      lag_s: airframe.lag_s,
    },
    drag_Ns_per_m: airframe.drag_Ns_per_m,
    velocityMoment_Ns: airframe.velocityMoment_Ns,
    misalignment_rad: [airframe.bias.attitude_rad[0], airframe.bias.attitude_rad[1]],
    battery: { ...battery, sagAtFullThrust_V: airframe.sagAtFullThrust_V },
    latency_s: Math.round(airframe.latency_s * vehicle.physics_Hz) / vehicle.physics_Hz, // as the simulator takes it
    command: { ...vehicle.command, ...curve, batteryExponent: battery.thrustExponent },
  };
}

/** How a twin is flown. */
export interface TwinFlying {
  seed: number;
  flights?: number;
  /** Of each flight, climb and descent included. */
  seconds?: number;
  /** With rate steps on top of the paths, or calm. */
  excited: boolean;
}

/** Rate steps: their size, roll and pitch, and yaw; the time that one is held at most; how often a new one comes. */
const STEP_RAD_S = 1.5;
const STEP_SECONDS = 0.25;
const STEP_EVERY_SECONDS = 0.6;
/** Gains on attitude: where they crash a vehicle its pilot tries others, as anybody would before there is a log to learn from. */
const STIFFNESSES = [1.3, 1.6, 2, 2.5];
/** Lag and latency together for which the pilot's gains on position were made. */
const USUAL_DELAY_SECONDS = 0.05;
const CLIMB_SECONDS = 3;
const GROUND_M = 1.5;
const STREAM_DRAW = 0x50000000;
const STREAM_FLY = 0x50000001;

/**
 * Flies a twin by the simulator and the classical pilot, who is tuned for the twin's mass, motors and delays, as the firmware
 * of a vehicle that flies is; what differs between motors, the battery, wind and misalignment it has to trim.
 *
 * @returns telemetry, one flight each time, which ends in a crash only where no gains prevent it, with its own battery charge, heading, wind and trim
 */
export function flyTwin(twin: Twin, { seed, flights = 6, seconds = 20, excited }: TwinFlying): Flight[] {
  return Array.from({ length: flights }, (_, k) => {
    let flown: PilotedFlight | undefined;
    for (let again = 0; again < STIFFNESSES.length && (flown?.crashed ?? true); again++)
      flown = flyOnce(twin, new Rng(seed, STREAM_FLY + k), k, { seconds, excited }, STIFFNESSES[again]);
    return logOf(flown!, `twin-${seed}-${k + 1}`, twin.vehicle.name, twin.curve);
  });
}

function flyOnce(
  twin: Twin,
  rng: Rng,
  k: number,
  { seconds, excited }: { seconds: number; excited: boolean },
  stiffness: number,
): PilotedFlight {
  const { lag_s, latency_s } = twin.airframe;
  const airframe = inFlight(twin, rng);
  return flyPiloted(twin.vehicle, airframe, pathOf(k, seconds, rng), seconds, rng, {
    pilot: tunedFor(twin),
    tuning: { caution: Math.max(1, (lag_s + latency_s) / USUAL_DELAY_SECONDS), stiffness },
    shake: excited ? rateSteps(rng, seconds) : undefined,
    motorNoise: twin.motorNoise,
  });
}

/** The airframe of one flight. */
function inFlight({ airframe, vehicle, trimSpread }: Twin, rng: Rng): Airframe {
  const { empty_V, full_V } = vehicle.battery;
  const wind = Math.hypot(airframe.wind_m_s[0], airframe.wind_m_s[1]);
  const from = rng.uniform(-Math.PI, Math.PI);
  const motor_ratio = airframe.motor_ratio.map((ratio) => ratio * (1 + rng.uniform(-trimSpread, trimSpread)));
  return {
    ...airframe,
    motor_ratio: motor_ratio as Airframe['motor_ratio'],
    rest_V: empty_V + (full_V - empty_V) * rng.uniform(0.4, 1),
    wind_m_s: [wind * Math.cos(from), wind * Math.sin(from), airframe.wind_m_s[2]],
  };
}

function tunedFor({ vehicle, airframe }: Twin): Vehicle {
  const { mass_kg, inertia_kgm2, lag_s, latency_s, thrust_ratio } = airframe;
  const maxThrust_N = vehicle.rotor.maxThrust_N * thrust_ratio;
  return { ...vehicle, mass_kg, inertia_kgm2, latency_s, rotor: { ...vehicle.rotor, lag_s, maxThrust_N } };
}

/** One path after the other, slow and fast, each flight with a heading of its own. */
function pathOf(k: number, seconds: number, rng: Rng): Trajectory {
  const makers = Object.values(TRAJECTORIES);
  const path = makers[k % makers.length]({
    centre_m: [0, 0, 3],
    radius_m: rng.uniform(0.5, 0.9),
    period_s: rng.uniform(4.5, 8),
  });
  const heading = rng.uniform(-Math.PI, Math.PI);
  const turned = (setpoint: Setpoint) => ({ ...setpoint, yaw: wrap(setpoint.yaw + heading) });
  return fromGround((t) => turned(path(t)), GROUND_M, CLIMB_SECONDS, seconds - 2 * CLIMB_SECONDS);
}

/** A random step of one axis's rate at a time, there and back, so that it tilts the vehicle for a moment only. */
function rateSteps(rng: Rng, seconds: number): (t: number, out: Float64Array) => void {
  const steps = Array.from({ length: Math.ceil(seconds / STEP_EVERY_SECONDS) }, () => ({
    axis: rng.below(3),
    size: STEP_RAD_S * (rng.below(2) === 0 ? 1 : -1) * rng.uniform(0.8, 1.2),
    half: rng.uniform(0.5, 1) * STEP_SECONDS,
  }));
  return (t, out) => {
    out.fill(0);
    if (t < CLIMB_SECONDS || t > seconds - CLIMB_SECONDS) return;
    const { axis, size, half } = steps[Math.floor(t / STEP_EVERY_SECONDS)];
    const since = t % STEP_EVERY_SECONDS;
    if (since < 2 * half) out[axis] = since < half ? size : -size;
  };
}

function wrap(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}
