import type { Vehicle } from '../../../envs/vehicle.ts';
import type { Balance } from './balance.ts';
import type { Centre, Motion } from './candidate.ts';
import type { Excitation } from './excitation.ts';
import type { Fit } from './fit.ts';
import { PARAMETERS } from './parameters.ts';
import type { VoltageFit } from './voltage.ts';

/** One number that flights tell of, with what it may be. */
export interface Stated {
  name: string;
  unit: string;
  value: number;
  /** Holds the truth in 95 of 100 cases, as far as twins show. */
  interval: [number, number];
  /** `weak`: told, but with an interval wider than half the value, or from flights that hardly show it. */
  verdict: 'determined' | 'weak';
}

/** What these flights cannot tell, and what would. */
export interface Refused {
  name: string;
  why: string;
  /** What to fly, or to log, so that it can be told. */
  manoeuvre: string;
}

/** Numbers that only stand together. */
export interface Combination {
  numbers: string[];
  /** What is told in their place. */
  told: string;
  why: string;
}

/** All that a fit rests on. */
export interface Evidence {
  fit: Fit;
  balance: Balance;
  voltage: VoltageFit;
  excitation: Excitation[];
  centre: Centre;
  base: Vehicle;
  translation: boolean;
  /** How many flights there are, and how many of them have a battery voltage. */
  flights: number;
  metered: number;
}

/** 97.5 % quantile of Student's t with 20 degrees of freedom: a handful of flights, each of a few chunks. */
const QUANTILE = 2.09;
/** How much commands must explain before they tell a gain well, and before they tell it at all; see `Excitation`. */
export const EXPLAINED = { well: 0.85, atAll: 0.18 };
/**
 * What the closed loop may do to a gain where the vehicle was hardly made to turn: 30 % at the least, as NanoBench shows,
 * and more the less the commands explain (on twins it was 44 % where they explain a third).
 */
const CALM_GAIN = 0.3;
const CALM_SHARE = 0.25;

/**
 * The same for lag and latency together [s]: on calm twins they were 3 ms off where the commands explain a half, 23 ms where
 * they explain a quarter.
 */
const CALM_DELAY = { least: 0.004, share: 0.006 };

/**
 * Standard deviations added for what chunks of flights do not show since all of them share it, found on twins with
 * known truth: the controller's answers to disturbances, which bend every slope a little, and sensors that are late by
 * other than the vehicle file says. In the units of the parameter vector.
 */
const SHARED: Partial<Record<keyof Motion, number>> = {
  specificThrust_m_s2: 0.004,
  commandExponent: 0.06,
  batteryExponent: 0.08,
  coldThrust: 0.005,
  dragHorizontal_per_s: 0.012,
  dragVertical_per_s: 0.04,
  misalignmentRoll_rad: 0.001,
  misalignmentPitch_rad: 0.001,
  lag_s: 0.06,
  latency_s: 0.003,
  gainRoll: 0.04,
  gainPitch: 0.04,
  gainYaw: 0.06,
};

/** What the evidence states, and what it refuses. */
export function statements(evidence: Evidence): { stated: Stated[]; refused: Refused[] } {
  const stated: Stated[] = [];
  const refused: Refused[] = [];
  for (const part of [thrust, coldThrust, drag, misalignment, delays, gains, moment, sag])
    part(evidence, stated, refused);
  refused.push(...stated.filter((number) => !isTold(number)).map(({ name }) => ({ name, ...NO_INTERVAL })));
  return { stated: stated.filter(isTold), refused };
}

type Part = (evidence: Evidence, stated: Stated[], refused: Refused[]) => void;

const NO_POSE = {
  why: 'the log has no pose and velocity',
  manoeuvre: 'log pose and velocity too, by motion capture or the onboard estimate',
};

const NO_INTERVAL = {
  why: 'the fit comes to no finite interval for it',
  manoeuvre: 'fly with commands that change, and that stay off their limits',
};

/** Whether value and interval are numbers. */
function isTold({ value, interval }: Stated): boolean {
  return [value, ...interval].every(Number.isFinite);
}

/** Why voltage tells nothing, null where it may tell something. */
function noVoltage({ metered, voltage }: Evidence): string | null {
  if (metered === 0) return 'the log has no battery voltage';
  if (metered === 1) return 'only one flight has a battery voltage, and one tells no interval';
  return Number.isNaN(voltage.standardError) ? 'the load in the air never changes' : null;
}

const thrust: Part = (evidence, stated, refused) => {
  const names = ['specificThrust_m_s2', 'commandExponent', 'batteryExponent'] as const;
  if (!evidence.translation) {
    for (const name of names) refused.push({ name, ...NO_POSE });
    return;
  }
  const { base, centre, fit } = evidence;
  const meter = (fit.motion.batteryExponent * base.sensors.voltage_V.bias) / Math.sqrt(3) / centre.voltage_V;
  stated.push(of(evidence, 'specificThrust_m_s2', 'm/s²', meter));
  stated.push(of(evidence, 'commandExponent', ''));
  const why = noVoltage(evidence);
  if (why)
    refused.push({
      name: 'batteryExponent',
      why,
      manoeuvre: 'log the voltage, and fly several times from a full to an empty battery',
    });
  else settle(of(evidence, 'batteryExponent', ''), 1, stated, refused, 'fly from a full to an empty battery');
};

const coldThrust: Part = (evidence, stated, refused) => {
  const manoeuvre =
    'log from before the motors start, and fly half a minute or longer, several times, from cold motors';
  if (!evidence.translation) refused.push({ name: 'coldThrust', ...NO_POSE });
  else settle(of(evidence, 'coldThrust', ''), 1, stated, refused, manoeuvre);
};

const drag: Part = (evidence, stated, refused) => {
  if (!evidence.translation) {
    for (const name of ['dragHorizontal_per_s', 'dragVertical_per_s']) refused.push({ name, ...NO_POSE });
    return;
  }
  settle(of(evidence, 'dragHorizontal_per_s', '1/s'), 1, stated, refused, 'fly circles at 1 m/s or faster');
  settle(of(evidence, 'dragVertical_per_s', '1/s'), 1.2, stated, refused, 'climb and sink at 0.5 m/s or faster');
};

const misalignment: Part = (evidence, stated, refused) => {
  for (const name of ['misalignmentRoll_rad', 'misalignmentPitch_rad'] as const)
    if (evidence.translation) stated.push(of(evidence, name, 'rad'));
    else refused.push({ name, ...NO_POSE });
};

const delays: Part = (evidence, stated, refused) => {
  const { fit, excitation } = evidence;
  const well = excitation.slice(0, 2).some(({ explained }) => explained >= EXPLAINED.well);
  const { lag_s, latency_s } = fit.motion;
  const [l, d] = [indexOf('lag_s'), indexOf('latency_s')];
  // the lag is fitted as its logarithm
  const { covariance } = fit;
  const variance = lag_s ** 2 * covariance.get(l, l) + 2 * lag_s * covariance.get(l, d) + covariance.get(d, d);
  const { least, share } = CALM_DELAY;
  const explained = Math.max(EXPLAINED.atAll, (excitation[0].explained + excitation[1].explained) / 2);
  const shared = well ? 0.003 : least + (share * (1 - explained)) / explained;
  const half = QUANTILE * Math.sqrt(Math.max(0, variance) + shared ** 2);
  const sum = lag_s + latency_s;
  stated.push({
    name: 'lagPlusLatency_s',
    unit: 's',
    value: sum,
    interval: [Math.max(0, sum - half), sum + half],
    verdict: half < sum / 2 ? 'determined' : 'weak',
  });
  if (well) {
    stated.push(of(evidence, 'lag_s', 's'));
    const latency = of(evidence, 'latency_s', 's');
    latency.interval[0] = Math.max(0, latency.interval[0]);
    stated.push({ ...latency, verdict: 'determined' });
    return;
  }
  for (const name of ['lag_s', 'latency_s'])
    refused.push({
      name,
      why: 'without quick turns the motors’ lag and a pure delay look the same; their sum is told',
      manoeuvre: RATE_STEPS,
    });
};

const RATE_STEPS = 'fly rate steps of about 1.5 rad/s, there and back within half a second, some ten about each axis';

const gains: Part = (evidence, stated, refused) => {
  (['gainRoll', 'gainPitch', 'gainYaw'] as const).forEach((name, axis) => {
    const { explained, change_rad_s } = evidence.excitation[axis];
    const share = `${Math.round(100 * Math.max(0, explained))} %`;
    if (!(explained >= EXPLAINED.atAll)) {
      const axisName = ['roll', 'pitch', 'yaw'][axis];
      refused.push({
        name,
        why: `the commands explain ${share} of how the ${axisName} rate bends within a tenth of a second (it changes by ${change_rad_s.toFixed(2)} rad/s over 50 ms): noise, disturbances and the controller’s answers to them make up the rest`,
        manoeuvre: RATE_STEPS,
      });
      return;
    }
    const well = explained >= EXPLAINED.well;
    const calm = Math.max(CALM_GAIN, (CALM_SHARE * (1 - explained)) / explained);
    const gain = of(evidence, name, 'rad/s²', well ? 0 : calm / QUANTILE);
    stated.push({ ...gain, verdict: well && gain.verdict === 'determined' ? 'determined' : 'weak' });
  });
};

const moment: Part = (evidence, stated, refused) => {
  const { velocityMoment_s_per_m: value, standardError } = evidence.balance;
  const name = 'velocityMoment_s_per_m';
  if (!evidence.translation) {
    refused.push({ name, ...NO_POSE });
    return;
  }
  if (evidence.flights === 1) {
    refused.push({ name, why: 'one flight tells no interval', manoeuvre: 'fly several times, and give all the logs' });
    return;
  }
  const half = QUANTILE * Math.hypot(standardError, 0.1 * value, 0.0005);
  stated.push({
    name,
    unit: 's/m',
    value,
    interval: [value - half, value + half],
    verdict: half < Math.abs(value) / 2 ? 'determined' : 'weak',
  });
};

const sag: Part = (evidence, stated, refused) => {
  const { sagAtFullThrust_V: value, standardError } = evidence.voltage;
  const name = 'sagAtFullThrust_V';
  const why = noVoltage(evidence);
  if (why || !(value > 3 * standardError)) {
    refused.push({
      name,
      why: why ?? 'the voltage does not follow the load',
      manoeuvre: 'log the voltage at 10 Hz or faster in several flights, and climb and sink quickly',
    });
    return;
  }
  const half = QUANTILE * Math.hypot(standardError, 0.15 * value);
  stated.push({
    name,
    unit: 'V',
    value,
    interval: [value - half, value + half],
    verdict: half < value / 2 ? 'determined' : 'weak',
  });
};

/** A fitted parameter with its interval; `more` is a further standard deviation, in the units of the vector. */
function of({ fit }: Evidence, name: keyof Motion, unit: string, more = 0): Stated {
  const p = indexOf(name);
  const { logarithmic } = PARAMETERS[p];
  const sigma = Math.hypot(Math.sqrt(Math.max(0, fit.covariance.get(p, p))), SHARED[name] ?? 0, more);
  const at = fit.vector[p];
  const back = (value: number) => (logarithmic ? Math.exp(value) : value);
  const interval: [number, number] = [back(at - QUANTILE * sigma), back(at + QUANTILE * sigma)];
  const value = back(at);
  const wide = interval[1] - interval[0] > Math.abs(value);
  return { name, unit, value, interval, verdict: wide && !name.startsWith('misalignment') ? 'weak' : 'determined' };
}

/** States a number whose interval is narrower than `limit` times the value to either side, else refuses it. */
function settle(number: Stated, limit: number, stated: Stated[], refused: Refused[], manoeuvre: string): void {
  const half = (number.interval[1] - number.interval[0]) / 2;
  if (!isTold(number)) refused.push({ name: number.name, ...NO_INTERVAL, manoeuvre });
  else if (half <= limit * Math.abs(number.value)) stated.push(number);
  else {
    const show = (value: number) => Number(value.toPrecision(2));
    refused.push({
      name: number.name,
      why: `anything from ${show(number.interval[0])} to ${show(number.interval[1])} ${number.unit} explains these flights`,
      manoeuvre,
    });
  }
}

function indexOf(name: keyof Motion): number {
  return PARAMETERS.findIndex((parameter) => parameter.name === name);
}

/** What no flight can tell apart, and what these could not. */
export function combinations(refused: Refused[]): Combination[] {
  const has = (name: string) => refused.some((each) => each.name === name);
  const out: Combination[] = [
    {
      numbers: ['mass_kg', 'rotor.maxThrust_N'],
      told: 'specificThrust_m_s2: thrust over mass',
      why: 'twice the thrust on twice the mass flies alike; the mass is the vehicle file’s: weigh the vehicle',
    },
    {
      numbers: ['inertia_kgm2', 'rotors.position_m', 'rotor.maxThrust_N'],
      told: 'gainRoll, gainPitch, gainYaw: angular acceleration per command',
      why: 'longer arms and more inertia turn alike; the arms are the vehicle file’s',
    },
    {
      numbers: ['each motor’s strength', 'centre of mass'],
      told: 'each flight’s trim',
      why: 'a stronger motor and a centre of mass that is off ask for the same commands',
    },
    {
      numbers: ['linear drag', 'drag of the rotors'],
      told: 'dragHorizontal_per_s, dragVertical_per_s',
      why: 'near hover both go with airspeed',
    },
  ];
  if (has('lag_s'))
    out.push({
      numbers: ['rotor.lag_s', 'latency_s'],
      told: 'lagPlusLatency_s',
      why: 'without quick turns a lag and a delay look the same; the vehicle file gets their sum, split as fits best',
    });
  if (has('gainRoll') || has('gainPitch'))
    out.push({
      numbers: ['velocityMoment_Ns', 'inertia_kgm2'],
      told: 'velocityMoment_s_per_m: the commands that balance it',
      why: 'in calm flight torques balance, so that only ratios show',
    });
  return out;
}
