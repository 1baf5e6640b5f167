import * as THREE from 'three';
import type { Recording } from '../recording.ts';
import { bracket, heldAt, valueAt } from '../series.ts';
import { type Airframe, buildAirframe } from './airframe.ts';
import { type AirframeShape, reach } from './airframe-shape.ts';
import { GHOST, SOLID } from './colours.ts';
import { GroundShadow } from './shadow.ts';
import { buildTrail, type Trail } from './trail.ts';

/** One recording in the scene: its vehicle, its trail, and a thin line down to its place on the ground. */
export class Actor {
  readonly recording: Recording;
  readonly ghost: boolean;
  readonly vehicle: Airframe;
  readonly trail: Trail;
  readonly group = new THREE.Group();
  /** Distance [m] from the centre to the outermost rotor, at true scale. */
  readonly reach: number;
  readonly shadow: GroundShadow | null;
  private readonly stem: THREE.Line;
  private readonly from = new THREE.Quaternion();
  private readonly to = new THREE.Quaternion();

  constructor(recording: Recording, shape: AirframeShape, ghost: boolean, errorScale: number) {
    this.recording = recording;
    this.ghost = ghost;
    this.vehicle = buildAirframe(shape, ghost);
    this.reach = reach(shape);
    this.trail = buildTrail(recording, ghost ? GHOST : SOLID, errorScale, ghost);
    this.stem = buildStem(ghost ? GHOST : SOLID);
    this.shadow = ghost ? null : new GroundShadow(this.vehicle.object);
    this.group.add(this.vehicle.object, this.stem, ...this.trail.objects);
    if (this.shadow) this.group.add(this.shadow.object);
    this.vehicle.object.visible = this.stem.visible = recording.topics.pose !== undefined;
  }

  /** Poses the vehicle at `t` and turns its rotors by `seconds` of playing. */
  update(t: number, seconds: number): void {
    const { pose, motors } = this.recording.topics;
    if (!pose) return;
    const { object } = this.vehicle;
    object.position.set(valueAt(pose, 0, t), valueAt(pose, 1, t), valueAt(pose, 2, t));
    const { before, after, fraction } = bracket(pose.time, t);
    readQuaternion(pose.columns, before, this.from);
    readQuaternion(pose.columns, after, this.to);
    object.quaternion.slerpQuaternions(this.from, this.to, fraction);
    // A log without motor commands still shows a flying vehicle, with its rotors at half speed.
    const commands = motors ? motors.columns.map((_, column) => heldAt(motors, column, t)) : [0.5, 0.5, 0.5, 0.5];
    this.vehicle.spin(seconds, commands);
    this.shadow?.update();
    this.stem.position.copy(object.position);
    this.stem.scale.z = Math.max(object.position.z, 1e-3);
    this.trail.update(t);
  }

  dispose(): void {
    this.trail.dispose();
    this.group.traverse((part) => {
      if (part instanceof THREE.Mesh || part instanceof THREE.Line) part.geometry.dispose();
    });
  }
}

function readQuaternion(columns: Float64Array[], index: number, out: THREE.Quaternion): void {
  out.set(columns[3][index], columns[4][index], columns[5][index], columns[6][index]).normalize();
}

function buildStem(color: string): THREE.Line {
  const geometry = new THREE.BufferGeometry().setFromPoints([new THREE.Vector3(), new THREE.Vector3(0, 0, -1)]);
  return new THREE.Line(geometry, new THREE.LineBasicMaterial({ color, transparent: true, opacity: 0.3 }));
}
