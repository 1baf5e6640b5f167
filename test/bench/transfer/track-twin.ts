import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { atMost, compiled, type Figure } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';
import { identified } from './identified.ts';

const POLICY = 'track-motors';
const EPISODES = 20;

type Policy = import('../../../policies/policy.ts').Policy;
type Vehicle = import('../../../envs/vehicle.ts').Vehicle;

/**
 * The setpoints of flights never seen, flown on the vehicle that the others identified, with each flight's own trim: root mean
 * square of the distance to them after fine-tuning on the others' setpoints, over that before. Beside it what the real
 * vehicle reached in the same flights.
 */
export async function measure(context: BenchContext): Promise<Figure> {
  const { finetuneOnPolicy } =
    await compiled<typeof import('../../../src/transfer/on-policy.ts')>('src/transfer/on-policy.js');
  const { readPolicy } = await compiled<typeof import('../../../src/policy-folder.ts')>('src/policy-folder.js');
  const { train, test } = await nanobenchFlights(context);
  const { vehicle } = await identified(context);
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  try {
    const file = join(folder, 'identified.yaml');
    writeFileSync(file, stringify(vehicle));
    const paths = train.map(({ source }) => source);
    const out = join(folder, 'run');
    const options = { policy: POLICY, vehicle: file, task: 'track', paths, out, force: true };
    const report = await finetuneOnPolicy({ objective: 'dagger', ...options });
    const before = await trackingErrors(readPolicy(POLICY), vehicle, test);
    const after = await trackingErrors(readPolicy(report.policy), vehicle, test);
    const real = await Promise.all(test.map(realError));
    const ratio = rms(after) / rms(before);
    const beside = {
      before: rms(before),
      after: rms(after),
      realVehicle: rms(real),
      verdict: report.verdict,
      source: report.source,
    };
    const figure = atMost('track_twin', ratio, 0.7, 'times', beside);
    return { ...figure, met: figure.met && rms(after) < rms(real) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For each flight, along its setpoints and in its trim [m]. */
async function trackingErrors(policy: Policy, vehicle: Vehicle, flights: Flight[]): Promise<number[]> {
  const { evaluatePolicy } =
    await compiled<typeof import('../../../src/evaluate/evaluate.ts')>('src/evaluate/evaluate.js');
  const { loggedPath } = await compiled<typeof import('../../../src/telemetry/index.ts')>('src/telemetry/index.js');
  const { nominalAirframe } = await compiled<typeof import('../../../envs/airframe.ts')>('envs/airframe.js');
  const { identify } = await compiled<typeof import('../../../src/transfer/identify/index.ts')>(
    'src/transfer/identify/index.js',
  );
  const errors: number[] = [];
  for (const flight of flights) {
    const [{ motor_ratio }] = identify([flight], vehicle).flights;
    const airframe = { ...nominalAirframe(vehicle), motor_ratio };
    const fly = { task: 'track', vehicle, randomisation: null, airframe, paths: [loggedPath(flight)], seed: 5 };
    errors.push((await evaluatePolicy(policy, { ...fly, episodes: EPISODES })).positionRmseM);
  }
  return errors;
}

/** Of the logged vehicle from its own setpoints, while it is asked to be well above the ground [m]. */
async function realError({ topics }: Flight): Promise<number> {
  const { pose, setpoint } = topics;
  let sum = 0;
  let n = 0;
  for (let t = 0, at = 0; t < pose!.time.length; t++) {
    while (at + 1 < setpoint!.time.length && setpoint!.time[at + 1] <= pose!.time[t]) at++;
    const asked = [0, 1, 2].map((k) => setpoint!.columns[k][at]);
    if (!asked.every(Number.isFinite) || asked[2] < 0.4) continue;
    sum += [0, 1, 2].reduce((total, k) => total + (pose!.columns[k][t] - asked[k]) ** 2, 0);
    n++;
  }
  return Math.sqrt(sum / n);
}

function rms(values: number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
