import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { number, oneOf, wholeNumber } from '../../src/cli/options.ts';

function refusal(parse: (text: string) => unknown, text: string): string {
  try {
    return `accepted as ${parse(text)}`;
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
}

test('whole numbers are read, within their range', () => {
  assert.is(wholeNumber('--episodes', { min: 1 })('500'), 500);
  assert.is(wholeNumber('--offset')('-3'), -3);
});

test('what is no whole number is refused with the flag, the range and the text', () => {
  const episodes = wholeNumber('--episodes', { min: 1 });
  const expected = '--episodes: expected a whole number of at least 1, got';
  for (const text of ['abc', '', '1.5', '0', '-1', '1e3', '0x10', '12abc', '99999999999999999999'])
    assert.is(refusal(episodes, text), `${expected} ${JSON.stringify(text)}`);
  assert.is(
    refusal(wholeNumber('--port', { min: 0, max: 65535 }), '70000'),
    '--port: expected a whole number from 0 to 65535, got "70000"',
  );
});

test('numbers may be fractions or have an exponent, but are finite', () => {
  const until = number('--until', { min: 0, max: 1 });
  assert.is(until('0.95'), 0.95);
  assert.is(until('1e-3'), 0.001);
  for (const text of ['', ' ', 'NaN', 'Infinity', '1.01', 'half'])
    assert.is(refusal(until, text), `--until: expected a number from 0 to 1, got ${JSON.stringify(text)}`);
  assert.is(refusal(number('--ewc', { max: 2 }), '3'), '--ewc: expected a number of at most 2, got "3"');
});

test('a word is one of those there are, as it stands', () => {
  const actions = oneOf('--actions', ['motors', 'ctbr', 'servo']);
  assert.is(actions('ctbr'), 'ctbr');
  for (const text of ['', 'Motors', 'wings'])
    assert.is(refusal(actions, text), `--actions: expected motors, ctbr or servo, got ${JSON.stringify(text)}`);
});

test.run();
