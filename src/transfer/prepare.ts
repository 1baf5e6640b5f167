import { actionMap } from '../../envs/actions.ts';
import { InputError } from '../../envs/input-error.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Policy } from '../../policies/policy.ts';
import { type Selection, selectBackend } from '../backend/index.ts';
import { checkVehicle } from '../evaluate/fits.ts';
import { readPolicy } from '../policy-folder.ts';
import type { Flight } from '../telemetry/flight.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';
import { breathe } from './breathe.ts';
import { type Calibration, fitCommandMap } from './calibrate.ts';
import { type Chain, chainOf } from './chain.ts';
import { type Gap, measureGap } from './gap.ts';
import { parseMethod } from './method.ts';
import type { FinetuneOptions } from './report.ts';
import { contradiction, measureFollowing } from './plausible.ts';
import { type FlightSamples, flightSamples } from './samples.ts';
import { DEFAULT_FINETUNE, type FinetuneSettings } from './settings.ts';
import { type DomainShift, domainShift } from './shift.ts';
import { type Split, splitFlights } from './split.ts';
import { isWrenchLog, withRotorThrusts } from './wrench.ts';

/** All that a run knows before it learns. */
export interface Prepared {
  source: Policy;
  vehicle: Vehicle;
  settings: FinetuneSettings;
  split: Split;
  calibration: Calibration;
  /** What contradicts physics in the flights, where it was forced past. */
  contradictions: string[];
  /** How far the flights are from what the policy saw. */
  shift: DomainShift;
  /** The stages that the policy has gone through, with this one. */
  chain: Chain;
  /** What augmentation draws from; null without it. */
  gap: Gap | null;
  backend: Selection;
}

/**
 * Reads and checks all that a fine-tuning run is given, splits the flights and fits the command map.
 *
 * @throws InputError when policy, vehicle, settings or flights do not fit each other
 */
export async function prepare(options: FinetuneOptions): Promise<Prepared> {
  const read = readPolicy(options.policy);
  const vehicle = readVehicle(options.vehicle ?? read.contract.vehicle);
  const source = commanding(read, vehicle);
  const { contract } = source;
  const settings = resolveSettings(options);
  if (settings.method !== 'sweep') parseMethod(settings.method, source.actor.kernels.length);
  checkPolicy(source, vehicle, options.policy, settings);
  const samples = async (flights: Flight[]) => {
    const sampled: FlightSamples[] = [];
    for (const flight of flights) {
      checkFlight(flight, vehicle);
      const { nominalVoltage_V } = contract.observation.spec;
      sampled.push(flightSamples(withRotorThrusts(flight, vehicle), contract.rate_Hz, nominalVoltage_V));
      await breathe(options.signal);
    }
    return sampled;
  };
  const thrusts = areThrusts([...options.flights, ...(options.test ?? [])]);
  const given = await samples(options.flights);
  const split = splitFlights(given, options.test ? await samples(options.test) : null, settings.seed);
  const known = [...split.train, ...split.validation];
  const calibration = fitCommandMap(known, vehicle, thrusts);
  options.onProgress?.({ phase: 'calibrate', done: 1, total: 1, text: `${calibration.blocks} blocks` });
  await breathe(options.signal);
  const contradictions = checkPhysics([...known, ...split.test], vehicle, settings.force);
  await breathe(options.signal);
  const shift = domainShift(source, vehicle, known, settings.seed);
  options.onShift?.(shift);
  await breathe(options.signal);
  const gap = settings.augment ? measureGap(known, vehicle) : null;
  const chain = chainOf(source, vehicle, known.length);
  const backend = await selectBackend(settings.backend);
  return { source, vehicle, settings, split, calibration, contradictions, shift, chain, gap, backend };
}

/** The policy with the action map of the vehicle whose flights it learns from: action 0 hovers that one. */
function commanding(policy: Policy, vehicle: Vehicle): Policy {
  const { contract } = policy;
  if (contract.action.mode !== 'motors') return policy;
  const { center, span } = actionMap(vehicle, contract.action.mode);
  return { ...policy, contract: { ...contract, action: { ...contract.action, center, span } } };
}

function resolveSettings(options: FinetuneOptions): FinetuneSettings {
  const keys = Object.keys(DEFAULT_FINETUNE) as (keyof FinetuneSettings)[];
  const given = keys.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]);
  return { ...DEFAULT_FINETUNE, ...Object.fromEntries(given) };
}

function checkPolicy(policy: Policy, vehicle: Vehicle, name: string, { ewcLambda }: FinetuneSettings): void {
  const { action, observation } = policy.contract;
  if (action.mode !== 'motors')
    throw new InputError(
      `${name}: action.mode: expected motors, got ${action.mode}: logs tell motor commands, and no body rates asked for`,
    );
  if (observation.spec.beams > 0)
    throw new InputError(
      `${name}: observation.spec.beams: expected 0, got ${observation.spec.beams}: telemetry holds no ranges, ` +
        'so a policy that sees obstacles cannot be fine-tuned on it',
    );
  checkVehicle(policy, vehicle, name);
  if (ewcLambda !== 0 && !policy.fisher)
    throw new InputError(
      `${name}: fisher.bin: expected for ${ewcLambda === null ? 'EWC' : `--ewc ${ewcLambda}`}, the artifact has none; --ewc 0 goes without`,
    );
}

/** Whether the logs hold rotor thrusts in place of commands: all of them do, or none, since one error is measured. */
function areThrusts(flights: Flight[]): boolean {
  const thrusts = flights.filter(isWrenchLog);
  const [odd] = thrusts.length < flights.length ? thrusts : [];
  if (odd)
    throw new InputError(
      `${odd.source}: motors: expected motor commands as in the other logs, found thrust and torques only; fine-tune on either kind`,
    );
  return thrusts.length > 0;
}

/** Refuses a flight of no quadrotor, and one whose log names another of the vehicles that there are files for. */
function checkFlight(flight: Flight, vehicle: Vehicle): void {
  if (flight.otherAirframe)
    throw new InputError(`${flight.source}: expected a quadrotor's flight, but ${flight.otherAirframe}`);
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const flown = plain(flight.vehicle ?? '');
  const others = vehicleNames().filter((name) => plain(name) !== plain(vehicle.name));
  if (others.some((name) => flown.includes(plain(name))) && !flown.includes(plain(vehicle.name)))
    throw new InputError(
      `${flight.source}: vehicle: expected ${vehicle.name} as the policy flies, got ${flight.vehicle}`,
    );
}

/**
 * Refuses flights that contradict physics: whatever is learnt from them is wrong.
 *
 * @param force only warns
 */
function checkPhysics(flights: FlightSamples[], vehicle: Vehicle, force: boolean): string[] {
  const found = flights.flatMap((flight) => {
    const what = contradiction(measureFollowing(flight, vehicle));
    return what ? [`${flight.source}: motors: expected motion that follows the commands, but ${what}`] : [];
  });
  if (found.length > 0 && !force) throw new InputError(found.join('\n'));
  return found;
}
