import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vehicle } from '../../../envs/vehicle.ts';
import { atLeast, compiled, type Figure } from '../figures.ts';

const TWINS = 5;
const FIRST_SEED = 2001;
const POLICY = 'waypoint-motors';

/**
 * Five hidden twins, drawn at random around mass +25 %, thrust −15 %, motors ±8 %, twice the lag, 40 ms more latency and
 * twice the drag, in gusts and noise: two minutes of telemetry with rate steps, `identify`, fine-tuning in the identified
 * simulator, and then the new policy on the twin itself. The worst twin's success over that on the nominal vehicle.
 */
export async function measure(): Promise<Figure> {
  const twins = [];
  for (let k = 0; k < TWINS; k++) twins.push(await recovered(FIRST_SEED + k));
  const { readVehicle } = await compiled<typeof import('../../../src/vehicle-file.ts')>('src/vehicle-file.js');
  const { readPolicy } = await compiled<typeof import('../../../src/policy-folder.ts')>('src/policy-folder.js');
  const nominal = await success(readPolicy(POLICY), { vehicle: readVehicle('crazyflie') });
  const worst = Math.min(...twins.map(({ after }) => after)) / nominal;
  return atLeast('twin_recovery', worst, 0.95, 'share', { nominal, twins });
}

async function recovered(seed: number) {
  const Twins = await compiled<typeof import('../../../src/transfer/twins.ts')>('src/transfer/twins.js');
  const { identify, vehicleText } = await compiled<typeof import('../../../src/transfer/identify/index.ts')>(
    'src/transfer/identify/index.js',
  );
  const { finetuneOnPolicy } =
    await compiled<typeof import('../../../src/transfer/on-policy.ts')>('src/transfer/on-policy.js');
  const { readVehicle } = await compiled<typeof import('../../../src/vehicle-file.ts')>('src/vehicle-file.js');
  const { readPolicy } = await compiled<typeof import('../../../src/policy-folder.ts')>('src/policy-folder.js');
  const nominal = readVehicle('crazyflie');
  const ranges = Twins.TWIN_RANGES;
  const twin = Twins.drawTwin(nominal, seed, {
    ...ranges,
    airframe: {
      ...ranges.airframe,
      mass_ratio: [1.2, 1.3],
      thrust_ratio: [0.82, 0.88],
      motor_ratio: [0.92, 1.08],
      lag_ratio: [1.8, 2.2],
      drag_ratio: [1.8, 2.2],
      latency_s: [nominal.latency_s + 0.035, nominal.latency_s + 0.045],
      minThrustToWeight: 1.2,
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  try {
    const flights = Twins.flyTwin(twin, { seed, flights: 6, seconds: 20, excited: true });
    const found = identify(flights, nominal);
    const file = join(folder, 'identified.yaml');
    writeFileSync(file, vehicleText(found, 'crazyflie'));
    const out = join(folder, 'run');
    const report = await finetuneOnPolicy({
      objective: 'dagger',
      policy: POLICY,
      vehicle: file,
      out,
      seed,
      episodes: 200,
      force: true,
    });
    const vehicle = readVehicle(file);
    return {
      seed,
      before: await success(readPolicy(POLICY), inTermsOf(nominal, twin)),
      after: await success(readPolicy(report.policy), inTermsOf(vehicle, twin)),
      identified: report.target.after.successRate,
      source: report.source,
      verdict: report.verdict,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Twin = import('../../../src/transfer/twins.ts').Twin;

/**
 * The twin as a policy meets it that commands `vehicle`: what it takes for a fraction of full thrust becomes a motor command
 * by that vehicle's curve, and thrust by the twin's own curve, motors and battery.
 */
function inTermsOf(vehicle: Vehicle, { airframe, vehicle: own, curve }: Twin) {
  const { level, exponent } = vehicle.command;
  const steeper = curve.exponent / exponent;
  return {
    vehicle: { ...vehicle, battery: { ...own.battery } },
    airframe: {
      ...airframe,
      thrust_ratio: (airframe.thrust_ratio * own.rotor.maxThrust_N) / vehicle.rotor.maxThrust_N,
    },
    response: { level: curve.level * level ** -steeper, exponent: steeper },
  };
}

type Policy = import('../../../policies/policy.ts').Policy;

type Where = { vehicle: Vehicle } & Partial<ReturnType<typeof inTermsOf>>;

async function success(policy: Policy, where: Where): Promise<number> {
  const { evaluatePolicy } =
    await compiled<typeof import('../../../src/evaluate/evaluate.ts')>('src/evaluate/evaluate.js');
  const fly = { task: 'waypoint', randomisation: null, seed: 77, episodes: 500 };
  return (await evaluatePolicy(policy, { ...fly, ...where })).successRate;
}
