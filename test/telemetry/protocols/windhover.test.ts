import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameError, readFrame, writeData, writeFrame } from '../../../src/telemetry/protocols/windhover.ts';

const good = { topic: 'velocity', t: 1.25, values: [1, 2, 3] } as const;
const text = (message: unknown) => JSON.stringify({ op: 'data', flight: 'a', seq: 0, messages: [message] });

function refused(frame: string, field: string): void {
  assert.throws(
    () => readFrame(frame),
    (error: Error) => error instanceof FrameError && error.field === field && error.message.startsWith(`${field}: `),
    `${frame.slice(0, 80)} should be refused for ${field}`,
  );
}

test('what is written is read back, to the last digit', () => {
  const values = [Math.PI, -1e-300, 0.1 + 0.2];
  const frame = readFrame(writeData('a', 9, [{ topic: 'velocity', t: 1 / 3, values }]));
  assert.equal(frame, {
    op: 'data',
    flight: 'a',
    seq: 9,
    messages: [{ topic: 'velocity', t: 1 / 3, values }],
    problems: [],
  });
  const end = { op: 'end', flight: 'a', sent: 3, truncated: true, droppedRows: 1, warnings: ['cut'] } as const;
  assert.equal(readFrame(writeFrame({ ...end, warnings: ['cut'] })), end);
});

test('a frame that breaks the protocol is refused by the name of the field', () => {
  refused('', 'frame');
  refused('[1]', 'frame');
  refused('null', 'frame');
  refused('{"op":"jump"}', 'op');
  refused('{"op":"hello","version":2,"role":"publisher"}', 'version');
  refused('{"op":"hello","version":1,"role":"king"}', 'role');
  refused('{"op":"begin","flight":"a","name":"","topics":[]}', 'name');
  refused('{"op":"begin","flight":"a","name":"n","topics":["pose","smell"]}', 'topics.1');
  refused('{"op":"begin","flight":"a","name":"n","topics":[],"startUnixSeconds":1e300}', 'startUnixSeconds');
  refused('{"op":"end","flight":"a","sent":-1,"truncated":false,"droppedRows":0,"warnings":[]}', 'sent');
  refused('{"op":"data","flight":7,"seq":0,"messages":[]}', 'flight');
  refused('{"op":"data","flight":"a","seq":0.5,"messages":[]}', 'seq');
  refused('{"op":"data","flight":"a","seq":0,"messages":{}}', 'messages');
});

test('one bad message does not take the others with it', () => {
  const frame = readFrame(
    JSON.stringify({ op: 'data', flight: 'a', seq: 0, messages: [good, { ...good, values: [1, null, 3] }, good] }),
  );
  if (frame.op !== 'data') throw new Error('expected a data frame');
  assert.equal(frame.messages, [good, null, good]);
  assert.equal(frame.problems, ['messages[1].values[1]: expected a number for y, got null']);
});

test('a bad message is told with its place, what was expected and what came', () => {
  const cases: [unknown, RegExp][] = [
    [null, /^messages\[0\]: expected an object, got null/],
    [{ ...good, topic: 'smell' }, /^messages\[0\]\.topic: .*pose.*got "smell"/],
    [{ ...good, topic: 'toString' }, /^messages\[0\]\.topic/],
    [{ ...good, t: '1' }, /^messages\[0\]\.t: .*got "1"/],
    [{ ...good, t: -1 }, /^messages\[0\]\.t: /],
    [{ ...good, t: 1e300 }, /^messages\[0\]\.t: /],
    [{ ...good, values: [1, 2] }, /^messages\[0\]\.values: expected 3 numbers \(x, y, z\), got \[1, 2\]/],
    [{ ...good, values: 'abc' }, /^messages\[0\]\.values: /],
    [{ ...good, values: [1, 2, [3]] }, /^messages\[0\]\.values\[2\]: expected a number for z/],
  ];
  for (const [message, expected] of cases) {
    const frame = readFrame(text(message));
    assert.match(frame.op === 'data' ? frame.problems[0] : '', expected);
  }
});

test('a message nested 200 000 deep is a bad message, not a stack overflow', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const frame = readFrame(`{"op":"data","flight":"a","seq":0,"messages":[${deep}]}`);
  assert.match(frame.op === 'data' ? frame.problems[0] : '', /expected an object/);
});

test.run();
