import type { TopicName } from '../flight.ts';
import type { UsdEvent } from './cfusdlog-decode.ts';
import { RADIANS_PER_DEGREE, STANDARD_GRAVITY } from './importer.ts';
import { quaternionFromRollPitchYaw } from './rotations.ts';

/**
 * Which variables of the Crazyflie firmware make which topic. The first source whose variables one event type has is
 * taken. World and body frames are ENU and FLU already, but for the pitch of `stateEstimate`, which points down.
 *
 * @see https://www.bitcraze.io/documentation/repository/crazyflie-firmware/master/api/logs/
 */

export interface Source {
  /** Variables, upper or lower case alike: firmware versions differ in it (`thrustSi`, `thrustSI`). */
  names: string[];
  /** The log's values → the topic's columns. */
  convert: (values: number[]) => number[];
  /** The log repeats it at its own rate, a change is a measurement. */
  onlyChanges?: boolean;
}

const scaled = (factor: number) => (values: number[]) => values.map((value) => value * factor);
const xyz = (prefix: string, suffix = '') => ['x', 'y', 'z'].map((axis) => `${prefix}${axis}${suffix}`);

const POSITION_MM = xyz('stateEstimateZ.');
const POSITION = xyz('stateEstimate.');
const QUATERNION = ['stateEstimate.qx', 'stateEstimate.qy', 'stateEstimate.qz', 'stateEstimate.qw'];
/** Radians, written by the Lee controller from its rotation matrix. */
const LEE_ANGLES = xyz('ctrlLee.rpy');
const DEGREES = ['stateEstimate.roll', 'stateEstimate.pitch', 'stateEstimate.yaw'];

const pose = (position: string[], metres: number, rotation: string[], toQuaternion: (r: number[]) => number[]) => ({
  names: [...position, ...rotation],
  convert: (v: number[]) => [...v.slice(0, 3).map((value) => value * metres), ...toQuaternion(v.slice(3))],
});

const fromRadians = ([roll, pitch, yaw]: number[]) => quaternionFromRollPitchYaw(roll, pitch, yaw);
const fromDegrees = (angles: number[]) => {
  const [roll, pitch, yaw] = angles.map((angle) => angle * RADIANS_PER_DEGREE);
  return quaternionFromRollPitchYaw(roll, -pitch, yaw);
};
const asIs = (values: number[]) => values;

const ROTATIONS: [string[], (r: number[]) => number[]][] = [
  [QUATERNION, asIs],
  [LEE_ANGLES, fromRadians],
  [DEGREES, fromDegrees],
];

export const SOURCES = {
  pose: ROTATIONS.flatMap(([rotation, toQuaternion]) => [
    pose(POSITION, 1, rotation, toQuaternion),
    pose(POSITION_MM, 1e-3, rotation, toQuaternion),
  ]),
  velocity: [
    { names: xyz('stateEstimate.v'), convert: asIs },
    { names: xyz('stateEstimateZ.v'), convert: scaled(1e-3) },
  ],
  rates: [
    { names: xyz('gyro.'), convert: scaled(RADIANS_PER_DEGREE) },
    { names: xyz('ctrlLee.omega'), convert: asIs },
    {
      names: ['stateEstimateZ.rateRoll', 'stateEstimateZ.ratePitch', 'stateEstimateZ.rateYaw'],
      convert: scaled(1e-3),
    },
  ],
  acceleration: [{ names: xyz('acc.'), convert: scaled(STANDARD_GRAVITY) }],
  motors: [
    { names: [1, 2, 3, 4].map((n) => `motor.m${n}`), convert: scaled(1 / 65535) },
    { names: [1, 2, 3, 4].map((n) => `pwm.m${n}_pwm`), convert: scaled(1 / 65535) },
  ],
  battery: [
    { names: ['pm.vbat'], convert: asIs, onlyChanges: true },
    { names: ['pm.vbatMV'], convert: scaled(1e-3), onlyChanges: true },
  ],
  setpoint: [
    { names: xyz('ctrltarget.'), convert: asIs },
    { names: xyz('ctrltargetZ.'), convert: scaled(1e-3) },
  ],
  yaw_setpoint: [{ names: ['ctrltarget.yaw'], convert: scaled(RADIANS_PER_DEGREE) }],
  velocity_setpoint: [
    { names: xyz('ctrltarget.v'), convert: asIs },
    { names: xyz('ctrltargetZ.v'), convert: scaled(1e-3) },
  ],
  rates_setpoint: [{ names: xyz('ctrlLee.omegar'), convert: asIs }],
  wrench: [{ names: ['ctrlLee.thrustSI', ...xyz('ctrlLee.torque')], convert: asIs }],
} satisfies Partial<Record<TopicName, Source[]>>;

/** The source of a topic in these events, with the positions of its variables; null where there is none. */
export function findSource(
  topic: keyof typeof SOURCES,
  events: UsdEvent[],
): { source: Source; event: UsdEvent; at: number[] } | null {
  for (const source of SOURCES[topic] as Source[])
    for (const event of events) {
      const names = event.variables.map(({ name }) => name.toLowerCase());
      const at = source.names.map((name) => names.indexOf(name.toLowerCase()));
      if (at.every((index) => index >= 0)) return { source, event, at };
    }
  return null;
}
