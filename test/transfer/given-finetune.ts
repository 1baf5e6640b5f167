import * as assert from 'uvu/assert';
import { diagonalFisher } from '../../policies/fisher.ts';
import { writePolicy } from '../../src/policy-folder.ts';
import { givenPolicy, givenVehicle } from '../given.ts';
import { givenFlight } from './given-samples.ts';

/** What the tests of whole fine-tuning runs begin with. */
export const vehicle = givenVehicle();
export const truth = { unit: 'PWM/65535', level: 0.6, exponent: 1.5, batteryExponent: 1.14 };
export const flights = [1, 2, 3, 4, 5].map((seed) =>
  givenFlight(vehicle, { name: `f${seed}`, seed, seconds: 8, map: truth }),
);
export const quick = {
  epochs: 5,
  samplesPerEpoch: 2500,
  episodes: 4,
  ewcLambda: 0.001,
  rehearsal: 0,
  batch: 128,
  workers: 1,
  backend: 'wasm',
} as const;

/** Writes an untrained policy with Fisher information. */
export function givenSource(folder: string): void {
  const policy = givenPolicy();
  const n = 64;
  const obs = new Float32Array(n * policy.contract.observation.size).map((_, k) => Math.sin(k));
  policy.fisher = diagonalFisher(policy.actor, policy.contract.action.std, obs, n);
  policy.contract.fisher = { tasks: ['hover'], samples: n };
  writePolicy(folder, policy);
}

export async function refuses(promise: Promise<unknown>, words: RegExp): Promise<void> {
  await promise.then(
    () => assert.unreachable('it should have been refused'),
    (error) => {
      assert.is(error.name, 'InputError');
      assert.match(error.message, words);
    },
  );
}
