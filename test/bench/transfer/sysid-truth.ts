import { atLeast, compiled, type Figure, median } from '../figures.ts';

type Twins = typeof import('../../../src/transfer/twins.ts');
type Identify = typeof import('../../../src/transfer/identify/index.ts');
type Candidate = typeof import('../../../src/transfer/identify/candidate.ts');

/** Twins that nothing was chosen by. */
const FIRST_SEED = 9001;
const EXCITED = 10;
const CALM = 5;
const SECONDS = 20;
const FLIGHTS = 6;

interface Row {
  name: string;
  truth: number;
  value: number;
  covered: boolean;
}

/**
 * Share of stated 95 % intervals that cover the truth of hidden twins: ten excited, disturbed ones drawn at random and
 * calm ones. What is refused states nothing.
 */
export async function measure(): Promise<Figure> {
  const rows: Row[] = [];
  const refused: Record<string, number> = {};
  const calmGains = { coveredOrRefused: 0, of: 0 };
  for (let k = 0; k < EXCITED + CALM; k++) {
    const excited = k < EXCITED;
    const found = await judgeTwin(FIRST_SEED + k, excited);
    rows.push(...found.rows.map((row) => ({ ...row, name: `${excited ? '' : 'calm '}${row.name}` })));
    for (const name of found.refused)
      refused[`${excited ? '' : 'calm '}${name}`] = (refused[`${excited ? '' : 'calm '}${name}`] ?? 0) + 1;
    if (excited) continue;
    for (const name of ['gainRoll', 'gainPitch', 'gainYaw']) {
      calmGains.of++;
      if (found.refused.includes(name) || found.rows.some((row) => row.name === name && row.covered))
        calmGains.coveredOrRefused++;
    }
  }
  const share = rows.filter(({ covered }) => covered).length / rows.length;
  const error = (name: string, of: (row: Row) => number) =>
    median(rows.filter((row) => row.name === name).map((row) => Math.abs(of(row))));
  const relative = ({ value, truth }: Row) => value / truth - 1;
  const absolute = ({ value, truth }: Row) => value - truth;
  const medians = {
    thrust: error('specificThrust_m_s2', relative),
    batteryExponent: error('batteryExponent', absolute),
    dragHorizontal: error('dragHorizontal_per_s', relative),
    gainRoll: error('gainRoll', relative),
    gainPitch: error('gainPitch', relative),
    gainYaw: error('gainYaw', relative),
    lagPlusLatency_s: error('lagPlusLatency_s', absolute),
  };
  const { gainRoll, gainPitch, gainYaw } = medians;
  const within =
    medians.thrust <= 0.03 &&
    medians.batteryExponent <= 0.1 &&
    medians.dragHorizontal <= 0.1 &&
    Math.max(gainRoll, gainPitch, gainYaw) <= 0.2 &&
    medians.lagPlusLatency_s <= 0.012;
  const missed = rows.filter(({ covered }) => !covered).map(({ name }) => name);
  const reachBeside = { thrust: 0.03, batteryExponent: 0.1, drag: 0.1, gains: 0.2, lagPlusLatency_s: 0.012 };
  const beside = { stated: rows.length, missed, medians, reachBeside, refused, calmGains };
  const figure = atLeast('sysid_truth', share, 0.9, 'share', beside);
  return { ...figure, met: figure.met && within && calmGains.coveredOrRefused === calmGains.of };
}

async function judgeTwin(seed: number, excited: boolean): Promise<{ rows: Row[]; refused: string[] }> {
  const { drawTwin, flyTwin, vehicleOfTwin } = await compiled<Twins>('src/transfer/twins.js');
  const { identify } = await compiled<Identify>('src/transfer/identify/index.js');
  const { motionOf } = await compiled<Candidate>('src/transfer/identify/candidate.js');
  const { readVehicle } = await compiled<typeof import('../../../src/vehicle-file.ts')>('src/vehicle-file.js');
  const nominal = readVehicle('crazyflie');
  const twin = drawTwin(nominal, seed);
  const found = identify(flyTwin(twin, { seed, flights: FLIGHTS, seconds: SECONDS, excited }), nominal);
  const motion = motionOf(vehicleOfTwin(twin), found.centre);
  const truth: Record<string, number> = {
    ...motion,
    lagPlusLatency_s: motion.lag_s + motion.latency_s,
    sagAtFullThrust_V: twin.airframe.sagAtFullThrust_V,
  };
  const rows = found.parameters.map(({ name, value, interval: [low, high] }) => ({
    name,
    truth: truth[name],
    value,
    covered: low <= truth[name] && truth[name] <= high,
  }));
  return { rows, refused: found.refused.map(({ name }) => name) };
}
