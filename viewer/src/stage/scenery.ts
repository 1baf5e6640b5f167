import * as THREE from 'three';
import type { Recording } from '../recording.ts';
import type { SceneEntity, Solid } from '../scene-update.ts';
import { indexAt } from '../series.ts';

/** Obstacles and goals of a recording's `/scene`, as they stand at a time. */
export interface Scenery {
  object: THREE.Group;
  update(t: number): void;
}

/** An entity stays until a later update names its id again. */
export function buildScenery(recording: Recording): Scenery {
  const object = new THREE.Group();
  const times = Float64Array.from(recording.scene, (update) => update.time);
  let shown = -2;
  return {
    object,
    update(t) {
      const index = indexAt(times, t);
      if (index === shown) return;
      shown = index;
      clear(object);
      const standing = new Map<string, SceneEntity>();
      for (const { deleted, entities } of recording.scene.slice(0, index + 1)) {
        if (deleted === null) standing.clear();
        for (const id of deleted ?? []) standing.delete(id);
        for (const entity of entities) standing.set(entity.id, entity);
      }
      for (const entity of standing.values()) if (entity.kind !== 'ground') object.add(entityGroup(entity));
    },
  };
}

function clear(group: THREE.Group): void {
  group.traverse((part) => {
    if (!(part instanceof THREE.Mesh || part instanceof THREE.LineSegments)) return;
    part.geometry.dispose();
    (part.material as THREE.Material).dispose();
  });
  group.clear();
}

function entityGroup(entity: SceneEntity): THREE.Group {
  const group = new THREE.Group();
  for (const solid of entity.solids) group.add(entity.kind === 'goal' ? goalMesh(solid) : obstacleMesh(solid));
  return group;
}

/** Obstacles hide neither the vehicle nor its trail altogether. */
const SEE_THROUGH = 0.7;

function obstacleMesh(solid: Solid): THREE.Mesh {
  const [r, g, b] = solid.color;
  const a = Math.min(solid.color[3], SEE_THROUGH);
  const material = new THREE.MeshLambertMaterial({
    color: new THREE.Color().setRGB(r, g, b, THREE.SRGBColorSpace),
    transparent: a < 1,
    opacity: a,
  });
  const mesh = new THREE.Mesh(geometryOf(solid), material);
  const edges = new THREE.LineSegments(
    new THREE.EdgesGeometry(mesh.geometry, 30),
    new THREE.LineBasicMaterial({ color: '#8ea3b8', transparent: true, opacity: 0.35 }),
  );
  mesh.add(edges);
  return place(mesh, solid);
}

function goalMesh(solid: Solid): THREE.Mesh {
  const material = new THREE.MeshBasicMaterial({
    color: '#52d273',
    transparent: true,
    opacity: 0.16,
    depthWrite: false,
  });
  return place(new THREE.Mesh(geometryOf(solid), material), solid);
}

function place(mesh: THREE.Mesh, solid: Solid): THREE.Mesh {
  mesh.position.set(...solid.position);
  mesh.quaternion.set(...solid.rotation);
  mesh.scale.set(...solid.size);
  return mesh;
}

/** Of unit size; a cylinder's axis is z, as in foxglove's primitives. */
function geometryOf({ shape }: Solid): THREE.BufferGeometry {
  if (shape === 'box') return new THREE.BoxGeometry(1, 1, 1);
  if (shape === 'sphere') return new THREE.SphereGeometry(0.5, 32, 20);
  return new THREE.CylinderGeometry(0.5, 0.5, 1, 40).rotateX(Math.PI / 2);
}
