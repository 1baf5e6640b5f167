import * as THREE from 'three';
import { RoundedBoxGeometry } from 'three/addons/geometries/RoundedBoxGeometry.js';
import { type AirframeShape, type RotorShape, reach } from './airframe-shape.ts';
import { GHOST, SOLID } from './colours.ts';

/** A vehicle's mesh, built from its rotor layout in units of metres, body frame FLU. */
export interface Airframe {
  object: THREE.Group;
  /** Turns the rotors for `seconds` at the motor commands `motors`, each in [0, 1]. */
  spin(seconds: number, motors: readonly number[]): void;
  showAxes(visible: boolean): void;
}

interface Materials {
  body: THREE.Material;
  arm: THREE.Material;
  front: THREE.Material;
  motor: THREE.Material;
  blade: THREE.Material;
  disc: THREE.MeshBasicMaterial;
}

/** Full motor command turns a drawn rotor this fast [rad/s]: real speeds would only flicker at 60 frames a second. */
const DRAWN_SPEED = 34;

export function buildAirframe(shape: AirframeShape, ghost: boolean): Airframe {
  const object = new THREE.Group();
  const materials = ghost ? ghostMaterials() : solidMaterials();
  const size = reach(shape);
  object.add(hull(size, materials), nose(size, materials), ...legs(shape, size, materials));
  const rotors = shape.rotors.map((rotor) => rotorGroup(rotor, size, materials));
  for (const rotor of shape.rotors) object.add(arm(rotor, size, materials));
  for (const { group } of rotors) object.add(group);
  const axes = bodyAxes(size * 1.9);
  object.add(axes);
  return {
    object,
    spin(seconds, motors) {
      rotors.forEach(({ blades, disc }, index) => {
        const command = motors[index] ?? 0;
        blades.rotation.z += shape.rotors[index].spin * DRAWN_SPEED * command * seconds;
        disc.visible = command > 0.02;
      });
    },
    showAxes: (visible) => {
      axes.visible = visible;
    },
  };
}

function solidMaterials(): Materials {
  const shiny = (color: string, specular: string, shininess: number) =>
    new THREE.MeshPhongMaterial({ color, specular, shininess });
  return {
    body: shiny('#4a5c6e', '#b9cbdc', 50),
    arm: shiny('#7f92a5', '#8fa3b6', 30),
    front: new THREE.MeshPhongMaterial({ color: SOLID, emissive: SOLID, emissiveIntensity: 0.5 }),
    motor: shiny('#c3ced9', '#ffffff', 90),
    blade: new THREE.MeshLambertMaterial({ color: '#e6edf3', side: THREE.DoubleSide }),
    disc: discMaterial(SOLID, 0.26),
  };
}

function ghostMaterials(): Materials {
  const veil = (opacity: number) =>
    new THREE.MeshBasicMaterial({ color: GHOST, transparent: true, opacity, depthWrite: false });
  return {
    body: veil(0.42),
    arm: veil(0.34),
    front: veil(0.6),
    motor: veil(0.4),
    blade: veil(0.3),
    disc: discMaterial(GHOST, 0.2),
  };
}

function discMaterial(color: string, opacity: number): THREE.MeshBasicMaterial {
  return new THREE.MeshBasicMaterial({ color, transparent: true, opacity, depthWrite: false, side: THREE.DoubleSide });
}

function hull(size: number, { body, arm: deck }: Materials): THREE.Group {
  const group = new THREE.Group();
  const frame = new THREE.Mesh(new RoundedBoxGeometry(size * 0.92, size * 0.62, size * 0.2, 3, size * 0.07), body);
  const battery = new THREE.Mesh(new RoundedBoxGeometry(size * 0.62, size * 0.4, size * 0.16, 3, size * 0.05), deck);
  battery.position.z = size * 0.16;
  group.add(frame, battery);
  return group;
}

/** A bright wedge on the front, so that the heading is seen at once. */
function nose(size: number, { front }: Materials): THREE.Mesh {
  const wedge = new THREE.Mesh(new THREE.ConeGeometry(size * 0.13, size * 0.34, 4), front);
  wedge.rotation.z = -Math.PI / 2;
  wedge.position.x = size * 0.62;
  return wedge;
}

function arm(rotor: RotorShape, size: number, { arm: material }: Materials): THREE.Mesh {
  const length = Math.hypot(rotor.x, rotor.y);
  const beam = new THREE.Mesh(new RoundedBoxGeometry(length, size * 0.12, size * 0.1, 2, size * 0.03), material);
  beam.position.set(rotor.x / 2, rotor.y / 2, rotor.z / 2);
  beam.rotation.z = Math.atan2(rotor.y, rotor.x);
  return beam;
}

function legs(shape: AirframeShape, size: number, { arm: material }: Materials): THREE.Mesh[] {
  return shape.rotors.map((rotor) => {
    const leg = new THREE.Mesh(new THREE.CylinderGeometry(size * 0.035, size * 0.05, size * 0.3, 8), material);
    leg.rotation.x = Math.PI / 2;
    leg.position.set(rotor.x * 0.92, rotor.y * 0.92, rotor.z - size * 0.18);
    return leg;
  });
}

function rotorGroup(rotor: RotorShape, size: number, materials: Materials) {
  const group = new THREE.Group();
  group.position.set(rotor.x, rotor.y, rotor.z);
  const can = new THREE.Mesh(new THREE.CylinderGeometry(size * 0.1, size * 0.12, size * 0.24, 18), materials.motor);
  can.rotation.x = Math.PI / 2;
  can.position.z = size * 0.06;
  const blades = new THREE.Group();
  blades.position.z = size * 0.2;
  blades.rotation.z = rotor.spin * 0.5;
  for (const side of [0, Math.PI]) blades.add(blade(rotor.radius, side, rotor.spin, materials.blade));
  const disc = new THREE.Mesh(new THREE.CircleGeometry(rotor.radius, 40), materials.disc);
  disc.position.z = size * 0.21;
  group.add(can, blades, disc);
  return { group, blades, disc };
}

/** One twisted blade, tapered to the tip. */
function blade(radius: number, angle: number, spin: number, material: THREE.Material): THREE.Group {
  const outline = new THREE.Shape();
  outline.moveTo(0, -0.05 * radius);
  outline.quadraticCurveTo(0.35 * radius, -0.16 * radius, radius, -0.04 * radius);
  outline.quadraticCurveTo(1.02 * radius, 0.02 * radius, 0.98 * radius, 0.04 * radius);
  outline.quadraticCurveTo(0.4 * radius, 0.1 * radius, 0, 0.05 * radius);
  const mesh = new THREE.Mesh(new THREE.ShapeGeometry(outline, 6), material);
  mesh.rotation.x = spin * 0.22;
  mesh.scale.y = spin;
  const holder = new THREE.Group();
  holder.rotation.z = angle;
  holder.add(mesh);
  return holder;
}

/** Body axes: x forward red, y left green, z up blue. */
function bodyAxes(length: number): THREE.Group {
  const group = new THREE.Group();
  const directions: [THREE.Vector3, string][] = [
    [new THREE.Vector3(1, 0, 0), '#ff5d6c'],
    [new THREE.Vector3(0, 1, 0), '#5fe08a'],
    [new THREE.Vector3(0, 0, 1), '#5b9dff'],
  ];
  for (const [direction, color] of directions)
    group.add(new THREE.ArrowHelper(direction, new THREE.Vector3(), length, color, length * 0.16, length * 0.08));
  return group;
}
