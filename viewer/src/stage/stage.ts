import * as THREE from 'three';
import { positionErrorAt } from '../position-error.ts';
import type { Recording } from '../recording.ts';
import { heldAt } from '../series.ts';
import { Actor } from './actor.ts';
import type { AirframeShape } from './airframe-shape.ts';
import { type CameraMode, Cameras } from './cameras.ts';
import { buildGoal, type GoalMarker } from './goal.ts';
import { buildScenery, type Scenery } from './scenery.ts';
import type { TrailColour } from './trail.ts';
import { buildWorld, type World } from './world.ts';

/** A recording with what it is drawn as. */
export interface Cast {
  recording: Recording;
  shape: AirframeShape;
  ghost: boolean;
}

/** What the user may change about the picture. */
export interface StageOptions {
  /** Vehicles are drawn this many times their size; 0 picks what can be seen. */
  vehicleScale: number;
  trailColour: TrailColour;
  trail: boolean;
  axes: boolean;
  grid: boolean;
  shadows: boolean;
  goal: boolean;
  vehicle: boolean;
}

/** The three-dimensional picture: draws the cast at a time. */
export class Stage {
  readonly options: StageOptions = {
    vehicleScale: 0,
    trailColour: 'error',
    trail: true,
    axes: true,
    grid: true,
    shadows: true,
    goal: true,
    vehicle: true,
  };
  /** Position error [m] at the red end of the trail's scale; null where no goal was logged. */
  errorScale: number | null = null;
  /** How many times its size the vehicle is drawn. */
  drawnScale = 1;
  readonly cameras: Cameras;
  private readonly canvas: HTMLCanvasElement;
  private readonly renderer: THREE.WebGLRenderer;
  private readonly world: World;
  private actors: Actor[] = [];
  private scenery: Scenery | null = null;
  private goal: GoalMarker | null = null;
  private stale = true;
  private time = 0;
  private readonly centre = new THREE.Vector3();
  private extent = 3;
  /** Half the width of the slimmest obstacle [m]. */
  private slimmest = Number.POSITIVE_INFINITY;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.world = buildWorld();
    this.cameras = new Cameras(canvas, () => this.invalidate());
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement as HTMLElement);
    this.resize();
    this.world.fit(this.centre, this.extent);
    this.frameCast();
  }

  /** Puts other recordings on the stage. The first that is no ghost leads: the camera follows it. */
  setCast(cast: readonly Cast[]): void {
    for (const actor of this.actors) {
      this.world.scene.remove(actor.group);
      actor.dispose();
    }
    this.errorScale = errorScale(cast.map(({ recording }) => recording));
    this.actors = cast.map(({ recording, shape, ghost }) => new Actor(recording, shape, ghost, this.errorScale ?? 1));
    for (const actor of this.actors) this.world.scene.add(actor.group);
    if (this.scenery) this.world.scene.remove(this.scenery.object);
    const lead = this.lead?.recording;
    this.scenery = lead ? buildScenery(lead) : null;
    if (this.scenery) this.world.scene.add(this.scenery.object);
    this.fitToCast();
    this.applyOptions();
  }

  /** Points the camera at what is on the stage, from where its mode looks. */
  frameCast(): void {
    const vehicleReach = (this.lead?.reach ?? 0.1) * this.drawnScale;
    this.cameras.fit(this.centre, this.extent, vehicleReach, this.vehiclePosition);
    this.invalidate();
  }

  private get lead(): Actor | undefined {
    return this.actors.find((actor) => !actor.ghost) ?? this.actors[0];
  }

  /** From one line of the grid to the next [m]. */
  get gridCell(): number {
    return this.world.gridCell(this.extent);
  }

  /** Where the leading vehicle is drawn. */
  get vehiclePosition(): THREE.Vector3 {
    return this.lead?.vehicle.object.position ?? this.centre;
  }

  /**
   * Takes in what the recordings on the stage have got since the last time. Where the flight has left the picture, it is
   * framed anew with room to spare, so that this happens a few times in a flight; a camera that the user has moved stays.
   */
  grow(): void {
    this.errorScale = errorScale(this.actors.map(({ recording }) => recording));
    for (const actor of this.actors) actor.trail.grow(this.errorScale ?? 1);
    const box = this.castBox();
    const corners = new THREE.Sphere(this.centre, this.extent);
    if (box.isEmpty() || (corners.containsPoint(box.min) && corners.containsPoint(box.max))) return;
    this.fitToCast(ROOM_TO_GROW);
    this.applyOptions();
    const { cameras, centre, extent, drawnScale } = this;
    if (cameras.moved) cameras.grow(centre, extent, (this.lead?.reach ?? 0.1) * drawnScale);
    else this.frameCast();
  }

  private castBox(): THREE.Box3 {
    const box = new THREE.Box3();
    for (const { recording } of this.actors) growBy(box, recording);
    return box;
  }

  /** @param room how much more than the flight the picture shows */
  private fitToCast(room = 1): void {
    const box = this.castBox();
    if (box.isEmpty()) box.set(new THREE.Vector3(-1, -1, 0), new THREE.Vector3(1, 1, 1));
    box.getCenter(this.centre);
    const size = box.getSize(new THREE.Vector3());
    this.extent = Math.max((room * size.length()) / 2, (this.lead?.reach ?? 0.1) * 6);
    this.slimmest = Math.min(...this.actors.map(({ recording }) => slimmestObstacle(recording)));
    this.world.fit(this.centre, this.extent);
    this.moveGoalMarker();
  }

  private moveGoalMarker(): void {
    if (this.goal) this.world.scene.remove(this.goal.object);
    this.goal = buildGoal(Math.max(this.extent * 0.03, 0.03));
    this.world.scene.add(this.goal.object);
  }

  /** Takes over `options` after a change of them. */
  applyOptions(): void {
    const { vehicleScale, trailColour, trail, axes, grid, shadows, vehicle } = this.options;
    const reach = this.lead?.reach ?? 0.1;
    // among obstacles a vehicle much larger than life would seem to touch them
    const seen = Math.min(0.12 * this.extent, this.slimmest);
    const most = Math.max(50, (LEAST_SEEN * this.extent) / reach);
    this.drawnScale = vehicleScale || Math.max(Math.round(Math.min(seen / reach, most)), 1);
    for (const actor of this.actors) {
      actor.vehicle.object.scale.setScalar(this.drawnScale);
      actor.vehicle.object.visible = vehicle && actor.recording.topics.pose !== undefined;
      actor.vehicle.showAxes(axes && !actor.ghost);
      if (actor.shadow) actor.shadow.object.visible = shadows && actor.vehicle.object.visible;
      actor.trail.show(trail);
      actor.trail.colour(trailColour);
    }
    this.world.showGrid(grid);
    this.update(this.time, 0);
    this.resize();
  }

  /** Moves everything to time `t`; rotors turn for `seconds` of playing. */
  update(t: number, seconds: number): void {
    this.time = t;
    for (const actor of this.actors) actor.update(t, seconds);
    this.scenery?.update(t);
    const setpoint = this.lead?.recording.topics.setpoint;
    if (this.goal) {
      this.goal.object.visible = this.options.goal && setpoint !== undefined;
      if (setpoint) this.goal.moveTo(heldAt(setpoint, 0, t), heldAt(setpoint, 1, t), heldAt(setpoint, 2, t));
    }
    this.invalidate();
  }

  setCamera(mode: CameraMode): void {
    this.cameras.setMode(mode, this.vehiclePosition);
    this.invalidate();
  }

  invalidate(): void {
    this.stale = true;
  }

  /** Draws, if anything changed since the last time. */
  render(): void {
    const moved = this.cameras.update(this.vehiclePosition);
    if (!moved && !this.stale) return;
    this.stale = false;
    const { camera, target } = this.cameras;
    this.renderer.render(this.world.scene, camera);
    this.canvas.dataset.eye = camera.position.toArray().join(',');
    this.canvas.dataset.target = target.toArray().join(',');
    this.canvas.dataset.fov = String(camera.fov);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement as HTMLElement;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height, false);
    this.cameras.resize(width, height);
    const size = new THREE.Vector2(width, height);
    for (const actor of this.actors) actor.trail.resize(size);
    this.invalidate();
  }
}

/** A flight under way gets this much more room than it has needed so far. */
const ROOM_TO_GROW = 1.5;

/** However far a flight went, a vehicle is drawn this large, in extents of the flight: some thirty pixels. */
const LEAST_SEEN = 0.05;

/** Grows `box` by the places flown, the setpoints and the obstacles. */
function growBy(box: THREE.Box3, recording: Recording): void {
  const point = new THREE.Vector3();
  for (const series of [recording.topics.pose, recording.topics.setpoint])
    for (let i = 0; series && i < series.time.length; i++)
      box.expandByPoint(point.set(series.columns[0][i], series.columns[1][i], series.columns[2][i]));
  for (const { entities } of recording.scene)
    for (const entity of entities)
      if (entity.kind !== 'ground') for (const solid of entity.solids) box.expandByPoint(point.set(...solid.position));
}

/** Half the width of the slimmest obstacle [m]; infinite where there is none. */
function slimmestObstacle(recording: Recording): number {
  const entities = recording.scene.flatMap((update) => update.entities);
  const solids = entities.filter(({ kind }) => kind !== 'ground' && kind !== 'goal').flatMap((entity) => entity.solids);
  return Math.min(...solids.map(({ size }) => Math.min(...size) / 2));
}

/** A round number that most errors stay below, so that a bad start does not paint all the rest green. */
function errorScale(recordings: readonly Recording[]): number | null {
  const errors = recordings.flatMap((recording) => {
    const steps = Array.from({ length: 101 }, (_, index) => (index / 100) * recording.durationSeconds);
    return steps.map((t) => positionErrorAt(recording, t)).filter(Number.isFinite);
  });
  errors.sort((a, b) => a - b);
  if (errors.length === 0) return null;
  const typical = errors[Math.floor(errors.length * 0.9)];
  return [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10].find((scale) => scale >= typical) ?? 20;
}
