import * as THREE from 'three';

/** Marks the setpoint: a small sphere, a ring around it and a thin pole to the ground. */
export interface GoalMarker {
  object: THREE.Group;
  moveTo(x: number, y: number, z: number): void;
}

const GOAL = '#52d273';

/** @param radius size of the ring [m] */
export function buildGoal(radius: number): GoalMarker {
  const object = new THREE.Group();
  const bright = new THREE.MeshBasicMaterial({ color: GOAL });
  const head = new THREE.Group();
  const sphere = new THREE.Mesh(new THREE.SphereGeometry(radius * 0.16, 20, 14), bright);
  const ring = new THREE.Mesh(new THREE.TorusGeometry(radius, radius * 0.035, 8, 64), bright);
  const upright = ring.clone();
  upright.rotation.x = Math.PI / 2;
  head.add(sphere, ring, upright);
  const poleGeometry = new THREE.BufferGeometry().setFromPoints([new THREE.Vector3(), new THREE.Vector3(0, 0, -1)]);
  const pole = new THREE.Line(
    poleGeometry,
    new THREE.LineBasicMaterial({ color: GOAL, transparent: true, opacity: 0.35 }),
  );
  const foot = new THREE.Mesh(
    new THREE.RingGeometry(radius * 0.55, radius * 0.65, 40),
    new THREE.MeshBasicMaterial({ color: GOAL, transparent: true, opacity: 0.4, depthWrite: false }),
  );
  object.add(head, pole, foot);
  return {
    object,
    moveTo(x, y, z) {
      object.position.set(x, y, 0);
      head.position.z = z;
      pole.position.z = z;
      pole.scale.z = Math.max(z, 1e-3);
      foot.position.z = 0.004;
      foot.visible = pole.visible = z > 0.02;
    },
  };
}
