/** Where to be at a time, and how fast to go by. World frame; `yaw` is the heading [rad] from east. */
export interface Setpoint {
  position: [number, number, number];
  velocity: [number, number, number];
  yaw: number;
}

/** A path to fly: the setpoint at `t` seconds, smooth but for `steps`. */
export type Trajectory = (t: number) => Setpoint;

/** Size and place of a path. */
export interface PathShape {
  centre_m: [number, number, number];
  radius_m: number;
  /** Time of one round. */
  period_s: number;
}

const still: [number, number, number] = [0, 0, 0];

/** Round and round, level, counter-clockwise. */
export function circle({ centre_m: [x, y, z], radius_m, period_s }: PathShape): Trajectory {
  const w = (2 * Math.PI) / period_s;
  return (t) => ({
    position: [x + radius_m * Math.cos(w * t), y + radius_m * Math.sin(w * t), z],
    velocity: [-radius_m * w * Math.sin(w * t), radius_m * w * Math.cos(w * t), 0],
    yaw: 0,
  });
}

/** An eight lying on its side along x: twice as fast in y. */
export function figureEight({ centre_m: [x, y, z], radius_m, period_s }: PathShape): Trajectory {
  const w = (2 * Math.PI) / period_s;
  const across = radius_m / 2;
  return (t) => ({
    position: [x + radius_m * Math.sin(w * t), y + across * Math.sin(2 * w * t), z],
    velocity: [radius_m * w * Math.cos(w * t), 2 * across * w * Math.cos(2 * w * t), 0],
    yaw: 0,
  });
}

/** A circle that climbs and sinks by half its radius every four rounds, and looks along its path. */
export function helix(shape: PathShape): Trajectory {
  const level = circle(shape);
  const w = (2 * Math.PI) / shape.period_s;
  const climb = shape.radius_m / 2;
  return (t) => {
    const { position, velocity } = level(t);
    position[2] += climb * Math.sin((w * t) / 4);
    velocity[2] = ((climb * w) / 4) * Math.cos((w * t) / 4);
    return { position, velocity, yaw: wrap(w * t + Math.PI / 2) };
  };
}

/** The corners of a square, each held for a quarter of the period: the setpoint jumps. */
export function steps({ centre_m: [x, y, z], radius_m, period_s }: PathShape): Trajectory {
  const corners = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ];
  return (t) => {
    const [cx, cy] = corners[Math.floor((4 * t) / period_s) % 4];
    return { position: [x + radius_m * cx, y + radius_m * cy, z], velocity: still, yaw: 0 };
  };
}

/** Every path, by name. */
export const TRAJECTORIES: Readonly<Record<string, (shape: PathShape) => Trajectory>> = {
  circle,
  figureEight,
  helix,
  steps,
};

/**
 * Climbs from `ground_m` to where `path` begins, flies it, and comes down from where it is by then.
 *
 * @param climb_s how long climb and descent take, each
 * @param path_s how long to fly the path in between
 */
export function fromGround(path: Trajectory, ground_m: number, climb_s: number, path_s: number): Trajectory {
  return (t) => {
    if (t < climb_s) return vertical(path(0), ground_m, t / climb_s, 1 / climb_s);
    const flown = t - climb_s;
    if (flown <= path_s) return path(flown);
    return vertical(path(path_s), ground_m, Math.max(0, 1 - (flown - path_s) / climb_s), -1 / climb_s);
  };
}

/** Straight below `top`, at a share of the way up that changes by `rate` a second. */
function vertical(top: Setpoint, ground: number, share: number, rate: number): Setpoint {
  const s = Math.min(1, share);
  const [x, y, z] = top.position;
  const height = (z - ground) * s * s * (3 - 2 * s); // smooth at both ends
  return { position: [x, y, ground + height], velocity: [0, 0, (z - ground) * 6 * s * (1 - s) * rate], yaw: top.yaw };
}

function wrap(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}
