/** Rotations as unit quaternions `[x, y, z, w]`, scalar last, in arrays that the caller owns. */

/** Writes the rotation by `angle` [rad] about the unit axis `(x, y, z)` to `out`. */
export function fromAxisAngle<T extends Float64Array | number[]>(
  x: number,
  y: number,
  z: number,
  angle: number,
  out: T,
): T {
  const sine = Math.sin(angle / 2);
  out[0] = x * sine;
  out[1] = y * sine;
  out[2] = z * sine;
  out[3] = Math.cos(angle / 2);
  return out;
}

/** Writes `a · b` to `out`: first `b`, then `a`. `out` may be either of them. */
export function multiply<T extends Float64Array | number[]>(a: ArrayLike<number>, b: ArrayLike<number>, out: T): T {
  const ax = a[0];
  const ay = a[1];
  const az = a[2];
  const aw = a[3];
  const bx = b[0];
  const by = b[1];
  const bz = b[2];
  const bw = b[3];
  out[0] = aw * bx + ax * bw + ay * bz - az * by;
  out[1] = aw * by + ay * bw + az * bx - ax * bz;
  out[2] = aw * bz + az * bw + ax * by - ay * bx;
  out[3] = aw * bw - ax * bx - ay * by - az * bz;
  return out;
}

/** Writes `v` turned by `q` to `out`: with `worldFromBody`, a body vector in the world. `out` may be `v`. */
export function rotate<T extends Float64Array | number[]>(q: ArrayLike<number>, v: ArrayLike<number>, out: T): T {
  return turn(q[0], q[1], q[2], q[3], v, out);
}

/** Writes `v` turned by the inverse of `q` to `out`: with `worldFromBody`, a world vector in the body frame. */
export function rotateInverse<T extends Float64Array | number[]>(
  q: ArrayLike<number>,
  v: ArrayLike<number>,
  out: T,
): T {
  return turn(-q[0], -q[1], -q[2], q[3], v, out);
}

/** Scales `q` to length 1, in place. */
export function normalise<T extends Float64Array | number[]>(q: T): T {
  const length = Math.hypot(q[0], q[1], q[2], q[3]);
  for (let k = 0; k < 4; k++) q[k] /= length;
  return q;
}

/** Angle [rad] between body z and world z, in [0, π]. */
export function tiltOf(q: ArrayLike<number>): number {
  const cosine = 1 - 2 * (q[0] * q[0] + q[1] * q[1]);
  return Math.acos(cosine < -1 ? -1 : cosine > 1 ? 1 : cosine);
}

/** Heading [rad] of body x from east, counter-clockwise, in (−π, π]. */
export function yawOf(q: ArrayLike<number>): number {
  return Math.atan2(2 * (q[3] * q[2] + q[0] * q[1]), 1 - 2 * (q[1] * q[1] + q[2] * q[2]));
}

// v + 2w (u × v) + 2 u × (u × v), with u the vector part
function turn<T extends Float64Array | number[]>(
  x: number,
  y: number,
  z: number,
  w: number,
  v: ArrayLike<number>,
  out: T,
): T {
  const vx = v[0];
  const vy = v[1];
  const vz = v[2];
  const tx = 2 * (y * vz - z * vy);
  const ty = 2 * (z * vx - x * vz);
  const tz = 2 * (x * vy - y * vx);
  out[0] = vx + w * tx + y * tz - z * ty;
  out[1] = vy + w * ty + z * tx - x * tz;
  out[2] = vz + w * tz + x * ty - y * tx;
  return out;
}
