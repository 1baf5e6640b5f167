import type { TopicName } from '../flight.ts';
import { localPlane } from './geodetic.ts';
import { STANDARD_GRAVITY } from './importer.ts';
import {
  enuFluFromNedFrd,
  enuFromNed,
  fluFromFrd,
  quaternionFromAngles,
  toEnuFromFlu,
  toEnuHeading,
} from './rotations.ts';

/**
 * What MAVLink messages mean in our topics, out of a log or live: NED and FRD, degrees × 10⁷ and milli-g become ENU, FLU and
 * ours here.
 *
 * @see https://mavlink.io/en/messages/common.html
 */

export const HEARTBEAT = 0;
export const PARAM_VALUE = 22;
export const GLOBAL_POSITION = 33;
/** Ground stations call themselves so. */
export const GROUND_STATION = 255;
/** Longest hole between two positions that is bridged by a straight line [s]: they come once to four times a second. */
export const LONGEST_BRIDGE = 2.5;
export const SERVO_OUTPUT = 36;
const ROTORS = 4;
const PWM_RANGE = [1000, 2000];

/** Makes a topic's columns of a message's payload; null where the message does not tell it. */
export interface MavlinkSource {
  message: number;
  convert: (payload: DataView) => ArrayLike<number> | null;
}

const floatsAt = (payload: DataView, at: number, count = 3) =>
  Array.from({ length: count }, (_, k) => payload.getFloat32(at + 4 * k, true));
const shortsAt = (payload: DataView, at: number) => [0, 2, 4].map((k) => payload.getInt16(at + k, true));
const scaled = (values: number[], factor: number) => values.map((value) => value * factor);

/** Rotations, ENU from FLU; of two that come about as often, the first counts. */
export const ATTITUDE: MavlinkSource[] = [
  { message: 31, convert: (p) => enuFluFromNedFrd(floatsAt(p, 4, 4)) },
  { message: 30, convert: (p) => toEnuFromFlu(quaternionFromAngles(floatsAt(p, 4), 'zyx'), 'NED', 'FRD') },
];
/** What one message tells alone; of two that come about as often, the first counts. */
export const SOURCES: Partial<Record<TopicName, MavlinkSource[]>> = {
  velocity: [
    { message: 32, convert: (p) => enuFromNed(floatsAt(p, 16)) },
    { message: GLOBAL_POSITION, convert: (p) => (hasFix(p) ? enuFromNed(scaled(shortsAt(p, 20), 1e-2)) : null) },
  ],
  rates: [
    { message: 31, convert: (p) => fluFromFrd(floatsAt(p, 20)) },
    { message: 30, convert: (p) => fluFromFrd(floatsAt(p, 16)) },
  ],
  acceleration: [
    { message: 105, convert: (p) => fluFromFrd(floatsAt(p, 8)) },
    { message: 26, convert: (p) => fluFromFrd(scaled(shortsAt(p, 4), 1e-3 * STANDARD_GRAVITY)) },
    // raw by its name; ArduPilot and PX4 send milli-g
    { message: 27, convert: (p) => fluFromFrd(scaled(shortsAt(p, 8), 1e-3 * STANDARD_GRAVITY)) },
  ],
  // 65535 where it is not measured
  battery: [
    { message: 1, convert: (p) => (p.getUint16(14, true) % 0xffff === 0 ? null : [p.getUint16(14, true) / 1e3]) },
  ],
  setpoint: [{ message: 85, convert: (p) => (masked(p, 0b111) ? null : enuFromNed(floatsAt(p, 4))) }],
  velocity_setpoint: [{ message: 85, convert: (p) => (masked(p, 0b111_000) ? null : enuFromNed(floatsAt(p, 16))) }],
  yaw_setpoint: [
    { message: 85, convert: (p) => (masked(p, 1 << 10) ? null : [toEnuHeading(p.getFloat32(40, true), 'NED')]) },
  ],
  rates_setpoint: [{ message: 83, convert: (p) => (p.getUint8(36) & 0b111 ? null : fluFromFrd(floatsAt(p, 20))) }],
};

/** Positions, ENU [m]: local, or from the first fix and home's height. Each call has an origin of its own. */
export function placeSources(): MavlinkSource[] {
  const plane = localPlane();
  return [
    { message: 32, convert: (p) => enuFromNed(floatsAt(p, 4)) },
    // mm above home
    {
      message: GLOBAL_POSITION,
      convert: (p) => (hasFix(p) ? [...plane(degreesAt(p, 4), degreesAt(p, 8)), p.getInt32(16, true) / 1e3] : null),
    },
  ];
}

/**
 * Motor commands: the first four outputs of the first board [µs], which are a quadrotor's motors unless it was set up
 * otherwise.
 *
 * @param parameters of the vehicle, as far as they are known
 */
export function motorSource(parameters: ReadonlyMap<string, number>): MavlinkSource {
  const parameter = (...names: string[]) =>
    names.map((name) => parameters.get(name)).find((value) => value && value > 0);
  const low = parameter('MOT_PWM_MIN', 'RC3_MIN') ?? PWM_RANGE[0];
  const high = parameter('MOT_PWM_MAX', 'RC3_MAX') ?? PWM_RANGE[1];
  return {
    message: SERVO_OUTPUT,
    convert: (p) => {
      if (p.getUint8(20) !== 0) return null;
      const pulses = Array.from({ length: ROTORS }, (_, k) => p.getUint16(4 + 2 * k, true));
      return pulses.map((pulse) => Math.min(1, Math.max(0, (pulse - low) / (high - low))));
    },
  };
}

/** What a HEARTBEAT says of what flies: its autopilot, and why it is no quadrotor, where it is none. */
export function airframeOf(beat: DataView | undefined): { autopilot: string; otherAirframe: string | undefined } {
  const autopilot = AUTOPILOTS[beat?.getUint8(5) ?? 0] ?? 'MAVLink vehicle';
  const type = beat?.getUint8(4) ?? QUADROTOR;
  return { autopilot, otherAirframe: VTOLS.includes(type) ? 'it is a VTOL' : OTHERS[type] };
}

/** Name and value of a PARAM_VALUE. */
export function parameterOf(payload: DataView): [name: string, value: number] {
  return [textOf(payload, 8, 16), payload.getFloat32(0, true)];
}

/** Text of a payload, up to its zero. */
export function textOf({ buffer }: DataView, at: number, length: number): string {
  const text = new Uint8Array(buffer).subarray(at, at + length);
  const end = text.indexOf(0);
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)).trim();
}

function degreesAt(payload: DataView, at: number): number {
  return payload.getInt32(at, true) / 1e7;
}

/** Latitude and longitude are zero before the first fix. */
function hasFix(payload: DataView): boolean {
  return payload.getInt32(4, true) !== 0 || payload.getInt32(8, true) !== 0;
}

/** Whether POSITION_TARGET says of any of these that it asks for none. */
function masked(payload: DataView, bits: number): boolean {
  return (payload.getUint16(48, true) & bits) !== 0;
}

/** What flies, by HEARTBEAT.type: https://mavlink.io/en/messages/minimal.html#MAV_TYPE */
const QUADROTOR = 2;
const OTHERS: Record<number, string> = {
  ...{
    1: 'it is a fixed-wing aircraft',
    3: 'it is a coaxial helicopter',
    4: 'it is a helicopter',
    7: 'it is an airship',
  },
  ...{ 10: 'it is a ground vehicle', 11: 'it is a boat', 12: 'it is a submarine' },
  ...{
    13: 'it has 6 motors',
    14: 'it has 8 motors',
    15: 'it has 3 motors',
    29: 'it has 12 motors',
    35: 'it has 10 motors',
  },
};
const VTOLS = [19, 20, 21, 22, 23, 24, 25];
const AUTOPILOTS: Record<number, string> = { 3: 'ArduPilot', 12: 'PX4' };
