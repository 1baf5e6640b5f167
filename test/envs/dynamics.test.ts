import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Airframe, nominalAirframe } from '../../envs/airframe.ts';
import { fromAxisAngle, rotate } from '../../envs/quaternion.ts';
import { stateBuffer } from '../../envs/sensors.ts';
import { Simulator } from '../../envs/simulator.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { GRAVITY, hoverThrust } from '../../envs/weight.ts';
import { givenVehicle, near } from '../given.ts';

const crazyflie = givenVehicle();
const hover = hoverThrust(crazyflie);
const dt = 1 / crazyflie.physics_Hz;
/** No lag, drag or battery: what is left has closed forms. */
const ideal: Vehicle = {
  ...crazyflie,
  rotor: { ...crazyflie.rotor, lag_s: 0 },
  drag_Ns_per_m: [0, 0, 0],
  battery: { ...crazyflie.battery, sagAtFullThrust_V: 0, drainAtHover_V_per_s: 0 },
  latency_s: 0,
};

/** Flies one vehicle from 100 m with a constant command. */
function fly(vehicle: Vehicle, seconds: number, command: number[], options: Options = {}) {
  const simulator = new Simulator(vehicle, options.mode ?? 'motors', 1, 0.1);
  const truth = stateBuffer();
  truth.position[2] = 100;
  if (options.quaternion) truth.quaternion.set(options.quaternion);
  if (options.velocity) truth.velocity.set(options.velocity);
  if (options.rates) truth.rates.set(options.rates);
  simulator.load(0, { ...nominalAirframe(vehicle), ...options.airframe }, [hover, hover, hover, hover]);
  simulator.place(0, truth);
  const commands = Float64Array.from(command);
  for (let k = 0; k < Math.round(seconds * vehicle.control_Hz); k++) {
    simulator.step(commands);
    simulator.truth(0, truth);
    options.each?.(simulator, truth);
  }
  return { simulator, truth };
}

interface Options {
  mode?: 'motors' | 'ctbr';
  quaternion?: number[];
  velocity?: number[];
  rates?: number[];
  airframe?: Partial<Airframe>;
  each?: (simulator: Simulator, truth: ReturnType<typeof stateBuffer>) => void;
}

test('with motors off it falls freely', () => {
  const { truth } = fly(ideal, 2, [0, 0, 0, 0]);
  near(truth.velocity[2], -GRAVITY * 2, 1e-9);
  // a symplectic Euler step is ahead by half a step: g·dt·t/2
  near(truth.position[2], 100 - 0.5 * GRAVITY * 4, 0.5 * GRAVITY * dt * 2 + 1e-9);
});

test('hover thrust holds it still', () => {
  const { truth } = fly(ideal, 5, [hover, hover, hover, hover]);
  near(truth.position[2], 100, 1e-9);
  near(truth.velocity[2], 0, 1e-9);
});

test('a long fall ends at the speed where drag carries the weight', () => {
  const drag: Vehicle = { ...ideal, drag_Ns_per_m: [0, 0, 0.05] };
  const terminal = (drag.mass_kg * GRAVITY) / 0.05;
  const tau = drag.mass_kg / 0.05;
  near(fly(drag, 3, [0, 0, 0, 0]).truth.velocity[2], -terminal * (1 - Math.exp(-3 / tau)), terminal * 0.005);
  near(fly(drag, 10, [0, 0, 0, 0]).truth.velocity[2], -terminal, 1e-3);
});

test('a motor follows a step of its command with a first-order lag', () => {
  const lagging: Vehicle = { ...ideal, rotor: { ...ideal.rotor, lag_s: 0.05 } };
  let t = 0;
  fly(lagging, 0.3, [0.8, hover, hover, hover], {
    each: ({ dynamics }) => {
      t += 1 / lagging.control_Hz;
      near(dynamics.motors[0], hover + (0.8 - hover) * (1 - Math.exp(-t / 0.05)), 1e-12);
    },
  });
});

test('a faster pair of counter-clockwise rotors turns the body clockwise, and nothing else', () => {
  const more = 0.05;
  const command = ideal.rotors.map(({ spin }) => hover + (spin === 'ccw' ? more : -more));
  const { truth } = fly(ideal, 1, command);
  const torque = -4 * more * ideal.rotor.maxThrust_N * ideal.rotor.torquePerThrust_m;
  near(truth.rates[2], torque / ideal.inertia_kgm2[2], 1e-6);
  near(Math.hypot(truth.rates[0], truth.rates[1]), 0, 1e-9);
  near(truth.position[2], 100, 1e-9);
});

test('a tilt accelerates it sideways by thrust over mass times its sine', () => {
  const tilt = 0.3;
  const { truth } = fly(ideal, 1, Array(4).fill(hover / Math.cos(tilt)), {
    quaternion: fromAxisAngle(0, 1, 0, tilt, [0, 0, 0, 1]),
  });
  near(truth.velocity[0], GRAVITY * Math.tan(tilt), 1e-6);
  near(truth.velocity[2], 0, 1e-6);
});

test('a drag-free fall keeps its energy', () => {
  const { truth } = fly(ideal, 3, [0, 0, 0, 0], { velocity: [2, 1, 5], rates: [1, 2, 3] });
  const speedSquared = truth.velocity[0] ** 2 + truth.velocity[1] ** 2 + truth.velocity[2] ** 2;
  const energy = 0.5 * speedSquared + GRAVITY * truth.position[2];
  // the height is ahead by g·dt·t/2, see the free fall
  near(energy, 0.5 * 30 + GRAVITY * 100, 0.5 * GRAVITY * GRAVITY * dt * 3 + 1e-6);
});

test('a spinning body precesses as Euler says when nothing turns it', () => {
  const [ix, iz] = [2e-5, 3e-5];
  const airframe = { inertia_kgm2: [ix, ix, iz] as [number, number, number] };
  const [w0, wz, seconds] = [4, 6, 1];
  const { truth } = fly(ideal, seconds, [0, 0, 0, 0], { airframe, rates: [w0, 0, wz] });
  const nutation = ((iz - ix) / ix) * wz * seconds; // turn of the rates about body z
  near(truth.rates[0], w0 * Math.cos(nutation), 0.03);
  near(truth.rates[1], w0 * Math.sin(nutation), 0.03);
  near(truth.rates[2], wz, 0.01);
  // body z turns about the angular momentum L at |L| / ix
  const momentum = [ix * w0, 0, iz * wz];
  const size = Math.hypot(...momentum);
  const axis = momentum.map((value) => value / size);
  const turn = fromAxisAngle(axis[0], axis[1], axis[2], (size / ix) * seconds, [0, 0, 0, 1]);
  const expected = rotate(turn, [0, 0, 1], [0, 0, 0]);
  const bodyZ = rotate(truth.quaternion, [0, 0, 1], [0, 0, 0]);
  const cosine = expected[0] * bodyZ[0] + expected[1] * bodyZ[1] + expected[2] * bodyZ[2];
  const degrees = (Math.acos(Math.min(1, cosine)) * 180) / Math.PI;
  assert.ok(degrees < 2, `body z is ${degrees.toFixed(2)}° off; without the gyroscopic term it is 50°`);
});

test('an asymmetric body keeps energy and angular momentum while it tumbles', () => {
  const inertia: [number, number, number] = [1.5e-5, 2e-5, 3e-5];
  const moments = ({ rates, quaternion }: ReturnType<typeof stateBuffer>) => {
    const body = inertia.map((moment, k) => moment * rates[k]);
    return {
      L: rotate(quaternion, body, [0, 0, 0]),
      energy: inertia.reduce((e, moment, k) => e + moment * rates[k] ** 2, 0),
    };
  };
  const rates = [3, 4, 2];
  const { truth } = fly(ideal, 2, [0, 0, 0, 0], { airframe: { inertia_kgm2: inertia }, rates });
  const before = moments({ ...stateBuffer(), rates: Float64Array.from(rates) });
  const after = moments(truth);
  near(after.energy / before.energy, 1, 0.002);
  const drift = Math.hypot(...after.L.map((value, k) => value - before.L[k])) / Math.hypot(...before.L);
  near(drift, 0, 0.01);
});

test('a command takes the latency to reach the motors', () => {
  const reached: number[] = [];
  fly(ideal, 0.1, [0.9, hover, hover, hover], {
    airframe: { latency_s: 0.02 },
    each: ({ dynamics }) => reached.push(dynamics.arrived[0]),
  });
  // sent at the start of step 0, in force from 20 ms on: steps 0 and 1 still fly the old command
  assert.equal(reached.slice(0, 3), [hover, hover, 0.9]);
});

test('the battery sags under load, drains over time, and takes thrust with it', () => {
  const vehicle: Vehicle = { ...ideal, battery: { ...crazyflie.battery } };
  const { sagAtFullThrust_V, drainAtHover_V_per_s, nominal_V, thrustExponent } = vehicle.battery;
  const rest_V = 4;
  const { simulator, truth } = fly(vehicle, 10, [hover, hover, hover, hover], { airframe: { rest_V } });
  const voltage = rest_V - 10 * drainAtHover_V_per_s - sagAtFullThrust_V * hover;
  near(truth.voltage, voltage, 1e-9);
  near(simulator.dynamics.restVoltage[0], rest_V - 10 * drainAtHover_V_per_s, 1e-9);
  const [before] = [truth.velocity[2]];
  const command = new Float64Array(4).fill(hover);
  simulator.step(command);
  simulator.truth(0, truth);
  const acceleration = (truth.velocity[2] - before) * vehicle.control_Hz;
  near(acceleration, GRAVITY * ((voltage / nominal_V) ** thrustExponent - 1), 0.002);
});

test('steady wind carries it along', () => {
  const drag: Vehicle = { ...ideal, drag_Ns_per_m: [0.01, 0.01, 0.01] };
  const { truth } = fly(drag, 2, [hover, hover, hover, hover], { airframe: { wind_m_s: [1, -0.5, 0] } });
  const share = 1 - Math.exp((-2 * 0.01) / drag.mass_kg);
  near(truth.velocity[0], share, 0.002);
  near(truth.velocity[1], -0.5 * share, 0.002);
});

test('a weak motor lets its own corner sink', () => {
  const motor_ratio: [number, number, number, number] = [0.9, 1, 1, 1]; // M1, front right
  const { truth } = fly(ideal, 0.01, [hover, hover, hover, hover], { airframe: { motor_ratio } });
  const lost = 0.1 * hover * ideal.rotor.maxThrust_N;
  const arm = Math.abs(ideal.rotors[0].position_m[0]);
  near(truth.rates[0], (0.01 * lost * arm) / ideal.inertia_kgm2[0], 1e-4, 'roll to the right');
  near(truth.rates[1], (0.01 * lost * arm) / ideal.inertia_kgm2[1], 1e-4, 'nose down');
  near(truth.velocity[2], (-0.01 * lost) / ideal.mass_kg, 1e-4);
});

test('a centre of mass off the middle turns it by the weight at that arm, and uneven thrusts hold it level', () => {
  const offset = 0.001;
  const centreOfMass_m: [number, number, number] = [offset, -offset, 0.002];
  const { truth } = fly(ideal, 0.01, [hover, hover, hover, hover], { airframe: { centreOfMass_m } });
  const weight = ideal.mass_kg * GRAVITY;
  // the centre of mass is ahead of the thrust and to its right: the nose goes down and the right side, too
  near(truth.rates[0], (0.01 * weight * offset) / ideal.inertia_kgm2[0], 1e-6);
  near(truth.rates[1], (0.01 * weight * offset) / ideal.inertia_kgm2[1], 1e-6);
  near(truth.rates[2], 0, 1e-6);
  // lever rule: each pair carries its share of the weight, in inverse proportion to its distance
  const level = ideal.rotors.map(({ position_m: [x, y] }) => hover * (1 + offset / x - offset / y));
  const held = fly(ideal, 1, level, { airframe: { centreOfMass_m } }).truth;
  near(Math.hypot(...held.rates), 0, 1e-9);
  near(held.position[2], 100, 1e-9);
});

test('wind pushes at the rotors, so a low centre of mass lets the body tip away from it', () => {
  const drag: Vehicle = { ...ideal, drag_Ns_per_m: [0.01, 0.01, 0.01] };
  const airframe: Partial<Airframe> = { centreOfMass_m: [0, 0, -0.01], wind_m_s: [2, 0, 0] };
  const { truth } = fly(drag, 0.01, [hover, hover, hover, hover], { airframe });
  near(truth.rates[1], (0.01 * 0.01 * 2 * 0.01) / ideal.inertia_kgm2[1], 2e-4); // time · force · arm / inertia
});

test('a worn battery drains faster', () => {
  const vehicle: Vehicle = { ...ideal, battery: { ...crazyflie.battery } };
  const { simulator } = fly(vehicle, 2, [hover, hover, hover, hover], { airframe: { rest_V: 4, drain_ratio: 1.5 } });
  near(simulator.dynamics.restVoltage[0], 4 - 2 * 1.5 * vehicle.battery.drainAtHover_V_per_s, 1e-9);
});

test('ctbr commands are tracked by the rate loop, on each axis by itself', () => {
  const gains = crazyflie.bodyRates.gain_per_s;
  for (let axis = 0; axis < 3; axis++) {
    const command = [hover, 0, 0, 0];
    command[axis + 1] = 0.5;
    const proportional = { ...ideal, bodyRates: { ...ideal.bodyRates, integral_per_s: [0, 0, 0] } } as Vehicle;
    const { truth } = fly(proportional, 0.1, command, { mode: 'ctbr' });
    for (let k = 0; k < 3; k++) {
      // without lag a proportional loop is a first-order system, taken here in Euler steps
      const expected = k === axis ? 0.5 * (1 - (1 - gains[k] * dt) ** 20) : 0;
      near(truth.rates[k], expected, 0.002, `rate ${k}`);
    }
  }
});

test.run();
