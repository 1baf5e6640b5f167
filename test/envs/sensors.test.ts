import { test } from 'uvu';
import { nominalAirframe } from '../../envs/airframe.ts';
import { fromAxisAngle } from '../../envs/quaternion.ts';
import { Rng } from '../../envs/rng.ts';
import { Sensors, stateBuffer } from '../../envs/sensors.ts';
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

test.run();
