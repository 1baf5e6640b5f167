import {
  Body,
  Box,
  Broadphase,
  Cylinder,
  GSSolver,
  Plane,
  Quaternion,
  type Shape,
  Sphere,
  Vec3,
  World as Cannon,
} from 'cannon-es';
import { GRAVITY } from './weight.ts';

/** Something to hit. World frame; a cylinder stands upright; `quaternion` is `worldFromBody`. */
export type Obstacle = { position_m: readonly [number, number, number] } & (
  | { shape: 'box'; size_m: readonly [number, number, number]; quaternion?: readonly [number, number, number, number] }
  | { shape: 'sphere'; radius_m: number }
  | { shape: 'cylinder'; radius_m: number; height_m: number }
);

/** Numbers that place one body: position, quaternion, velocity, angular velocity (world). */
export const BODY_STATE = 13;

/**
 * `n` vehicles, the ground at z = 0 and obstacles in one cannon-es world: all that Windhover takes from cannon-es.
 *
 * Vehicles share the space and never meet. What happens to one doesn't change a bit of another's state, so a vehicle
 * flies the same whichever neighbours it has (see ContactSolver).
 */
export class World {
  /** The vehicles' rigid bodies; forces and torques are set on them before each step. */
  readonly bodies: readonly Body[];
  /** 1 where a vehicle touched something in the last step, `[n]`. */
  readonly touched: Uint8Array;
  private readonly cannon: Cannon;
  private readonly broadphase: VehiclesAgainstFixed;
  /** The vehicles that cannon-es steps now. */
  private readonly near: Body[] = [];
  private readonly vehicleCount: number;

  /**
   * @param radius_m of the sphere that stands for a vehicle in contacts
   */
  constructor(n: number, radius_m: number, obstacles: readonly Obstacle[]) {
    this.vehicleCount = n;
    this.touched = new Uint8Array(n);
    const bodies: Body[] = [];
    for (let i = 0; i < n; i++) bodies.push(vehicleBody(radius_m));
    this.bodies = bodies;
    const fixed = [ground(), ...obstacles.map(obstacleBody)];
    this.broadphase = new VehiclesAgainstFixed(this.near, fixed, radius_m);
    this.cannon = new Cannon({
      gravity: new Vec3(0, 0, -GRAVITY),
      broadphase: this.broadphase,
      solver: new ContactSolver(),
    });
    // Contacts are read from the list; the n² matrix that only serves events would be cleared at every step.
    this.cannon.collisionMatrix = this.cannon.collisionMatrixPrevious = NO_MATRIX;
    for (const body of [...bodies, ...fixed]) this.cannon.addBody(body);
    this.cannon.bodies = this.near;
  }

  /** Sets the mass [kg] and the principal moments of inertia [kg·m²] of vehicle `i`. */
  setMass(i: number, mass: number, ix: number, iy: number, iz: number): void {
    const body = this.bodies[i];
    body.mass = mass;
    body.invMass = 1 / mass;
    body.inertia.set(ix, iy, iz);
    body.invInertia.set(1 / ix, 1 / iy, 1 / iz);
    refreshInertia(body);
  }

  /** Places vehicle `i`: `state` `[13]` at `offset` is position, quaternion, velocity, angular velocity in the world. */
  place(i: number, state: Float64Array, offset = 0): void {
    const body = this.bodies[i];
    body.position.set(state[offset], state[offset + 1], state[offset + 2]);
    body.quaternion.set(state[offset + 3], state[offset + 4], state[offset + 5], state[offset + 6]);
    body.velocity.set(state[offset + 7], state[offset + 8], state[offset + 9]);
    body.angularVelocity.set(state[offset + 10], state[offset + 11], state[offset + 12]);
    refreshInertia(body);
  }

  /** Writes the state of vehicle `i`, in the form that `place` takes. */
  read(i: number, state: Float64Array, offset = 0): void {
    const { position, quaternion, velocity, angularVelocity } = this.bodies[i];
    state.set(position.toArray(), offset);
    state.set(quaternion.toArray(), offset + 3);
    state.set(velocity.toArray(), offset + 7);
    state.set(angularVelocity.toArray(), offset + 10);
  }

  /** Holds vehicle `i` where it is, or lets it go. */
  freeze(i: number, frozen: boolean): void {
    this.bodies[i].sleepState = frozen ? Body.SLEEPING : Body.AWAKE;
  }

  /**
   * Moves everything on by `dt` seconds and notes who touched something.
   *
   * cannon-es steps only the vehicles that are near something. For the others all that its step would do is to add
   * gravity and to integrate; that alone takes half the time and gives the same bits.
   */
  step(dt: number): void {
    const { bodies, broadphase, cannon, touched, near } = this;
    touched.fill(0);
    near.length = 0;
    for (let i = 0; i < bodies.length; i++) {
      const body = bodies[i];
      if (body.sleepState === Body.SLEEPING) continue;
      if (broadphase.isNear(body)) near.push(body);
      else flyFreely(body, dt);
    }
    if (near.length === 0) return;
    cannon.step(dt);
    for (const { bi, bj } of cannon.contacts) {
      if (bi.index < this.vehicleCount) touched[bi.index] = 1;
      if (bj.index < this.vehicleCount) touched[bj.index] = 1;
    }
  }
}

function flyFreely(body: Body, dt: number): void {
  body.force.z -= body.mass * GRAVITY;
  body.integrate(dt, true, false);
  body.force.set(0, 0, 0);
  body.torque.set(0, 0, 0);
}

/** Pairs each vehicle with what stands still and is near; the stock broadphases visit all pairs in spite of filters. */
class VehiclesAgainstFixed extends Broadphase {
  private readonly vehicles: readonly Body[];
  private readonly fixed: readonly Body[];
  private readonly radius: number;

  /** @param vehicles those to pair, whichever are in it at the time */
  constructor(vehicles: readonly Body[], fixed: readonly Body[], radius: number) {
    super();
    this.vehicles = vehicles;
    this.fixed = fixed;
    this.radius = radius;
  }

  /** True where `collisionPairs` would find a pair. */
  isNear(vehicle: Body): boolean {
    if (vehicle.position.z <= this.radius) return true;
    for (let k = 1; k < this.fixed.length; k++) if (this.reaches(vehicle, this.fixed[k])) return true;
    return false;
  }

  override collisionPairs(_world: Cannon, pairs1: Body[], pairs2: Body[]): void {
    const { vehicles, fixed, radius } = this;
    for (const vehicle of vehicles) {
      // A plane's contact test makes a new equation object each time, so it is asked only where it will find one.
      if (vehicle.position.z <= radius) pair(vehicle, fixed[0], pairs1, pairs2);
      for (let k = 1; k < fixed.length; k++)
        if (this.reaches(vehicle, fixed[k])) pair(vehicle, fixed[k], pairs1, pairs2);
    }
  }

  private reaches(vehicle: Body, fixed: Body): boolean {
    const reach = this.radius + fixed.boundingRadius;
    return vehicle.position.distanceSquared(fixed.position) <= reach * reach;
  }
}

/**
 * The stock solver, but blind to bodies without a contact, which it would otherwise copy and add zeros to, and with a
 * fixed number of iterations: stopping when the sum of all residuals is small would let one vehicle's contact change
 * the last bits of another's.
 */
class ContactSolver extends GSSolver {
  override tolerance = 0;
  private readonly inContact = new Set<Body>();

  override solve(dt: number, _world: Cannon): number {
    const { equations, inContact } = this;
    if (equations.length === 0) return 0;
    inContact.clear();
    for (const { bi, bj } of equations) inContact.add(bi).add(bj);
    return super.solve(dt, { bodies: [...inContact] } as unknown as Cannon);
  }
}

function pair(a: Body, b: Body, pairs1: Body[], pairs2: Body[]): void {
  pairs1.push(a);
  pairs2.push(b);
}

const NO_MATRIX = {
  matrix: [],
  get: () => 1,
  set: () => {},
  reset: () => {},
  setNumObjects: () => {},
};

/** Turns its inverse moments of inertia into the world, R · I⁻¹ · Rᵀ, without the temporary matrices of cannon-es. */
class VehicleBody extends Body {
  override updateInertiaWorld(force?: boolean): void {
    const { x: ix, y: iy, z: iz } = this.invInertia;
    if (ix === iy && iy === iz && !force) return;
    const { x, y, z, w } = this.quaternion;
    const xx = 1 - 2 * (y * y + z * z);
    const xy = 2 * (x * y - w * z);
    const xz = 2 * (x * z + w * y);
    const yx = 2 * (x * y + w * z);
    const yy = 1 - 2 * (x * x + z * z);
    const yz = 2 * (y * z - w * x);
    const zx = 2 * (x * z - w * y);
    const zy = 2 * (y * z + w * x);
    const zz = 1 - 2 * (x * x + y * y);
    const e = this.invInertiaWorld.elements;
    e[0] = ix * xx * xx + iy * xy * xy + iz * xz * xz;
    e[4] = ix * yx * yx + iy * yy * yy + iz * yz * yz;
    e[8] = ix * zx * zx + iy * zy * zy + iz * zz * zz;
    e[1] = e[3] = ix * xx * yx + iy * xy * yy + iz * xz * yz;
    e[2] = e[6] = ix * xx * zx + iy * xy * zy + iz * xz * zz;
    e[5] = e[7] = ix * yx * zx + iy * yy * zy + iz * yz * zz;
  }
}

function vehicleBody(radius: number): Body {
  return new VehicleBody({
    mass: 1,
    shape: new Sphere(radius),
    linearDamping: 0,
    angularDamping: 0,
    allowSleep: false,
  });
}

function ground(): Body {
  return new Body({ type: Body.STATIC, shape: new Plane() });
}

function obstacleBody(obstacle: Obstacle): Body {
  const body = new Body({ type: Body.STATIC, position: new Vec3(...obstacle.position_m) });
  // cannon-es builds cylinders along y
  if (obstacle.shape === 'cylinder')
    body.addShape(shapeOf(obstacle), undefined, new Quaternion(Math.SQRT1_2, 0, 0, Math.SQRT1_2));
  else body.addShape(shapeOf(obstacle));
  if (obstacle.shape === 'box' && obstacle.quaternion) body.quaternion.set(...obstacle.quaternion);
  return body;
}

function shapeOf(obstacle: Obstacle): Shape {
  if (obstacle.shape === 'sphere') return new Sphere(obstacle.radius_m);
  if (obstacle.shape === 'cylinder') return new Cylinder(obstacle.radius_m, obstacle.radius_m, obstacle.height_m, 16);
  const [x, y, z] = obstacle.size_m;
  return new Box(new Vec3(x / 2, y / 2, z / 2));
}

/** As cannon-es keeps it: turned with the body, unless all three moments are equal and turning has no effect. */
function refreshInertia(body: Body): void {
  const { x, y, z } = body.invInertia;
  if (x === y && y === z) body.invInertiaWorld.elements = [x, 0, 0, 0, x, 0, 0, 0, x];
  else body.updateInertiaWorld(true);
}
