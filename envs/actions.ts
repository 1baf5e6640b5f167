import { InputError } from './input-error.ts';
import type { Vehicle } from './vehicle.ts';

/** What the four numbers of an action mean: four rotor thrusts, or collective thrust and body rates. */
export type ActionMode = 'motors' | 'ctbr';

/**
 * How an action in [-1, 1] becomes what the vehicle's firmware takes, with the constants of the *nominal* vehicle:
 * the firmware knows no others, so an airframe that is heavier or weaker than nominal has to be trimmed by the policy.
 *
 * - `motors`: normalised thrust of rotor `i`, a fraction of `rotor.maxThrust_N`: `clamp(center[i] + span[i] · a[i], 0, 1)`
 * - `ctbr`: the first is collective thrust as the mean fraction of the four rotors, the others are the body rates
 *   `center + span · a` [rad/s] about x, y and z (FLU)
 */
export interface ActionMap {
  mode: ActionMode;
  center: number[];
  span: number[];
}

/** Numbers in an action, whatever the mode. */
export const ACTION_SIZE = 4;

/** The map for a vehicle: action 0 is the thrust that hovers the nominal airframe, and the ends reach all of [0, 1]. */
export function actionMap(vehicle: Vehicle, mode: ActionMode): ActionMap {
  const hover = (vehicle.mass_kg * 9.81) / (4 * vehicle.rotor.maxThrust_N);
  const span = Math.max(hover, 1 - hover);
  if (mode === 'motors') return { mode, center: [hover, hover, hover, hover], span: [span, span, span, span] };
  if (mode === 'ctbr') return { mode, center: [hover, 0, 0, 0], span: [span, ...vehicle.bodyRates.max_rad_s] };
  throw new InputError(`actions: expected motors or ctbr, got ${mode}`);
}

/** The fraction of full rotor thrust that component `i` of a `motors` action asks for, in [0, 1]. */
export function thrustFraction(map: ActionMap, i: number, action: number): number {
  const a = action < -1 ? -1 : action > 1 ? 1 : action;
  const u = map.center[i] + map.span[i] * a;
  return u < 0 ? 0 : u > 1 ? 1 : u;
}

/** The action that asks for a fraction `u` of full rotor thrust: the inverse of {@link thrustFraction} inside its range. */
export function actionFor(map: ActionMap, i: number, u: number): number {
  return (u - map.center[i]) / map.span[i];
}
