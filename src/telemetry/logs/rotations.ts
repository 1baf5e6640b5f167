/** Rotations that logs write, as quaternions `[x, y, z, w]` = worldFromBody in ENU and FLU. */

export type Quaternion = [x: number, y: number, z: number, w: number];

/** Roll about x first, then pitch about y, then yaw about z, all about fixed axes [rad]. */
export function quaternionFromRollPitchYaw(roll: number, pitch: number, yaw: number): Quaternion {
  const [sr, cr] = [Math.sin(roll / 2), Math.cos(roll / 2)];
  const [sp, cp] = [Math.sin(pitch / 2), Math.cos(pitch / 2)];
  const [sy, cy] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
  return [
    sr * cp * cy - cr * sp * sy,
    cr * sp * cy + sr * cp * sy,
    cr * cp * sy - sr * sp * cy,
    cr * cp * cy + sr * sp * sy,
  ];
}

/** Hamilton product: first `b`, then `a`. */
export function multiply(a: Quaternion, b: Quaternion): Quaternion {
  const [ax, ay, az, aw] = a;
  const [bx, by, bz, bw] = b;
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

const ENU_FROM_NED: Quaternion = [Math.SQRT1_2, Math.SQRT1_2, 0, 0]; // half a turn about the line north-east
const FRD_FROM_FLU: Quaternion = [1, 0, 0, 0]; // half a turn about the nose

/** PX4's attitude, NED from FRD and scalar first, as ENU from FLU. */
export function enuFluFromNedFrd(q: ArrayLike<number>): Quaternion {
  return multiply(multiply(ENU_FROM_NED, [q[1], q[2], q[3], q[0]]), FRD_FROM_FLU);
}

/** A vector of the world, NED → ENU. */
export function enuFromNed(v: ArrayLike<number>): [number, number, number] {
  return [v[1], v[0], -v[2]];
}

/** A vector of the body, FRD → FLU. */
export function fluFromFrd(v: ArrayLike<number>): [number, number, number] {
  return [v[0], -v[1], -v[2]];
}

export type WorldFrame = 'ENU' | 'NED';
export type BodyFrame = 'FLU' | 'FRD';

/** A vector of the world → ENU. */
export function toEnu(v: ArrayLike<number>, frame: WorldFrame): [number, number, number] {
  return frame === 'NED' ? enuFromNed(v) : [v[0], v[1], v[2]];
}

/** A vector of the body → FLU. */
export function toFlu(v: ArrayLike<number>, frame: BodyFrame): [number, number, number] {
  return frame === 'FRD' ? fluFromFrd(v) : [v[0], v[1], v[2]];
}

/** A rotation from any body frame to any world frame, scalar last, as ENU from FLU. */
export function toEnuFromFlu(q: Quaternion, world: WorldFrame, body: BodyFrame): Quaternion {
  const enu = world === 'NED' ? multiply(ENU_FROM_NED, q) : q;
  return body === 'FRD' ? multiply(enu, FRD_FROM_FLU) : enu;
}

/** Heading from the world's first axis towards its second [rad] → from east, counter-clockwise, within ±π. */
export function toEnuHeading(yaw: number, frame: WorldFrame): number {
  return frame === 'NED' ? Math.atan2(Math.cos(yaw), Math.sin(yaw)) : yaw;
}

/**
 * The rotation of three angles about x, y and z [rad], turned about the body's own axes in the order of `sequence`:
 * `zyx` is yaw, then pitch, then roll, as aircraft count them.
 */
export function quaternionFromAngles(angles: ArrayLike<number>, sequence: string): Quaternion {
  let q: Quaternion = [0, 0, 0, 1];
  for (const axis of sequence) {
    const k = 'xyz'.indexOf(axis);
    const turn: Quaternion = [0, 0, 0, Math.cos(angles[k] / 2)];
    turn[k] = Math.sin(angles[k] / 2);
    q = multiply(q, turn);
  }
  return q;
}

/** A vector of the body in the world. */
export function rotate(worldFromBody: Quaternion, [x, y, z]: ArrayLike<number> & Iterable<number>): number[] {
  const [qx, qy, qz, qw] = worldFromBody;
  return multiply(multiply(worldFromBody, [x, y, z, 0]), [-qx, -qy, -qz, qw]).slice(0, 3);
}
