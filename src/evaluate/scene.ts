import type { Obstacle } from '../../envs/world.ts';
import type { JsonObject } from '../episode/index.ts';

const COLOUR = {
  goal: { r: 0.2, g: 0.9, b: 0.5, a: 0.5 },
  obstacle: { r: 0.6, g: 0.62, b: 0.68, a: 1 },
};

/** Body of a `/scene` message: the goal and all obstacles as Foxglove draws them. */
export function sceneBody(
  time: number,
  goal: ArrayLike<number>,
  obstacles: readonly Obstacle[],
  goalRadius_m: number,
): JsonObject {
  const timestamp = { sec: Math.floor(time), nsec: Math.round((time % 1) * 1e9) };
  const sphere = { pose: pose([goal[0], goal[1], goal[2]]), size: cube(2 * goalRadius_m), color: COLOUR.goal };
  const entities = [entity(timestamp, 'goal', { spheres: [sphere] })];
  obstacles.forEach((obstacle, i) => {
    entities.push(entity(timestamp, `obstacle-${i}`, primitives(obstacle)));
  });
  return { deletions: [], entities };
}

function primitives(obstacle: Obstacle): JsonObject {
  const color = COLOUR.obstacle;
  const at = pose(obstacle.position_m);
  if (obstacle.shape === 'sphere') return { spheres: [{ pose: at, size: cube(2 * obstacle.radius_m), color }] };
  if (obstacle.shape === 'cylinder') {
    const size = { x: 2 * obstacle.radius_m, y: 2 * obstacle.radius_m, z: obstacle.height_m };
    return { cylinders: [{ pose: at, size, bottom_scale: 1, top_scale: 1, color }] };
  }
  const [x, y, z] = obstacle.size_m;
  return { cubes: [{ pose: pose(obstacle.position_m, obstacle.quaternion), size: { x, y, z }, color }] };
}

function entity(timestamp: object, id: string, shapes: JsonObject): JsonObject {
  const none = { arrows: [], cubes: [], spheres: [], cylinders: [], lines: [], triangles: [], texts: [], models: [] };
  const lifetime = { sec: 0, nsec: 0 }; // until replaced
  return { timestamp, frame_id: 'world', id, lifetime, frame_locked: false, metadata: [], ...none, ...shapes };
}

function pose([x, y, z]: readonly number[], quaternion: readonly number[] = [0, 0, 0, 1]): JsonObject {
  const [qx, qy, qz, qw] = quaternion;
  return { position: { x, y, z }, orientation: { x: qx, y: qy, z: qz, w: qw } };
}

function cube(size: number): JsonObject {
  return { x: size, y: size, z: size };
}
