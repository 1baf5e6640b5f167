import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/package-root.ts';

const program = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'windhover-pretrain-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const tiny = ['learn.envs=16', 'learn.horizon=16', 'learn.hidden=[8]'].flatMap((set) => ['--set', set]);

function pretrain(...args: string[]) {
  const options = { cwd: folder, encoding: 'utf8', timeout: 60_000 } as const;
  return spawnSync(process.execPath, [program, 'pretrain', ...tiny, ...args], options);
}

test('piped, learning health is plain lines; the last words name the file of an own vehicle', () => {
  copyFileSync(join(packageRoot(), 'envs', 'vehicles', 'crazyflie.yaml'), join(folder, 'mine.yaml'));
  const { stdout, stderr } = pretrain(
    '--vehicle',
    './mine.yaml',
    '--algorithm',
    'ppo',
    '--steps',
    '2000',
    '--out',
    'own',
  );
  const line = stderr.split('\n').filter((text) => text.startsWith('learning'));
  assert.match(
    line.at(-1)!,
    /100 %.* steps\/s .*eval 0\.\d\d {2}success \S+ {2}return \S+ {2}length \S+ {2}kl 0\.\d+ {2}clip 0\.\d+ {2}entropy \d\.\d+ {2}explained -?\d/,
  );
  assert.match(stderr, /health {3}in \d of 8 iterations: no success yet/);
  assert.match(stdout, /evaluate \S+own --task hover --vehicle \.\/mine\.yaml\n/);
});

test('a learning rate far too high is called so while it learns', () => {
  const { stderr, stdout } = pretrain(
    '--algorithm',
    'ppo',
    '--steps',
    '2000',
    '--set',
    'learn.learningRate=0.5',
    '--out',
    'wild',
  );
  assert.match(stderr, /! KL \d+\.\d{3} is above 0\.05: learning rate too high\?/);
  assert.match(stdout, /evaluate \S+wild --task hover\n/);
});

test('DAgger says how far the policy is from the expert, and refuses settings that it would not heed', () => {
  const { stderr } = pretrain('--steps', '2000', '--out', 'shown');
  assert.match(stderr, /learning .*eval 0\.\d\d {2}success \S+ {2}return \S+ {2}length \S+ {2}imitation loss 0\.\d+\n/);
  for (const [flags, why] of [
    [
      ['--set', 'learn.gamma=0.9'],
      '--set learn.gamma=0.9: dagger learns from an expert, not by it: add --algorithm ppo',
    ],
    [
      ['--algorithm', 'dagger', '--backend', 'cpu'],
      'backend: expected wasm or auto with the algorithm dagger, got cpu',
    ],
    [
      ['--teacher', 'pilot'],
      'randomise: expected false (--no-randomise) with the teacher pilot, got true: it trims nothing',
    ],
  ] as const) {
    const refused = pretrain(...flags);
    assert.is(refused.status, 2);
    assert.is(refused.stderr, `windhover: ${why}\n`);
  }
});

test('a run whose files can grow no more says how to go on, and goes on once they can', () => {
  if (process.platform === 'win32') return console.log('skipped: ulimit is of POSIX shells');
  const limited = ['-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, program, 'pretrain', ...tiny];
  const more = ['--steps', '2000', '--set', 'checkpoint_s=0', '--out', 'full'];
  const { status, stderr } = spawnSync('sh', [...limited, ...more], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 1);
  assert.match(stderr, /go on {3}when it is mended: windhover pretrain --resume \S+full\nwindhover: .*too large/);
  const again = spawnSync(process.execPath, [program, 'pretrain', '--resume', join(folder, 'full')]);
  assert.is(again.status, 0, again.stderr.toString());
});

test('settings that cannot be read are refused by name, with why', () => {
  for (const [file, why] of [
    ['nowhere.yaml', 'there is none'],
    ['.', 'it is a folder'],
  ]) {
    const { status, stderr } = pretrain('--config', file);
    assert.is(status, 2);
    assert.is(stderr, `windhover: --config ${file}: expected a settings file that can be read: ${why}\n`);
  }
  assert.match(pretrain('--resume', 'nowhere').stderr, /leave out --set/);
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const { stderr } = spawnSync(process.execPath, [program, 'pretrain', '--resume', 'nowhere'], options);
  assert.match(stderr, /nowhere: expected a run to resume, but there is no such folder\n$/);
});

test.run();
