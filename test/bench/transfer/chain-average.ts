import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { atLeast, compiled, type Figure } from '../figures.ts';

/** The default is the figure; the other stands beside it. */
const MODES = ['online', 'separate'] as const;

/**
 * The zoo's hover policy, then flights of two further vehicles one after the other: the smallest, over the three
 * vehicles, of success after the last stage over the vehicle's own best.
 */
export async function measure(): Promise<Figure> {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  try {
    const chains = [];
    for (const mode of MODES) chains.push({ mode, ...(await chain(folder, mode)) });
    const [{ worst }] = chains;
    return atLeast('chain_average', worst, 0.95, '', { chains });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function chain(folder: string, ewcMode: (typeof MODES)[number]) {
  const { finetune } = await compiled<typeof import('../../../src/transfer/finetune.ts')>('src/transfer/finetune.js');
  const { standInFlights } =
    await compiled<typeof import('../../../src/transfer/stand-in.ts')>('src/transfer/stand-in.js');
  let policy = 'hover-motors';
  const verdicts = [];
  let report: Awaited<ReturnType<typeof finetune>> | undefined;
  for (const [k, vehicle] of (await vehicles()).entries()) {
    const file = join(folder, `${vehicle.name}.yaml`);
    writeFileSync(file, stringify(vehicle));
    const out = join(folder, `${ewcMode}-${vehicle.name}`);
    const flights = standInFlights(vehicle, k + 1);
    report = await finetune({ policy, flights, vehicle: file, out, ewcMode, seed: 0, episodes: 500, force: true });
    verdicts.push(report.verdict);
    policy = report.policy;
  }
  const { success, average, backward, forward } = report!.chain;
  const last = success[success.length - 1];
  const kept = last.map((rate, j) => rate / Math.max(...success.map((row) => row[j])));
  return { worst: Math.min(...kept), kept, success, average, backward, forward, verdicts };
}

/** A heavier Crazyflie with weaker motors, and a light one with slow motors and more drag. */
async function vehicles() {
  const { readVehicle } = await compiled<typeof import('../../../src/vehicle-file.ts')>('src/vehicle-file.js');
  const base = readVehicle('crazyflie');
  const { rotor, drag_Ns_per_m: drag, mass_kg } = base;
  const times = (factor: number) => drag.map((each) => factor * each) as [number, number, number];
  return [
    { ...base, name: 'heavy', mass_kg: 1.3 * mass_kg, rotor: { ...rotor, maxThrust_N: 0.95 * rotor.maxThrust_N } },
    {
      ...base,
      name: 'slow',
      mass_kg: 0.9 * mass_kg,
      rotor: { ...rotor, lag_s: 1.5 * rotor.lag_s },
      drag_Ns_per_m: times(2),
    },
  ];
}
