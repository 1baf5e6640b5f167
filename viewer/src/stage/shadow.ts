import * as THREE from 'three';
import { SUN } from './world.ts';

/** Just above the ground, below everything else [m]. */
const HEIGHT = 0.001;

const dark = new THREE.MeshBasicMaterial({ color: '#06090d', transparent: true, opacity: 0.75 });
const veil = new THREE.MeshBasicMaterial({
  color: '#06090d',
  transparent: true,
  opacity: 0.35,
  side: THREE.DoubleSide,
});
// Parts overlap in the shadow: the first one at a pixel darkens it, those at the same depth behind it do not.
for (const material of [dark, veil]) material.depthFunc = THREE.LessDepth;

/** The shadow that an object throws on the ground: its own shape, flattened along the sun's rays. */
export class GroundShadow {
  readonly object: THREE.Object3D;
  private readonly caster: THREE.Object3D;
  private readonly flatten = flattening();

  constructor(caster: THREE.Object3D) {
    this.caster = caster;
    this.object = caster.clone(true);
    this.object.matrixAutoUpdate = false;
    this.object.traverse((part) => {
      if (part instanceof THREE.Line || part instanceof THREE.ArrowHelper) part.visible = false;
      else if (part instanceof THREE.Mesh) part.material = (part.material as THREE.Material).transparent ? veil : dark;
    });
  }

  /** Follows the caster; call after it has moved. */
  update(): void {
    this.caster.updateMatrix();
    this.object.matrix.multiplyMatrices(this.flatten, this.caster.matrix);
  }
}

/** Moves each point along the sun's direction onto the plane z = `HEIGHT`. */
function flattening(): THREE.Matrix4 {
  const [east, north] = [SUN.x / SUN.z, SUN.y / SUN.z];
  return new THREE.Matrix4().set(1, 0, -east, east * HEIGHT, 0, 1, -north, north * HEIGHT, 0, 0, 0, HEIGHT, 0, 0, 0, 1);
}
