import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chosenLambda } from '../../src/transfer/lambda-search.ts';

const tried = (...errors: number[]) => errors.map((validationMse, k) => ({ lambda: 10 ** k, validationMse, lost: 0 }));

test('of the λ that cost nothing the largest is taken', () => {
  assert.is(chosenLambda(tried(1, 1.01, 1.015, 1.3)), 100);
  assert.is(chosenLambda(tried(1.2, 1, 1.3, 2)), 10);
  assert.is(chosenLambda(tried(1, 2, 3)), 1);
});

test('a λ that forgets is passed over, however little it costs', () => {
  const forgetful = tried(1, 1, 1.2, 1.22).map((one, k) => ({ ...one, lost: [0.5, 0.2, 0.02, 0][k] }));
  assert.is(chosenLambda(forgetful), 1000);
  const all = tried(1, 1.5, 2).map((one, k) => ({ ...one, lost: [0.9, 0.5, 0.4][k] }));
  assert.is(chosenLambda(all), 100, 'where all forget, what forgets least');
});

test.run();
