import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ActionMode, actionMap } from '../../envs/actions.ts';
import { type Measured, type ObservationSpec, Observer, observationFields } from '../../envs/observation.ts';
import { Rng } from '../../envs/rng.ts';
import { VectorEnv } from '../../envs/vector-env.ts';
import { ACTION_MEANING } from '../../policies/contract.ts';
import { MlpInference } from '../../policies/inference.ts';
import { createMlp } from '../../policies/mlp.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { headerText } from '../../src/export/c.ts';
import { sensorsOf } from '../../src/export/c/sensors.ts';
import { readVehicle } from '../../src/vehicle-file.ts';
import { givenPolicy } from '../given.ts';

/** How every test compiles: a warning is an error, and there is no -lm, so that nothing of it can be used. */
export const STRICT = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-pedantic', '-Wconversion', '-Wshadow'];

export interface FlownStep {
  measured: Measured;
  /** What the environment observed, `[O]`. */
  obs: Float32Array;
  /** What the network made of it, `[4]`. */
  action: Float32Array;
}

/**
 * A simulated episode of the policy on its own task and vehicle, flown as `evaluate` flies it, with what the sensors said.
 *
 * @param next decides the action instead of the policy
 */
export async function flyRecorded(
  { contract, actor }: Policy,
  {
    seed = 1,
    steps = 400,
    next,
  }: { seed?: number; steps?: number; next?: (step: FlownStep) => Promise<Float32Array> } = {},
): Promise<{ steps: FlownStep[]; success: boolean }> {
  const seen = watchSensors();
  try {
    const env = new VectorEnv({
      task: contract.task,
      vehicle: readVehicle(contract.vehicle),
      randomisation: null,
      seed,
      n: 1,
      actions: contract.action.mode,
      observation: contract.observation.spec,
      autoreset: false,
    });
    env.reset();
    const network = new MlpInference(actor, 1);
    const input = new Float32Array(env.obsSize);
    const action = new Float32Array(4);
    const flown: FlownStep[] = [];
    while (flown.length < steps && !env.allEnded()) {
      normalise(contract.observation.normaliser, env.obs, 1, input);
      network.run(input, 1, action);
      const step = { measured: seen.latest!, obs: env.obs.slice(), action: action.slice() };
      flown.push(step);
      env.step(next ? await next(step) : action);
    }
    return { steps: flown, success: env.success[0] === 1 };
  } finally {
    seen.stop();
  }
}

/** Copies, rounded to floats, of what observers are given from now on. */
function watchSensors(): { latest?: Measured; stop(): void } {
  const { observe } = Observer.prototype;
  const seen: { latest?: Measured; stop(): void } = {
    stop: () => {
      Observer.prototype.observe = observe;
    },
  };
  Observer.prototype.observe = function (i, measured, out, offset) {
    seen.latest = rounded(measured);
    observe.call(this, i, measured, out, offset);
  };
  return seen;
}

/** What was measured as floats, which is what C code takes. */
export function rounded(measured: Measured): Measured {
  const floats = (numbers?: ArrayLike<number>) => Float32Array.from(numbers ?? []);
  return {
    position: floats(measured.position),
    quaternion: floats(measured.quaternion),
    velocity: floats(measured.velocity),
    rates: floats(measured.rates),
    voltage: Math.fround(measured.voltage),
    goal: floats(measured.goal),
    goalVelocity: measured.goalVelocity ? floats(measured.goalVelocity) : undefined,
    ranges: floats(measured.ranges),
  };
}

/** A folder that is gone when the tests are. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-c-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with the policy's C code and a program that runs it; the path of that program. */
export function compiled(
  compiler: string,
  policy: Policy,
  { flags = ['-O2'], edit = (text: string) => text }: { flags?: string[]; edit?: (text: string) => string } = {},
): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'policy.h'), edit(headerText(policy, 'policy.h', 'windhover')));
  copyFileSync(join(dirname(fileURLToPath(import.meta.url)), 'harness.c'), join(folder, 'harness.c'));
  const program = join(folder, 'program');
  execFileSync(compiler, [...STRICT, ...flags, 'harness.c', '-o', program], { cwd: folder, stdio: 'pipe' });
  return program;
}

/** One record for the program: which of its two vehicles, whether that is reset first, and what was measured. */
export function record({ contract }: Policy, measured: Measured, vehicle = 0, reset = false): number[] {
  const numbers = sensorsOf(contract.observation.spec).flatMap(({ of }) => Array.from(of(measured)));
  return [vehicle, reset ? 1 : 0, ...numbers];
}

/** What the C code answers to one step. */
export interface Answer {
  returned: number;
  action: number[];
  /** Thrusts and commands; of ctbr thrust, command and rates. */
  asked: number[];
}

/** Runs the program over records. */
export function run(program: string, { contract }: Policy, records: number[][]): Answer[] {
  const input = Buffer.from(Float32Array.from(records.flat()).buffer);
  const { stdout, status } = spawnSync(program, { input, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  const floats = new Float32Array(Uint8Array.from(stdout).buffer);
  const size = answerSize(contract.action.mode);
  return Array.from({ length: floats.length / size }, (_, i) => answerOf(floats.subarray(i * size, (i + 1) * size)));
}

/** Floats in an answer. */
export function answerSize(mode: ActionMode): number {
  return mode === 'motors' ? 13 : 10;
}

export function answerOf(floats: Float32Array): Answer {
  return { returned: floats[0], action: Array.from(floats.subarray(1, 5)), asked: Array.from(floats.subarray(5)) };
}

/** A policy with random weights and any observation, action mode and network. */
export function givenPolicyOf(change: Partial<ObservationSpec>, mode: ActionMode, hidden: number[], seed = 1): Policy {
  const policy = givenPolicy();
  const spec = { ...policy.contract.observation.spec, ...change };
  const fields = observationFields(spec);
  const size = fields.reduce((sum, field) => sum + field.size, 0);
  const rng = new Rng(seed);
  const actor = createMlp([size, ...hidden, 4], rng);
  for (const biases of actor.biases) biases.forEach((_, j) => (biases[j] = rng.uniform(-0.3, 0.3)));
  const mean = Array.from({ length: size }, () => rng.uniform(-0.5, 0.5));
  const std = Array.from({ length: size }, () => rng.uniform(0.05, 2));
  const { center, span } = actionMap(readVehicle('crazyflie'), mode);
  const { contract } = policy;
  return {
    actor,
    contract: {
      ...contract,
      rate_Hz: spec.rate_Hz,
      observation: { size, spec, fields, normaliser: { mean, std, clip: 3 } },
      action: { ...contract.action, mode, meaning: ACTION_MEANING[mode], center, span },
      network: { sizes: actor.sizes, activation: 'tanh' },
    },
  };
}
