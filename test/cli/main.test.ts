import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../envs/input-error.ts';
import { commands } from '../../src/cli/commands.ts';
import { failureOf } from '../../src/cli/failure.ts';
import { Interrupted } from '../../src/cli/interrupt.ts';
import { packageRoot } from '../../src/package-root.ts';

const program = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');

function windhover(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

test('--version is the one in package.json, as text and as JSON', () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  assert.is(windhover('--version').stdout, `${version}\n`);
  assert.is(JSON.parse(windhover('--version', '--json').stdout).version, version);
  assert.is(windhover('pretrain', '--version').stdout, `${version}\n`);
});

test('--help names every command, in the order of the work', () => {
  const { stdout, status } = windhover('--help');
  const places = commands.map(({ name }) => stdout.indexOf(`\n  ${name} `));
  assert.ok(places.every((place) => place > 0));
  assert.equal(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.is(status, 0);
});

test('--help --json lists the commands for programs', () => {
  const help = JSON.parse(windhover('--help', '--json').stdout);
  assert.is(help.command, 'windhover');
  assert.equal(
    help.commands.map(({ name }: { name: string }) => name),
    commands.map(({ name }) => name),
  );
});

for (const { name, summary } of commands) {
  test(`${name} has --help, as text and as JSON`, () => {
    const text = windhover(name, '--help');
    assert.is(text.status, 0, text.stderr);
    assert.ok(text.stdout.startsWith(`Usage: windhover ${name}`), text.stdout);
    const help = JSON.parse(windhover(name, '--help', '--json').stdout);
    assert.is(help.command, name);
    assert.is(help.summary, summary);
    assert.ok(help.options.some((option: { name: string }) => option.name === '--json'));
    assert.ok(Array.isArray(help.arguments));
    assert.is(windhover('help', name).stdout, text.stdout);
  });

  test(`${name} refuses an unknown flag in one line, with exit code 2 and an empty stdout`, () => {
    const { options = [] } = JSON.parse(windhover(name, '--help', '--json').stdout);
    const needed = options.filter((option: { required: boolean }) => option.required);
    const given = needed.flatMap((option: { name: string }) => [option.name, 'x']);
    const { stdout, stderr, status } = windhover(name, ...given, '--jsno', '--json');
    assert.is(status, 2);
    assert.is(stdout, '');
    assert.is(stderr, "windhover: unknown option '--jsno'; did you mean --json?\n");
  });
}

test('an unknown command is refused with the nearest one', () => {
  const { stdout, stderr, status } = windhover('pretrian', '--json');
  assert.is(status, 2);
  assert.is(stdout, '');
  assert.is(stderr, "windhover: unknown command 'pretrian'; did you mean pretrain?\n");
  const help = windhover('pretrian', '--help');
  assert.is(help.status, 2);
  assert.is(help.stderr, stderr);
});

test('no command is wrong use: the help goes to stderr', () => {
  const { stdout, stderr, status } = windhover();
  assert.is(status, 2);
  assert.is(stdout, '');
  assert.match(stderr, 'Usage: windhover COMMAND');
});

test('a missing argument is named', () => {
  const { stderr, status } = windhover('evaluate');
  assert.is(status, 2);
  assert.match(stderr, /^windhover: missing required argument 'policy'\n$/i);
});

test('--help loads commander and no command, since loading TensorFlow.js alone takes a second', () => {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-loaded-'));
  try {
    spawnSync(process.execPath, [program, '--help'], { env: { ...process.env, NODE_V8_COVERAGE: folder } });
    const [report] = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    const loaded = report.result
      .map(({ url }: { url: string }) => url)
      .filter((url: string) => url.startsWith('file:'));
    assert.ok(loaded.some((url: string) => url.endsWith('/cli/main.js')));
    const names = commands.map(({ name }) => `/cli/${name}.js`);
    const others = /node_modules\/(?!commander\/)/;
    assert.equal(
      loaded.filter((url: string) => names.some((name) => url.endsWith(name)) || others.test(url)),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a reader that goes away leaves no stack trace', async () => {
  const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const status = await new Promise((done) => child.on('close', done));
  assert.is(stderr, '');
  assert.is(status, 0);
});

test('errors become exit codes: what the user can mend 2, Ctrl-C 130, the rest 1', () => {
  assert.equal(failureOf(new InputError('x.yaml: mass_kg: expected a number above 0, got -1')), {
    exitCode: 2,
    message: 'x.yaml: mass_kg: expected a number above 0, got -1',
  });
  assert.equal(failureOf(new Interrupted('stopped; resume with …')), {
    exitCode: 130,
    message: 'stopped; resume with …',
  });
  assert.is(failureOf(AbortSignal.abort().reason).exitCode, 130);
  assert.equal(failureOf(new TypeError('first line\nsecond line')), { exitCode: 1, message: 'first line' });
  assert.equal(failureOf('a thrown text'), { exitCode: 1, message: 'a thrown text' });
  const wrongUse = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--a'\n(Did you mean --b?)");
  assert.equal(failureOf(wrongUse), { exitCode: 2, message: "unknown option '--a'; did you mean --b?" });
});

test.run();
