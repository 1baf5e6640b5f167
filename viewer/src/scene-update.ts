/** A solid of a `foxglove.SceneUpdate`: what the viewer draws of obstacles and goals. */
export interface Solid {
  shape: 'box' | 'sphere' | 'cylinder';
  position: [number, number, number];
  /** Quaternion, scalar-last. */
  rotation: [number, number, number, number];
  /** Full extents [m] along the solid's own axes. */
  size: [number, number, number];
  /** r, g, b, a in [0, 1]. */
  color: [number, number, number, number];
}

/** A named thing of the scene. */
export interface SceneEntity {
  id: string;
  /** Goals are markers to fly to, the ground is drawn by the viewer itself, all else can be hit. */
  kind: 'goal' | 'ground' | 'obstacle';
  solids: Solid[];
}

interface Vector {
  x?: number;
  y?: number;
  z?: number;
}

interface Primitive {
  pose?: { position?: Vector; orientation?: Vector & { w?: number } };
  size?: Vector;
  color?: { r?: number; g?: number; b?: number; a?: number };
}

/** A change of the scene: what goes, then what comes or takes the place of an entity of the same id. */
export interface SceneUpdate {
  /** Ids that go; null means everything. */
  deleted: string[] | null;
  entities: SceneEntity[];
}

const DELETE_ALL = 1;

/** Reads the JSON of a `foxglove.SceneUpdate`. */
export function sceneUpdate(body: Record<string, unknown>): SceneUpdate {
  const deletions: { type?: number; id?: string }[] = Array.isArray(body.deletions) ? body.deletions : [];
  const all = deletions.some(({ type }) => type === DELETE_ALL);
  const entities = Array.isArray(body.entities) ? body.entities : [];
  return { deleted: all ? null : deletions.map(({ id }) => String(id)), entities: entities.map(sceneEntity) };
}

function sceneEntity(entity: Record<string, unknown>): SceneEntity {
  const id = String(entity.id ?? '');
  const { cubes, spheres, cylinders } = entity;
  return {
    id,
    kind: kindOf(id),
    solids: [...solids('box', cubes), ...solids('sphere', spheres), ...solids('cylinder', cylinders)],
  };
}

function kindOf(id: string): SceneEntity['kind'] {
  if (/goal|waypoint|target/i.test(id)) return 'goal';
  return /ground|floor/i.test(id) ? 'ground' : 'obstacle';
}

function solids(shape: Solid['shape'], primitives: unknown): Solid[] {
  return (Array.isArray(primitives) ? (primitives as Primitive[]) : []).map(({ pose, size, color }) => ({
    shape,
    position: [pose?.position?.x ?? 0, pose?.position?.y ?? 0, pose?.position?.z ?? 0],
    rotation: [
      pose?.orientation?.x ?? 0,
      pose?.orientation?.y ?? 0,
      pose?.orientation?.z ?? 0,
      pose?.orientation?.w ?? 1,
    ],
    size: [size?.x ?? 1, size?.y ?? 1, size?.z ?? 1],
    color: [color?.r ?? 0.6, color?.g ?? 0.6, color?.b ?? 0.6, color?.a ?? 1],
  }));
}
