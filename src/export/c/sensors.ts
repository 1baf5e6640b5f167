import { BEAM_RANGE, type Measured, type ObservationSpec } from '../../../envs/observation.ts';

/** One input of the C code: a member of `windhover_sensors`. */
export interface Sensor {
  name: string;
  /** Numbers; 1 is a plain float, more an array. */
  size: number;
  /** Unit, frame and meaning. */
  comment: string;
  /** Its numbers, of what was measured. */
  of(measured: Measured): ArrayLike<number>;
}

const ALWAYS: readonly Sensor[] = [
  { name: 'position', size: 3, comment: 'm, world', of: ({ position }) => position },
  {
    name: 'quaternion',
    size: 4,
    comment: '[x, y, z, w], scalar last, unit length; turns body vectors into world vectors',
    of: ({ quaternion }) => quaternion,
  },
  { name: 'velocity', size: 3, comment: 'm/s over ground, world', of: ({ velocity }) => velocity },
  { name: 'rates', size: 3, comment: 'rad/s, body: the gyro', of: ({ rates }) => rates },
  { name: 'voltage', size: 1, comment: 'V, of the battery, now', of: ({ voltage }) => [voltage] },
  { name: 'goal', size: 3, comment: 'm, world: where to fly to', of: ({ goal }) => goal },
];

/** The inputs that a policy needs, in the order of the C struct. */
export function sensorsOf({ goalVelocity, beams }: ObservationSpec): Sensor[] {
  const sensors = [...ALWAYS];
  if (goalVelocity)
    sensors.push({
      name: 'goal_velocity',
      size: 3,
      comment: 'm/s, world: how fast the goal moves',
      of: (measured) => measured.goalVelocity ?? [0, 0, 0],
    });
  if (beams > 0)
    sensors.push({
      name: 'ranges',
      size: beams,
      comment: `m, level with the horizon; k points k / ${beams} turns to the left of the nose; ${BEAM_RANGE} where nothing is nearer`,
      of: (measured) => measured.ranges ?? new Float64Array(beams).fill(BEAM_RANGE),
    });
  return sensors;
}
