import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nominalAirframe } from '../../envs/airframe.ts';
import { flyPiloted, MEASURED_SIZE, type PilotedFlight, SETPOINT_SIZE } from '../../envs/piloted-flight.ts';
import { DEFAULT_RANDOMISATION, type Randomisation } from '../../envs/randomisation.ts';
import { drawAirframe } from '../../envs/draw-airframe.ts';
import { Rng } from '../../envs/rng.ts';
import { fromGround, type Setpoint, TRAJECTORIES } from '../../envs/trajectories.ts';
import { hoverThrust } from '../../envs/weight.ts';
import { givenVehicle, near } from '../given.ts';

const hold = (): Setpoint => ({ position: [1, 2, 3], velocity: [0, 0, 0], yaw: 0.5 });

/** Distance [m] from position to setpoint in each row from `start` seconds on. */
function errors(flight: PilotedFlight, start: number): number[] {
  return Array.from(flight.time.keys())
    .filter((t) => flight.time[t] >= start)
    .map((t) =>
      Math.hypot(...[0, 1, 2].map((k) => flight.positions[t * 3 + k] - flight.setpoints[t * SETPOINT_SIZE + k])),
    );
}

/** Mean distance to a held setpoint over the last three of 25 s, of ten airframes drawn from `ranges`. */
function held(name: string, ranges: Randomisation): number[] {
  const vehicle = givenVehicle(name);
  const rng = new Rng(3);
  return Array.from({ length: 10 }, () => {
    const flight = flyPiloted(vehicle, drawAirframe(vehicle, ranges, rng), hold, 25, rng);
    assert.is(flight.crashed, false);
    const late = errors(flight, 22); // the trim of motors and centre of mass takes its time
    return late.reduce((sum, error) => sum + error, 0) / late.length;
  });
}

for (const name of ['crazyflie', 'x500', 'racer']) {
  test(`${name}: an airframe that is off by the ranges of randomisation is trimmed to the setpoint`, () => {
    held(name, { ...DEFAULT_RANDOMISATION, gust_m_s: [0, 0] }).forEach((error, k) =>
      near(error, 0, 0.06, `airframe ${k}`),
    );
  });

  test(`${name}: gusts, which no trim can take out, do not carry it off`, () => {
    const all = held(name, DEFAULT_RANDOMISATION);
    near(all.reduce((sum, error) => sum + error, 0) / all.length, 0, 0.06);
    assert.ok(Math.max(...all) < 0.15);
  });
}

for (const name of ['crazyflie', 'x500', 'racer'])
  for (const path of Object.keys(TRAJECTORIES))
    test(`${name}: flies ${path} from the ground and back`, () => {
      const vehicle = givenVehicle(name);
      const [radius_m, period_s] = name === 'crazyflie' ? [0.6, 6] : [2, 10];
      const flown = TRAJECTORIES[path]({ centre_m: [0, 0, 1 + radius_m / 2], radius_m, period_s });
      const ground = vehicle.collisionRadius_m + 0.1;
      const flight = flyPiloted(vehicle, nominalAirframe(vehicle), fromGround(flown, ground, 3, 14), 20, new Rng(5));
      assert.is(flight.crashed, false);
      assert.is(flight.time.length, 2000);
      if (path !== 'steps') assert.ok(Math.max(...errors(flight, 0)) < 0.35 * radius_m + 0.1);
      near(flight.positions[1999 * 3 + 2], ground, 0.1, 'height after landing');
    });

test('the logged command of steady hover is hover thrust', () => {
  const vehicle = givenVehicle();
  const flight = flyPiloted(vehicle, nominalAirframe(vehicle), hold, 8, new Rng(1));
  const late = flight.commands.subarray(600 * 4);
  near(late.reduce((sum, u) => sum + u, 0) / late.length, hoverThrust(vehicle), 0.01);
});

test('a flight that hits the ground ends there', () => {
  const vehicle = givenVehicle();
  const dive = (t: number): Setpoint => ({ position: [0, 0, 1 - t], velocity: [0, 0, -1], yaw: 0 });
  const flight = flyPiloted(vehicle, nominalAirframe(vehicle), dive, 5, new Rng(1));
  assert.is(flight.crashed, true);
  assert.ok(flight.time.length < 300);
  assert.is(flight.measured.length, flight.time.length * MEASURED_SIZE);
});

for (const [name, make] of Object.entries(TRAJECTORIES))
  test(`${name}: its velocity is the derivative of its position`, () => {
    const path = make({ centre_m: [1, 2, 3], radius_m: 1.5, period_s: 7 });
    for (const t of [0.3, 1.1, 2.9, 5.2]) {
      const [before, after] = [path(t - 1e-5), path(t + 1e-5)];
      for (let k = 0; k < 3; k++)
        near((after.position[k] - before.position[k]) / 2e-5, path(t).velocity[k], 1e-6, `component ${k}`);
    }
  });

test.run();
