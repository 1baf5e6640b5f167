/**
 * JSON schemas of the channels beside the flight topics, in Foxglove's names and field order.
 *
 * Field names follow https://docs.foxglove.dev/docs/sdk/schemas; without them Foxglove and Lichtblick show text only.
 */

const NUMBER = { type: 'number' };
const STRING = { type: 'string' };
const BOOLEAN = { type: 'boolean' };

const object = (title: string, properties: Record<string, unknown>) => ({ type: 'object', title, properties });
const list = (items: unknown) => ({ type: 'array', items });

/** A time as Foxglove's JSON schemas want it. */
export const TIME = object('time', {
  sec: { type: 'integer', minimum: 0 },
  nsec: { type: 'integer', minimum: 0, maximum: 999_999_999 },
});

const DURATION = object('duration', {
  sec: { type: 'integer' },
  nsec: { type: 'integer', minimum: 0, maximum: 999_999_999 },
});

const VECTOR = object('foxglove.Vector3', { x: NUMBER, y: NUMBER, z: NUMBER });
const ROTATION = object('foxglove.Quaternion', { x: NUMBER, y: NUMBER, z: NUMBER, w: NUMBER });
const COLOR = object('foxglove.Color', { r: NUMBER, g: NUMBER, b: NUMBER, a: NUMBER });
const PLACED = object('foxglove.Pose', { position: VECTOR, orientation: ROTATION });

/** foxglove.PoseInFrame. */
export const POSE_SCHEMA = object('foxglove.PoseInFrame', { timestamp: TIME, frame_id: STRING, pose: PLACED });

const TRANSFORM = object('foxglove.FrameTransform', {
  timestamp: TIME,
  parent_frame_id: STRING,
  child_frame_id: STRING,
  translation: VECTOR,
  rotation: ROTATION,
});

const solid = (title: string, more: Record<string, unknown> = {}) =>
  object(title, { pose: PLACED, size: VECTOR, ...more, color: COLOR });

const ENTITY = object('foxglove.SceneEntity', {
  timestamp: TIME,
  frame_id: STRING,
  id: STRING,
  lifetime: DURATION,
  frame_locked: BOOLEAN,
  metadata: list(object('foxglove.KeyValuePair', { key: STRING, value: STRING })),
  arrows: list({ type: 'object' }),
  cubes: list(solid('foxglove.CubePrimitive')),
  spheres: list(solid('foxglove.SpherePrimitive')),
  cylinders: list(solid('foxglove.CylinderPrimitive', { bottom_scale: NUMBER, top_scale: NUMBER })),
  lines: list({ type: 'object' }),
  triangles: list({ type: 'object' }),
  texts: list({ type: 'object' }),
  models: list({ type: 'object' }),
});

const DELETION = object('foxglove.SceneEntityDeletion', { timestamp: TIME, type: { type: 'integer' }, id: STRING });

const EPISODE = object('windhover.Episode', {
  timestamp: TIME,
  episode: { type: 'integer', minimum: 0 },
  event: { type: 'string', enum: ['start', 'success', 'crash', 'timeout'] },
  positionError_m: NUMBER,
});

/** Channels that only episodes have, by topic. */
export const EXTRA_SCHEMAS = {
  '/tf': {
    name: 'foxglove.FrameTransforms',
    schema: object('foxglove.FrameTransforms', { transforms: list(TRANSFORM) }),
  },
  '/scene': {
    name: 'foxglove.SceneUpdate',
    schema: object('foxglove.SceneUpdate', { deletions: list(DELETION), entities: list(ENTITY) }),
  },
  '/episode': { name: 'windhover.Episode', schema: EPISODE },
};
