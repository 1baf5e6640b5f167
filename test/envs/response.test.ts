import { test } from 'uvu';
import { nominalAirframe } from '../../envs/airframe.ts';
import { thrustFraction } from '../../envs/actions.ts';
import { givenEnv, givenVehicle, near } from '../given.ts';

const vehicle = givenVehicle();

test('motors with a curve of their own give level · u^exponent of full thrust, and no more than all of it', () => {
  const response = { level: 0.9, exponent: 1.3 };
  const env = givenEnv({ airframe: nominalAirframe(vehicle), response });
  const asked = (action: number) => thrustFraction(env.actionMap, 0, action);
  near(env.vehicleState(0).motorThrusts[0], 0.9 * asked(0) ** 1.3, 1e-12); // in hover, before the first command
  for (const action of [-0.4, 0.1, 0.5]) {
    env.step(new Float32Array(4).fill(action));
    near(env.vehicleState(0).command[0], 0.9 * asked(Math.fround(action)) ** 1.3, 1e-6);
  }
  const strong = givenEnv({ airframe: nominalAirframe(vehicle), response: { level: 2, exponent: 1 } });
  strong.step(new Float32Array(4).fill(0.9));
  near(strong.vehicleState(0).command[0], 1, 0);
});

test.run();
