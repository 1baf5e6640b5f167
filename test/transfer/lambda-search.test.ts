import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chosenLambda } from '../../src/transfer/lambda-search.ts';

const tried = (...errors: number[]) => errors.map((validationMse, k) => ({ lambda: 10 ** k, validationMse }));

test('of the λ that cost nothing the largest is taken', () => {
  assert.is(chosenLambda(tried(1, 1.01, 1.04, 1.3)), 100);
  assert.is(chosenLambda(tried(1.2, 1, 1.3, 2)), 10);
  assert.is(chosenLambda(tried(1, 2, 3)), 1);
});

test.run();
