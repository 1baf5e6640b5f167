import { test } from 'uvu';
import { flyPiloted } from '../../../envs/piloted-flight.ts';
import { nominalAirframe } from '../../../envs/airframe.ts';
import { Rng } from '../../../envs/rng.ts';
import { circle, fromGround } from '../../../envs/trajectories.ts';
import { logOf } from '../../../src/transfer/piloted-log.ts';
import { flightData } from '../../../src/transfer/identify/flight-data.ts';
import { Replay } from '../../../src/transfer/identify/replay.ts';
import { predictedVoltage } from '../../../src/transfer/identify/voltage.ts';
import { windowsOf } from '../../../src/transfer/identify/windows.ts';
import { givenVehicle, near } from '../../given.ts';

const atOnce = { noise: 0, bias: 0, delay_s: 0 };
const sensors = {
  position_m: atOnce,
  velocity_m_s: atOnce,
  attitude_rad: atOnce,
  rates_rad_s: atOnce,
  voltage_V: atOnce,
};
const vehicle = givenVehicle('crazyflie', { sensors, estimator: { lag_s: 0 }, velocityMoment_Ns: 1e-4 });
const path = fromGround(circle({ centre_m: [0, 0, 1.5], radius_m: 0.7, period_s: 4 }), 0.6, 2, 6);
const flown = flyPiloted(vehicle, nominalAirframe(vehicle), path, 10, new Rng(3), {
  shake: (t, out) => {
    out[0] = Math.sin(9 * t);
    out[2] = Math.cos(5 * t);
  },
});
const data = flightData(logOf(flown, 'flown', 'crazyflie', { level: 1, exponent: 1.5 }), vehicle);

/** Largest error of position, velocity and rates after half a second, by flying the log again with `change`. */
function worst(change: Partial<typeof vehicle> = {}, bias?: number[]): { position: number; rates: number } {
  const replay = new Replay([data], [predictedVoltage(data, vehicle)]);
  const windows = windowsOf([data], 100, 100, 1000);
  const run = replay.run({ ...vehicle, ...change }, windows, {
    steps: 100,
    stride: 100,
    followAttitude: false,
    late_s: 0,
    attitudeLater_s: 0,
    bias: bias && Float64Array.from(windows.flatMap(() => bias)),
  });
  let [position, rates] = [0, 0];
  windows.forEach(({ from }, w) => {
    for (let k = 0; k < 3; k++) {
      const moved = data.position![k][from + 100] - data.position![k][from];
      position = Math.max(position, Math.abs(moved - run.position[(w * 2 + 1) * 3 + k]));
      rates = Math.max(rates, Math.abs(data.rates[k][from + 100] - run.rates[(w * 2 + 1) * 3 + k]));
    }
  });
  return { position, rates };
}

test('the simulator flies its own log again: half a second open loop ends where it did', () => {
  const { position, rates } = worst();
  near(position, 0, 2e-3, 'position'); // the log's voltage is one control step old
  near(rates, 0, 0.05, 'rates');
});

test('another vehicle ends elsewhere: latency, lag, drag, moment, misalignment', () => {
  const right = worst();
  const rotor = { ...vehicle.rotor, lag_s: 0.07 };
  for (const change of [{ latency_s: 0.02 }, { rotor }, { velocityMoment_Ns: 0 }])
    if (worst(change).rates < 2 * right.rates) throw new Error(`${JSON.stringify(change)} was not felt`);
  for (const change of [{ drag_Ns_per_m: [0.02, 0.02, 0.02] }, { misalignment_rad: [0.02, 0] }] as const)
    if (worst(change as unknown as Partial<typeof vehicle>).position < 3 * right.position)
      throw new Error(`${JSON.stringify(change)} was not felt`);
});

test('following the rates, a torque that the vehicle lacks about two axes leaves the third alone', () => {
  const replay = new Replay([data], [predictedVoltage(data, vehicle)]);
  const windows = windowsOf([data], 60, 100, 1000);
  const run = (followRates: boolean, torque: number) =>
    replay.run(vehicle, windows, {
      ...{ steps: 60, stride: 60, followAttitude: true, followRates, late_s: 0, attitudeLater_s: 0 },
      bias: Float64Array.from(windows.flatMap(() => [0, 0, 0, torque, 0, -10])),
    }).rates;
  const change = (followRates: boolean, axis: number) => {
    const [still, pushed] = [run(followRates, 0), run(followRates, 35)];
    return Math.max(...windows.map((_, w) => Math.abs(pushed[(w * 2 + 1) * 3 + axis] - still[(w * 2 + 1) * 3 + axis])));
  };
  near(change(true, 0), 35 * 0.3, 1e-3); // 35 rad/s² over 0.3 s, and nothing else
  near(change(true, 1), 0, 0.1);
  if (change(false, 1) < 1) throw new Error('rates that run away were expected to couple the axes');
});

test('a bias of force acts along body axes: half a t squared', () => {
  near(worst({}, [0, 0, 0.8, 0, 0, 0]).position, 0.5 * 0.8 * 0.5 ** 2, 0.01);
});

test('cold motors give more thrust, which fades from when they start', () => {
  const started = { ...data, motorsOn: 100 };
  const replay = new Replay([started], [predictedVoltage(data, vehicle)]);
  const windows = [300, 1100].map((from) => ({ flight: 0, from }));
  const climb = (cold?: { more: number; seconds: number }) =>
    replay.run({ ...vehicle, rotor: { ...vehicle.rotor, cold } }, windows, {
      ...{ steps: 40, stride: 40, followAttitude: true, late_s: 0, attitudeLater_s: 0 },
    }).velocity;
  const [warm, cold] = [climb(), climb({ more: 0.1, seconds: 4 })];
  windows.forEach(({ from }, w) => {
    // so much more of the thrust that carries the weight, for 0.2 s
    const more = 0.1 * Math.exp(-(from + 20 - 100) / 200 / 4) * 9.81 * 0.2;
    near(cold[w * 6 + 5] - warm[w * 6 + 5], more, 0.1 * more);
  });
  near(
    replay.run({ ...vehicle }, windows, { steps: 40, stride: 40, followAttitude: true, late_s: 0, attitudeLater_s: 0 })
      .velocity[5],
    warm[5],
    1e-12,
  );
});

test.run();
