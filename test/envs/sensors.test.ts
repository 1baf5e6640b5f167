import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Airframe, nominalAirframe } from '../../envs/airframe.ts';
import { fromAxisAngle } from '../../envs/quaternion.ts';
import { Rng } from '../../envs/rng.ts';
import { Sensors, stateBuffer } from '../../envs/sensors.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { givenVehicle, near } from '../given.ts';

/** Sensors that sample at the control steps, at once, as in a vehicle file that says nothing else. */
const { sensors: timed } = givenVehicle();
const vehicle = givenVehicle('crazyflie', {
  sensors: {
    position_m: atOnce(timed.position_m),
    velocity_m_s: atOnce(timed.velocity_m_s),
    attitude_rad: atOnce(timed.attitude_rad),
    rates_rad_s: atOnce(timed.rates_rad_s),
    voltage_V: atOnce(timed.voltage_V),
  },
  estimator: { lag_s: 0 },
});

function atOnce({ noise, bias }: { noise: number; bias: number }) {
  return { noise, bias, delay_s: 0 };
}

/** Mean and standard deviation of many measurements of one component. */
function statistics(sensors: Sensors, truth: ReturnType<typeof stateBuffer>, pick: (out: typeof truth) => number) {
  const out = stateBuffer();
  const rng = new Rng(2);
  const values = Array.from({ length: 4000 }, () => {
    sensors.measure(0, truth, rng, out);
    return pick(out);
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function givenSensors(noise_ratio: number): Sensors {
  const sensors = new Sensors(vehicle, 1);
  sensors.load(0, {
    ...nominalAirframe(vehicle),
    noise_ratio,
    bias: {
      position_m: [0.1, 0, 0],
      velocity_m_s: [0, 0.2, 0],
      attitude_rad: [0, 0, 0.05],
      rates_rad_s: [0, 0, -0.3],
      voltage_V: 0.04,
    },
  });
  return sensors;
}

test('each sensor reads the truth, its bias and white noise of the size in the vehicle file', () => {
  const truth = { ...stateBuffer(), voltage: 3.7 };
  const sensors = givenSensors(2);
  const { position_m, velocity_m_s, rates_rad_s, voltage_V } = vehicle.sensors;
  const expect = (pick: (out: typeof truth) => number, mean: number, noise: number) => {
    const measured = statistics(sensors, truth, pick);
    near(measured.mean, mean, (2 * noise * 4) / Math.sqrt(4000));
    near(measured.deviation / (2 * noise), 1, 0.05);
  };
  expect((out) => out.position[0], 0.1, position_m.noise);
  expect((out) => out.velocity[1], 0.2, velocity_m_s.noise);
  expect((out) => out.rates[2], -0.3, rates_rad_s.noise);
  expect((out) => out.voltage, 3.74, voltage_V.noise);
});

test('a bias in attitude turns the measured attitude about body axes', () => {
  const truth = stateBuffer();
  fromAxisAngle(0, 0, 1, 0.7, truth.quaternion);
  const out = stateBuffer();
  givenSensors(0).measure(0, truth, new Rng(1), out);
  const expected = fromAxisAngle(0, 0, 1, 0.75, [0, 0, 0, 1]);
  for (let k = 0; k < 4; k++) near(out.quaternion[k], expected[k], 1e-5); // first order in the bias
});

/** Sensors without noise, but for what a test changes. */
function givenTimed(
  change: Partial<Vehicle['sensors']>,
  airframe: Partial<Airframe> = {},
  n = 1,
  maxRatio = 1,
): Sensors {
  const timedVehicle: Vehicle = { ...vehicle, sensors: { ...vehicle.sensors, ...change } };
  const sensors = new Sensors(timedVehicle, n, maxRatio);
  for (let i = 0; i < n; i++) sensors.load(i, { ...nominalAirframe(timedVehicle), noise_ratio: 0, ...airframe });
  return sensors;
}

/** What is measured of a state that grows with time: x is the control step, its yaw and rate and voltage too. */
function flyRamp(sensors: Sensors, steps: number, i = 0, rng = new Rng(4, i)) {
  return Array.from({ length: steps }, (_, t) => {
    const truth = { ...stateBuffer(), voltage: t };
    truth.position[0] = truth.velocity[0] = truth.rates[0] = t;
    fromAxisAngle(0, 0, 1, 0.01 * t, truth.quaternion);
    const out = stateBuffer();
    sensors.measure(i, truth, rng, out);
    return out;
  });
}

test('a slow sensor holds each sample until the next, from a phase of its own in every episode', () => {
  const slow = { noise: 0, bias: 0, delay_s: 0, rate_Hz: 25 }; // every fourth step
  const sensors = givenTimed({ position_m: slow }, {}, 50);
  const firsts = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const x = flyRamp(sensors, 40, i).map((out) => out.position[0]);
    const fresh = x.flatMap((value, t) => (t > 8 && value !== x[t - 1] ? [t] : []));
    for (let k = 1; k < fresh.length; k++) assert.is(fresh[k] - fresh[k - 1], 4);
    for (const t of fresh) {
      assert.ok(t - x[t] >= 0 && t - x[t] < 1, `a sample of ${x[t]} first seen at step ${t}`);
      near(x[t] - x[fresh[0]], t - fresh[0], 1e-9, 'samples are evenly spaced in time');
    }
    firsts.add(x[fresh[0]] % 4);
  }
  assert.ok(firsts.size > 40, 'phases differ');
  const phases = [...firsts];
  assert.ok(Math.min(...phases) < 0.4 && Math.max(...phases) > 3.6, 'and fill the period');
});

test('a sample of each sensor is there when its delay has passed, also between control steps', () => {
  const late = (delay_s: number) => ({ noise: 0, bias: 0, delay_s });
  const sensors = givenTimed({
    position_m: late(0.02),
    velocity_m_s: late(0.035),
    attitude_rad: late(0.015),
    rates_rad_s: late(0.004),
    voltage_V: late(0.11),
  });
  const last = flyRamp(sensors, 40)[39];
  near(last.position[0], 39 - 2, 1e-9);
  near(last.velocity[0], 39 - 3.5, 1e-9);
  near(2 * Math.atan2(last.quaternion[2], last.quaternion[3]), 0.01 * (39 - 1.5), 1e-6);
  near(last.rates[0], 39 - 0.4, 1e-9);
  near(last.voltage, 39 - 11, 1e-9);
});

test('before its first samples are there a sensor reads what was true at the start', () => {
  const out = flyRamp(givenTimed({ position_m: { noise: 0, bias: 0, delay_s: 0.05 } }), 8);
  assert.equal(
    out.map(({ position }) => Math.round(position[0] * 1e9) / 1e9),
    [0, 0, 0, 0, 0, 0, 1, 2],
  );
});

test('a fast sensor gives its newest sample, less than its period older than the delay', () => {
  const gyro = { noise: 0, bias: 0, delay_s: 0.003, rate_Hz: 1000 };
  const sensors = givenTimed({ rates_rad_s: gyro }, {}, 20);
  for (let i = 0; i < 20; i++)
    flyRamp(sensors, 20, i).forEach(({ rates }, t) => {
      if (t > 1) assert.ok(t - rates[0] >= 0.3 - 1e-9 && t - rates[0] <= 0.4 + 1e-9, `${t - rates[0]} steps old`);
    });
});

test('an airframe scales all delays', () => {
  const late = { noise: 0, bias: 0, delay_s: 0.02 };
  const sensors = givenTimed({ position_m: late, rates_rad_s: late }, { sensorDelay_ratio: 1.5 }, 1, 1.5);
  const last = flyRamp(sensors, 20)[19];
  near(last.position[0], 19 - 3, 1e-9);
  near(last.rates[0], 19 - 3, 1e-9);
});

test('the noise of a sample is held with it, and the next has its own', () => {
  const sensors = givenTimed({ voltage_V: { noise: 0.01, bias: 0, delay_s: 0, rate_Hz: 10 } }, { noise_ratio: 1 });
  const truth = { ...stateBuffer(), voltage: 4 };
  const out = stateBuffer();
  const rng = new Rng(1);
  const seen = new Set(
    Array.from({ length: 500 }, () => {
      sensors.measure(0, truth, rng, out);
      return out.voltage;
    }),
  );
  assert.ok(Math.abs(seen.size - 50) <= 1, `${seen.size} samples in 5 s at 10 Hz`);
});

test("the estimator follows a step with its lag; the gyro's rates and the voltage pass it by", () => {
  const lag = 0.03;
  const sensors = givenTimed({}, { estimatorLag_s: lag });
  const truth = { ...stateBuffer(), voltage: 3 };
  const out = stateBuffer();
  sensors.measure(0, truth, new Rng(1), out);
  truth.position[1] = truth.velocity[2] = truth.rates[0] = truth.voltage = 1;
  fromAxisAngle(1, 0, 0, 0.05, truth.quaternion);
  for (let t = 1; t <= 8; t++) {
    sensors.measure(0, truth, new Rng(1), out);
    const share = 1 - Math.exp((-t * 0.01) / lag);
    near(out.position[1], share, 1e-9);
    near(out.velocity[2], share, 1e-9);
    near(2 * Math.atan2(out.quaternion[0], out.quaternion[3]), 0.05 * share, 1e-5); // chord for arc
    near(Math.hypot(...out.quaternion), 1, 1e-12);
    near(out.rates[0], 1, 1e-9);
    near(out.voltage, 1, 1e-9);
  }
});

test.run();
