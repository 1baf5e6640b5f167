import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { colours, note, paint, plot, Progress, prose, shellWord, table } from '../../src/cli/output.ts';
import { clock, cutTo, displayWidth, shortNumber, wrap } from '../../src/cli/output/text.ts';

/** What `write` sends to stderr, as if stderr were a terminal of so many columns or none (0). */
function stderrOf(columns: number, write: () => void): string {
  const { stderr } = process;
  const kept = { isTTY: stderr.isTTY, columns: stderr.columns, write: stderr.write };
  let text = '';
  Object.assign(stderr, {
    isTTY: columns > 0,
    columns,
    write: (chunk: string) => {
      text += chunk;
      return true;
    },
  });
  try {
    write();
  } finally {
    Object.assign(stderr, kept);
  }
  return text;
}

function givenProgress(total?: number, silent = false): { progress: Progress; at: (seconds: number) => void } {
  let now = 0;
  const progress = new Progress({ label: 'learning', unit: 'steps', total, silent, now: () => now });
  return {
    progress,
    at: (seconds) => {
      now = seconds * 1000;
    },
  };
}

test('a table lines up its columns: words left, numbers right', () => {
  const text = table(
    [
      ['before', 0.00172, '3.4 %'],
      ['nach Übung', 12, null],
    ],
    ['policy', 'error', 'rate'],
  );
  assert.equal(text.split('\n'), [
    'policy        error   rate',
    '──────────  ───────  ─────',
    'before      0.00172  3.4 %',
    'nach Übung       12      –',
  ]);
});

test('widths are counted without colours', () => {
  assert.is(displayWidth('\u001b[31mred\u001b[39m'), 3);
  assert.is(displayWidth('e\u0301'), 1);
  assert.is(cutTo('\u001b[31mred\u001b[39m wine', 5), '\u001b[31mred\u001b[39m w');
});

test('colours need a terminal and respect NO_COLOR', () => {
  const kept = process.env.NO_COLOR;
  delete process.env.NO_COLOR;
  assert.is(paint('red', 'x', { isTTY: true }), '\u001b[31mx\u001b[39m');
  assert.is(paint('red', 'x', { isTTY: false }), 'x');
  process.env.NO_COLOR = '1';
  assert.not(colours({ isTTY: true }));
  if (kept === undefined) delete process.env.NO_COLOR;
  else process.env.NO_COLOR = kept;
});

test('sentences break between words, further lines indented, and a word too long stands alone', () => {
  const text = wrap('  gainYaw: the commands explain 3 % of it\nas_long_as_no_line_may_be 12', 20, '    ');
  assert.equal(text.split('\n'), [
    '  gainYaw: the',
    '    commands explain',
    '    3 % of it',
    'as_long_as_no_line_may_be',
    '    12',
  ]);
});

test('sentences break on a terminal alone', () => {
  const kept = { isTTY: process.stdout.isTTY, columns: process.stdout.columns };
  try {
    Object.assign(process.stdout, { isTTY: true, columns: 13 });
    assert.is(prose('one two three four'), 'one two\nthree four');
    Object.assign(process.stdout, { isTTY: false });
    assert.is(prose('one two three four'), 'one two three four');
  } finally {
    Object.assign(process.stdout, kept);
  }
});

test('a path is quoted for the shell where it has to be', () => {
  assert.is(shellWord('/home/me/runs/hover-s1'), '/home/me/runs/hover-s1');
  assert.is(shellWord("my runs/it's"), `'my runs/it'\\''s'`);
});

test('numbers and times are short', () => {
  assert.equal([0, 12, 0.12345, 999, 12_345, 2_500_000].map(shortNumber), [
    '0',
    '12',
    '0.123',
    '999',
    '12.3 k',
    '2.5 M',
  ]);
  assert.equal([5, 65, 7380].map(clock), ['0:05', '1:05', '2:03:00']);
});

test('without a terminal, progress is a plain line every five seconds, and one at the end', () => {
  const text = stderrOf(0, () => {
    const { progress, at } = givenProgress(1000);
    for (let second = 0; second <= 8; second++) {
      at(second);
      progress.update(second * 100);
    }
    progress.end('success 0.9');
  });
  assert.equal(text.trimEnd().split('\n'), [
    'learning    0 %',
    'learning   50 %  100 steps/s  0:05 left',
    'learning   80 %  100 steps/s  0:02 left  success 0.9',
  ]);
});

test('a resumed job counts its rate from where it resumed', () => {
  const text = stderrOf(0, () => {
    const { progress, at } = givenProgress(1000);
    progress.update(500);
    at(10);
    progress.update(600);
  });
  assert.match(text, '60 %  10 steps/s  0:40 left');
});

test('a dumb terminal, which cannot draw over, gets plain lines', () => {
  const kept = process.env.TERM;
  process.env.TERM = 'dumb';
  const text = stderrOf(60, () => {
    const { progress, at } = givenProgress(100);
    at(1);
    progress.update(40, 'eval 0.5\n  kl 0.01');
    at(9);
    progress.end();
  });
  if (kept === undefined) delete process.env.TERM;
  else process.env.TERM = kept;
  for (const drawn of ['\u001b', '\r', '█']) assert.not.ok(text.includes(drawn));
  assert.match(text, /^learning .*eval 0\.5 {2}kl 0\.01\n/);
});

test('on a terminal, the bar stays in one line, and notes go above it', () => {
  const text = stderrOf(60, () => {
    const { progress, at } = givenProgress(100);
    at(1);
    progress.update(40, 'a text far too long for the rest of such a narrow line as this one is');
    note('checkpoint saved');
    progress.end();
  });
  const [upToNote, rest] = text.split('checkpoint saved\n');
  const bar = upToNote.split('\r\u001b[2K')[1];
  assert.ok(upToNote.endsWith('\r\u001b[2K'), 'the bar is cleared before the note');
  assert.ok(displayWidth(bar) < 60);
  assert.ok(rest.startsWith('learning'), 'the bar is drawn again after the note');
  assert.ok(rest.endsWith('\n'));
});

test('on a terminal, further lines stand below the bar and are drawn over with it', () => {
  const text = stderrOf(70, () => {
    const { progress, at } = givenProgress(100);
    at(1);
    progress.update(40, `eval 0.5\n  kl 0.01\n  ! ${'a warning too long for the line '.repeat(3)}`);
    at(2);
    progress.update(50, 'eval 0.6');
    progress.end();
  });
  const [first, second] = text.split('\r\u001b[2A\u001b[J'); // two lines up, then all below is cleared
  const lines = first.split('\n');
  assert.is(lines.length, 3);
  assert.ok(lines.every((line) => displayWidth(line) < 70));
  assert.is(lines[1], '  kl 0.01');
  const [drawn, again] = second.split('\r\u001b[2K');
  assert.match(drawn, /50 %.*eval 0\.6$/);
  assert.is(again, `${drawn}\n`);
});

test('without a terminal, further lines join the plain line', () => {
  const text = stderrOf(0, () => {
    const { progress } = givenProgress(100);
    progress.update(40, 'eval 0.5\n  kl 0.01\n  ! too fast');
  });
  assert.is(text, 'learning   40 %  eval 0.5  kl 0.01  ! too fast\n');
});

test('silent progress says nothing', () => {
  const text = stderrOf(60, () => {
    const { progress } = givenProgress(100, true);
    progress.update(50);
    progress.end();
  });
  assert.is(text, '');
});

/** Rows of the drawing that hold ink in each column. */
function ink(drawing: string): number[][] {
  const rows = drawing.split('\n').filter((line) => line.includes('┤'));
  const bodies = rows.map((line) => line.slice(line.indexOf('┤') + 1));
  const width = Math.max(...bodies.map((body) => body.length));
  return Array.from({ length: width }, (_, column) =>
    [...bodies.keys()].filter((row) => (bodies[row][column] ?? ' ') !== ' '),
  );
}

test('a rising line goes from the lower left to the upper right', () => {
  const drawing = plot(
    [
      { x: 0, y: 0 },
      { x: 10_000, y: 1 },
    ],
    { width: 20, height: 5, title: 'Success', xLabel: 'steps', yLabel: 'rate' },
  );
  const columns = ink(drawing);
  assert.is(columns.length, 20);
  assert.equal(columns[0], [4]);
  assert.equal(columns[19], [0]);
  for (let column = 1; column < 20; column++)
    assert.ok(Math.max(...columns[column]) <= Math.max(...columns[column - 1]));
  const lines = drawing.split('\n');
  assert.is(lines[0], 'Success');
  assert.match(lines[1], 'rate');
  assert.match(lines[2], /^ *1 ┤/);
  assert.match(lines.at(-1)!, /0 +10 k steps$/);
});

test('values outside the given ends are drawn at the edge, gaps stay empty', () => {
  const points = [-5, Number.NaN, 9].map((y, x) => ({ x, y }));
  const columns = ink(plot(points, { width: 21, height: 3, min: 0, max: 1 }));
  assert.equal(columns[0], [2]);
  assert.equal(columns.slice(1, 20).flat(), []);
  assert.equal(columns[20], [0]);
});

test('no points, one point and a flat line are drawn too', () => {
  assert.equal(ink(plot([], { width: 10, height: 3 })), []);
  assert.is(ink(plot([{ x: 3, y: 0.2 }], { width: 10, height: 3 })).flat().length, 1);
  const flat = [0, 1, 2].map((x) => ({ x, y: 4 }));
  assert.equal([...new Set(ink(plot(flat, { width: 10, height: 3 })).flat())], [1]);
});

test.run();
