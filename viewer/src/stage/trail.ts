import { Color, type Vector2 } from 'three';
import { LineMaterial } from 'three/addons/lines/LineMaterial.js';
import { LineSegments2 } from 'three/addons/lines/LineSegments2.js';
import { LineSegmentsGeometry } from 'three/addons/lines/LineSegmentsGeometry.js';
import { positionErrorAt } from '../position-error.ts';
import type { Recording } from '../recording.ts';
import { errorColour } from './colours.ts';

export type TrailColour = 'error' | 'time' | 'plain';

/** The path: the whole flight faintly, and brightly what has been flown up to the time cursor. */
export interface Trail {
  objects: LineSegments2[];
  /** Shows the bright part up to `t` seconds. */
  update(t: number): void;
  colour(by: TrailColour): void;
  /** Takes in what the recording has got since the last time. */
  grow(errorScale: number): void;
  show(visible: boolean): void;
  resize(size: Vector2): void;
  dispose(): void;
}

/** More points are not seen, and cost the drawing of each frame. */
const MOST_POINTS = 5000;
/** A hole [s] in the positions that is not bridged by a line. */
const HOLE = 0.5;

/**
 * @param plain colour where the trail is not coloured by a quantity
 * @param errorScale position error [m] at the red end of the scale
 */
export function buildTrail(recording: Recording, plain: string, errorScale: number, ghost: boolean): Trail {
  const first = segments(recording);
  let { times } = first;
  let scale = errorScale;
  let colouring: TrailColour = 'plain';
  const flown = line(first.positions, ghost ? 2 : 3, ghost ? 0.75 : 1);
  const whole = line(first.positions, 1.25, 0.22);
  const trail: Trail = {
    objects: [whole, flown],
    update(t) {
      let count = 0;
      while (count < times.length && times[count] <= t) count++;
      flown.geometry.instanceCount = count;
    },
    colour(by) {
      colouring = by;
      const colours = segmentColours(recording, times, by, plain, scale);
      for (const object of trail.objects) object.geometry.setColors(colours);
    },
    grow(errorScale) {
      const { positions, times: complete } = segments(recording);
      if (positions.length === 0) return;
      times = complete;
      scale = errorScale;
      for (const { geometry } of trail.objects) {
        geometry.dispose(); // or the buffers before would stay with the graphics card
        geometry.setPositions(positions);
      }
      trail.colour(colouring);
    },
    show(visible) {
      for (const object of trail.objects) object.visible = visible;
    },
    resize(size) {
      for (const object of trail.objects) object.material.resolution.copy(size);
    },
    dispose() {
      for (const object of trail.objects) {
        object.geometry.dispose();
        object.material.dispose();
      }
    },
  };
  return trail;
}

function line(positions: Float32Array, width: number, opacity: number): LineSegments2 {
  const geometry = new LineSegmentsGeometry();
  if (positions.length > 0) geometry.setPositions(positions);
  const material = new LineMaterial({ linewidth: width, vertexColors: true, transparent: true, opacity, fog: false });
  material.depthWrite = false;
  const object = new LineSegments2(geometry, material);
  object.frustumCulled = false;
  object.visible = positions.length > 0;
  return object;
}

/** End points of the segments `[S, 2, 3]` and the time at which each is complete `[S]`. */
function segments(recording: Recording): { positions: Float32Array; times: Float64Array } {
  const pose = recording.topics.pose;
  const hole = Math.max(HOLE, 3 * (recording.coarsestSeconds ?? 0));
  const stride = Math.max(1, Math.ceil((pose?.time.length ?? 0) / MOST_POINTS));
  const starts = recording.events.filter((event) => event.event === 'start').map((event) => event.time);
  const positions: number[] = [];
  const times: number[] = [];
  for (let i = stride; pose && i < pose.time.length; i += stride) {
    const from = pose.time[i - stride];
    const to = pose.time[i];
    if (to - from > hole || starts.some((start) => start > from && start <= to)) continue;
    for (const index of [i - stride, i]) for (let axis = 0; axis < 3; axis++) positions.push(pose.columns[axis][index]);
    times.push(to);
  }
  return { positions: new Float32Array(positions), times: new Float64Array(times) };
}

function segmentColours(
  recording: Recording,
  times: Float64Array,
  by: TrailColour,
  plain: string,
  errorScale: number,
): Float32Array {
  const colours = new Float32Array(times.length * 6);
  const colour = new Color(plain);
  const duration = Math.max(recording.durationSeconds, 1e-9);
  times.forEach((time, index) => {
    if (by === 'error') {
      const error = positionErrorAt(recording, time);
      if (Number.isFinite(error)) errorColour(error / errorScale, colour);
    } else if (by === 'time') colour.setHSL(0.72 - 0.6 * (time / duration), 0.75, 0.6);
    for (const end of [0, 3]) colour.toArray(colours, index * 6 + end);
  });
  return colours;
}
