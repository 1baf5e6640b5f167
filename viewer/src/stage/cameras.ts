import * as THREE from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';

export type CameraMode = 'orbit' | 'follow' | 'top';
export const CAMERA_MODES: readonly CameraMode[] = ['orbit', 'follow', 'top'];

/** The camera and how it moves: around the flight, along with the vehicle, or from above with east to the right. */
export class Cameras {
  readonly camera = new THREE.PerspectiveCamera(45, 1, 0.01, 500);
  mode: CameraMode = 'orbit';
  /** The user has moved the camera since its mode was chosen. */
  moved = false;
  private readonly controls: OrbitControls;
  private readonly centre = new THREE.Vector3();
  private extent = 3;
  private vehicleReach = 0.05;
  private readonly lastVehicle = new THREE.Vector3();

  /** @param onMove called when the user moves the camera */
  constructor(element: HTMLElement, onMove: () => void) {
    this.camera.up.set(0, 0, 1);
    this.controls = new OrbitControls(this.camera, element);
    this.controls.enableDamping = true;
    this.controls.dampingFactor = 0.12;
    this.controls.maxPolarAngle = Math.PI * 0.93;
    this.controls.addEventListener('change', onMove);
    this.controls.addEventListener('start', () => {
      this.moved = true;
    });
  }

  /** The flight's middle and extent [m], and the drawn vehicle's size [m]: what the modes look at. */
  fit(centre: THREE.Vector3, extent: number, vehicleReach: number, vehicle: THREE.Vector3): void {
    this.grow(centre, extent, vehicleReach);
    this.setMode(this.mode, vehicle);
  }

  /** As `fit`, but leaves the camera where it is. */
  grow(centre: THREE.Vector3, extent: number, vehicleReach: number): void {
    this.centre.copy(centre);
    this.extent = extent;
    this.vehicleReach = vehicleReach;
    this.camera.near = Math.min(0.02, vehicleReach * 0.2);
    this.camera.far = Math.max(extent, 1.5) * 80;
    this.camera.updateProjectionMatrix();
  }

  setMode(mode: CameraMode, vehicle: THREE.Vector3): void {
    this.mode = mode;
    this.moved = false;
    this.controls.enableRotate = mode !== 'top';
    this.controls.screenSpacePanning = mode !== 'orbit';
    this.lastVehicle.copy(vehicle);
    if (mode === 'follow') this.place(vehicle, new THREE.Vector3(-1, -0.62, 0.62), this.vehicleReach * 13);
    else if (mode === 'top') this.place(this.centre, new THREE.Vector3(0, -1e-4, 1), this.extent * 2.7);
    else this.place(this.centre, new THREE.Vector3(-0.62, -1, 0.34), this.extent * 2.5);
    this.camera.updateProjectionMatrix();
    this.controls.update();
  }

  private place(target: THREE.Vector3, direction: THREE.Vector3, distance: number): void {
    // A narrow window sees less to the sides: stand back so that the flight still fits.
    const room = Math.max(1, 1.1 / this.camera.aspect);
    this.controls.target.copy(target);
    this.camera.position.copy(target).addScaledVector(direction.normalize(), distance * room);
    this.camera.lookAt(target);
  }

  /** Moves along with the vehicle where the mode says so. Returns whether the view changed. */
  update(vehicle: THREE.Vector3): boolean {
    if (this.mode === 'follow') {
      const step = vehicle.clone().sub(this.lastVehicle);
      this.controls.target.add(step);
      this.camera.position.add(step);
    }
    this.lastVehicle.copy(vehicle);
    return this.controls.update();
  }

  get target(): THREE.Vector3 {
    return this.controls.target;
  }

  resize(width: number, height: number): void {
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
  }
}
