import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Measured, Observer } from '../../envs/observation.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { budgetOf } from '../../src/export/budget.ts';
import { headerText } from '../../src/export/c.ts';
import { OnboardPolicy, type Setpoint, setpointOf } from '../../src/export/onboard.ts';
import { recordSequences } from '../../src/export/recorded.ts';
import { readPolicy, zooNames } from '../../src/policy-folder.ts';
import { readFlights } from '../../src/telemetry/logs/index.ts';
import { enuFluFromNedFrd, enuFromNed, fluFromFrd } from '../../src/telemetry/logs/rotations.ts';
import { finetune } from '../../src/transfer/finetune.ts';
import { flightSamples } from '../../src/transfer/samples.ts';
import { findCompiler, findCppCompiler } from '../compiler.ts';
import { flightsFolder, givenPolicy, near } from '../given.ts';
import { flights, givenSource, quick } from '../transfer/given-finetune.ts';
import {
  type Answer,
  answerOf,
  answerSize,
  compiled,
  flyRecorded,
  givenPolicyOf,
  record,
  rounded,
  run,
  STRICT,
  temporaryFolder,
} from './given-export.ts';

/**
 * The C code rounds to floats after each operation, Windhover computes in doubles and rounds what it stores: sums of some
 * 60 products of size 1 differ by 60 · 6e-8 at most, and by a tenth of that as a rule. Measured: 1.1e-6 at most.
 */
const TOLERANCE = 4e-6;

/**
 * Where each remembers its own actions, differences go on: `hover-motors` trims by its memory, and along states that do
 * not answer, as recorded ones do not, a difference grows sixfold a second. In the first second it stays below this.
 */
const SELF_FED = { steps: 100, tolerance: 2e-5 };

const compiler = await findCompiler();
const folder = temporaryFolder();

/**
 * Fails where the C code's answers differ from what Windhover asks for along the same inputs, each step with the actions
 * remembered that the C code took.
 */
function follows(program: string, policy: Policy, inputs: Measured[]): Answer[] {
  const { contract, actor } = policy;
  const { spec, normaliser, size } = contract.observation;
  const records = inputs.map((measured, t) => record(policy, measured, 0, t === 0));
  const answers = run(program, policy, records);
  const observer = new Observer(spec, 1);
  const network = new MlpInference(actor, 1);
  const obs = new Float32Array(size);
  const action = new Float32Array(4);
  assert.is(answers.length, inputs.length);
  inputs.forEach((measured, t) => {
    observer.observe(0, measured, obs, 0);
    normalise(normaliser, obs, 1, obs);
    network.run(obs, 1, action);
    const wanted = asked(setpointOf(contract, action.map(clipped), measured.voltage));
    assert.is(answers[t].returned, 1);
    answers[t].action.forEach((value, k) => near(value, clipped(action[k]), TOLERANCE, `step ${t}: action[${k}]`));
    answers[t].asked.forEach((value, k) => near(value, wanted[k], 8 * TOLERANCE, `step ${t}: asked[${k}]`)); // up to 8 rad/s
    observer.act(0, answers[t].action);
  });
  const onboard = new OnboardPolicy(policy);
  for (let t = 0; t < Math.min(SELF_FED.steps, inputs.length); t++) {
    onboard.step(inputs[t]);
    onboard.action.forEach((value, k) => near(answers[t].action[k], value, SELF_FED.tolerance, `step ${t}, self-fed`));
  }
  return answers;
}

function clipped(action: number): number {
  return Math.min(1, Math.max(-1, action));
}

/** In the order of `windhover_output`. */
function asked(setpoint: Setpoint): number[] {
  if (setpoint.mode === 'motors') return [...setpoint.thrust, ...setpoint.command];
  return [setpoint.thrust, setpoint.command, ...setpoint.rates];
}

/** How far actions range along a flight: a comparison of constants would tell nothing. */
function spread(answers: Answer[]): number {
  const first = answers.map(({ action }) => action[0]);
  return Math.max(...first) - Math.min(...first);
}

if (!compiler) console.log('skipped: no C compiler (set CC, or install gcc), so that no C code was compiled');

function testC(name: string, body: (compiler: string) => void | Promise<void>): void {
  if (compiler) test(name, () => body(compiler));
}

for (const name of zooNames())
  testC(`${name} in C asks for what Windhover asks for, along a simulated flight`, async (cc) => {
    const policy = readPolicy(name);
    const { steps } = await flyRecorded(policy);
    assert.ok(steps.length > 100, `${steps.length} steps`);
    const answers = follows(
      compiled(cc, policy),
      policy,
      steps.map(({ measured }) => measured),
    );
    assert.ok(spread(answers) > 0.1);
  });

testC('what was fine-tuned on flights, with its fitted command map, does too', async (cc) => {
  givenSource(join(folder, 'source'));
  await finetune({ ...quick, policy: join(folder, 'source'), flights, out: join(folder, 'tuned'), force: true });
  const policy = readPolicy(join(folder, 'tuned'));
  const { commandMap } = policy.contract;
  assert.ok(commandMap.motors && commandMap.level !== 1, JSON.stringify(commandMap));
  commandMap.motors = [1.1, 0.9, 1.05, 0.95]; // the flights' motors are all alike
  const { steps } = await flyRecorded(policy, { steps: 300 });
  follows(compiled(cc, policy), policy, [...steps.map(({ measured }) => measured), ...drawn(policy, 300)]);
});

/** Inputs from all over. */
function drawn(policy: Policy, steps: number): Measured[] {
  return recordSequences(policy, 1, steps)[0].map(({ measured }) => measured);
}

const real = flightsFolder();
if (real)
  testC('it does so along a real flight', async (cc) => {
    const policy = readPolicy('waypoint-motors-pilot');
    const { rate_Hz, observation } = policy.contract;
    const [flight] = await readFlights(join(real, 'nanobench', 'B2_circle_slow_rep2.csv.gz'));
    const samples = flightSamples(flight, rate_Hz, observation.spec.nominalVoltage_V);
    const { from, end } = samples.stretches[0];
    const at = (columns: Float64Array[], t: number) => columns.map((column) => column[t]);
    const inputs = Array.from({ length: Math.min(3000, end - from) }, (_, k) =>
      rounded({
        position: at(samples.position, from + k),
        quaternion: at(samples.quaternion, from + k),
        velocity: at(samples.velocity, from + k),
        rates: at(samples.rates, from + k),
        voltage: samples.voltage[from + k],
        goal: at(samples.goal, from + k),
      }),
    );
    assert.ok(inputs.length > 1000);
    assert.ok(spread(follows(compiled(cc, policy), policy, inputs)) > 0.1);
  });
else console.log('skipped: no real flights, so C code was not run along one');

const variants: [string, Policy][] = [
  ['no memory at all', givenPolicyOf({ actionHistory: 0, actionAverages_s: [], stateAverages_s: [] }, 'motors', [8])],
  ['one past action', givenPolicyOf({ actionHistory: 1, actionAverages_s: [], stateAverages_s: [] }, 'motors', [8, 8])],
  ['five past actions and one average', givenPolicyOf({ actionHistory: 5, actionAverages_s: [0.2] }, 'ctbr', [16])],
  [
    'state averages alone',
    givenPolicyOf({ actionHistory: 0, actionAverages_s: [], stateAverages_s: [1] }, 'motors', [7]),
  ],
  [
    'beams, a moving goal and another rate',
    givenPolicyOf({ beams: 5, goalVelocity: true, rate_Hz: 250 }, 'motors', [10, 6, 5]),
  ],
  [
    'beams and no memory',
    givenPolicyOf({ beams: 4, actionHistory: 0, actionAverages_s: [], stateAverages_s: [] }, 'ctbr', [12]),
  ],
  ['a moving goal, far goals', givenPolicyOf({ goalVelocity: true, goalErrorLimit_m: 0.2 }, 'ctbr', [9])],
  ['no hidden layer', givenPolicyOf({}, 'motors', [])],
];
for (const [what, policy] of variants)
  testC(`a policy with ${what} is the same in C`, (cc) => {
    const answers = follows(compiled(cc, policy), policy, drawn(policy, 200));
    assert.ok(spread(answers) > 0.1);
  });

testC('a run after a reset repeats the first to the bit, and without one does not: the state is all there is', (cc) => {
  const policy = readPolicy('hover-motors');
  const program = compiled(cc, policy);
  const inputs = drawn(policy, 50);
  const pass = (reset: boolean) => inputs.map((measured, t) => record(policy, measured, 0, reset && t === 0));
  const answers = run(program, policy, [...pass(true), ...pass(true), ...pass(false)]);
  assert.equal(answers.slice(50, 100), answers.slice(0, 50));
  assert.ok(Math.abs(answers[100].action[0] - answers[0].action[0]) > 1e-3);
});

testC('two vehicles side by side do not disturb each other', (cc) => {
  const policy = readPolicy('hover-motors');
  const program = compiled(cc, policy);
  const inputs = drawn(policy, 50);
  const alone = run(
    program,
    policy,
    inputs.map((measured, t) => record(policy, measured, 0, t === 0)),
  );
  const mixed = inputs.flatMap((measured, t) => [
    record(policy, measured, 0, t === 0),
    record(policy, inputs[49 - t], 1, t === 0),
  ]);
  assert.equal(
    run(program, policy, mixed).filter((_, i) => i % 2 === 0),
    alone,
  );
});

testC(
  'NED and FRD with the signs of y and z changed give what the log importer makes of them, turned about z',
  (cc) => {
    const policy = givenPolicyOf({ goalVelocity: true }, 'motors', [16]);
    const program = compiled(cc, policy);
    const ned = drawn(policy, 60); // any numbers will do as north, east, down
    const signs = (v: ArrayLike<number>) => Array.from(v, (x, k) => (k === 1 || k === 2 ? -x : x));
    const bySigns = ned.map((each) => ({
      ...each,
      position: signs(each.position),
      quaternion: signs(each.quaternion),
      velocity: signs(each.velocity),
      rates: signs(each.rates),
      goal: signs(each.goal),
      goalVelocity: signs(each.goalVelocity!),
    }));
    const byImporter = ned.map((each) => ({
      ...each,
      position: enuFromNed(each.position),
      quaternion: enuFluFromNedFrd([3, 0, 1, 2].map((k) => each.quaternion[k])),
      velocity: enuFromNed(each.velocity),
      rates: fluFromFrd(each.rates),
      goal: enuFromNed(each.goal),
      goalVelocity: enuFromNed(each.goalVelocity!),
    }));
    const [one, other] = [bySigns, byImporter].map((inputs) =>
      run(
        program,
        policy,
        inputs.map((measured, t) => record(policy, measured, 0, t === 0)),
      ),
    );
    one.forEach(({ action }, t) => action.forEach((value, k) => near(value, other[t].action[k], SELF_FED.tolerance)));
    assert.ok(spread(one) > 0.1);
  },
);

testC('an input that is no number is refused, and neither remembered nor answered', (cc) => {
  const policy = givenPolicyOf({ beams: 3, goalVelocity: true }, 'motors', [8]);
  const good = drawn(policy, 6).map((measured, t) => record(policy, measured, 0, t === 0));
  const fields = good[0].length;
  const bad = [Number.NaN, Number.POSITIVE_INFINITY, -1e30].flatMap((value) =>
    Array.from({ length: fields - 2 }, (_, k) => good[3].map((number, i) => (i === k + 2 ? value : number))),
  );
  const flat = good[3].map((number, i) => (i === 2 + 13 ? 0 : number)); // voltage
  const [unready, long] = [0, 1.2].map((by) => good[3].map((number, i) => (i >= 5 && i < 9 ? by * number : number))); // quaternion
  const wrong = [...bad, flat, unready, long];
  const program = compiled(cc, policy, { flags: ['-O2', '-ffast-math'] }); // which may assume that there is no NaN
  const answers = run(program, policy, [...good.slice(0, 3), ...wrong, ...good.slice(3)]);
  const refused = answers.slice(3, 3 + wrong.length);
  assert.ok(refused.every(({ returned }) => returned === 0));
  assert.ok(refused.every(({ asked: [first] }) => first === answers[2].asked[0]));
  assert.equal(answers.slice(3 + wrong.length), run(program, policy, good).slice(3));
});

testC('the self-test passes, also as the compiler likes it best, and sees one wrong number', (cc) => {
  for (const name of ['hover-motors', 'hover-ctbr', 'forest-motors', 'track-motors'])
    for (const flags of [['-O0'], ['-O3', '-ffast-math', '-march=native']]) {
      const { wrong, worst } = selfTest(cc, readPolicy(name), (text) => text, flags);
      assert.is(wrong, 0, `${name} ${flags}: ${worst}`);
      assert.ok(worst < SELF_FED.tolerance, `${name}: ${worst}`);
    }
  const breakages: [string, RegExp, string][] = [
    ['a weight', /(_WEIGHTS\[\d+\] = \{\n {2}[^,]+), [^,]+/, '$1, 3.0f'],
    ['the order of averages', /state_averages\[i\]\[k\];\n/, 'state_averages[1 - i][k];\n'],
    ['a gain', /_STATE_GAINS\[2\] = \{ [^,]+/, '_STATE_GAINS[2] = { 0.05f'],
    ['past actions', /past_actions\[0\]\[k\] = action\[k\]/, 'past_actions[0][k] = action[3 - k]'],
    [
      'the rotation',
      /body_from_world\[1\] = 2\.0f \* \(x \* y \+ w \* z\)/,
      'body_from_world[1] = 2.0f * (x * y - w * z)',
    ],
    ['the battery', /_ask\(sensors->voltage/, '_ask(1.1f * sensors->voltage'],
  ];
  for (const [what, from, to] of breakages) {
    const edit = (text: string) => {
      assert.match(text, from);
      return text.replace(from, to);
    };
    assert.ok(selfTest(cc, readPolicy('hover-motors'), edit).wrong > 0, what);
  }
});

function selfTest(cc: string, policy: Policy, edit: (text: string) => string, flags = ['-O2']) {
  const program = compiled(cc, policy, { flags: [...flags, '-DWINDHOVER_SELF_TEST'], edit });
  const [wrong, worst] = execFileSync(program, ['parts'], { encoding: 'utf8' }).split(/\s+/).map(Number);
  return { wrong, worst };
}

testC('two policies under the same names do not get into one program', (cc) => {
  const folder = temporaryFolder();
  for (const name of ['hover-motors', 'waypoint-motors'])
    writeFileSync(join(folder, `${name}.h`), headerText(readPolicy(name), `${name}.h`, 'windhover'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const build = (...files: string[]) => spawnSync(cc, [...files, '-o', 'program'], { cwd: folder, encoding: 'utf8' });
  write(
    'one.c',
    '#define WINDHOVER_IMPLEMENTATION\n#include "hover-motors.h"\n#include "waypoint-motors.h"\nint main(void) { return 0; }\n',
  );
  const one = build('one.c');
  assert.is.not(one.status, 0);
  assert.match(one.stderr, /two policies are exported under the same names.*--prefix/);
  write('body.c', '#define WINDHOVER_IMPLEMENTATION\n#include "waypoint-motors.h"\n');
  write(
    'use.c',
    '#include "hover-motors.h"\nint main(void) { static windhover_state state; windhover_reset(&state); return 0; }\n',
  );
  assert.match(build('body.c', 'use.c').stderr, /windhover_reset/);
  write('same.c', '#define WINDHOVER_IMPLEMENTATION\n#include "hover-motors.h"\n#include "hover-motors.h"\n');
  assert.is(build('same.c', 'use.c').status, 0);
});

testC('it takes as much memory as is said', (cc) => {
  for (const policy of [readPolicy('forest-motors'), ...variants.map(([, each]) => each)]) {
    const [state, constants] = execFileSync(compiled(cc, policy), ['parts'], { encoding: 'utf8' })
      .split(/\s+/)
      .map(Number);
    const { ramBytes, flashBytes, parameters } = budgetOf(policy.contract);
    assert.equal([state, constants], [ramBytes, flashBytes]);
    assert.is(
      parameters,
      [...policy.actor.kernels, ...policy.actor.biases].reduce((sum, { length }) => sum + length, 0),
    );
  }
});

testC('its own exp, log, tanh and power are right to a few units in the last place', (cc) => {
  const program = compiled(cc, givenPolicy(), { flags: ['-O2', '-DMATH_TEST', '-Wno-unused-function'] });
  const pairs: number[] = [];
  for (let x = -12; x <= 12; x += 0.00037) pairs.push(Math.fround(x), Math.fround(Math.exp(x)));
  const { stdout } = spawnSync(program, { input: Buffer.from(Float32Array.from(pairs).buffer), maxBuffer: 1 << 28 });
  const answers = new Float32Array(Uint8Array.from(stdout).buffer);
  assert.is(answers.length, 2 * pairs.length);
  const worst = [0, 0, 0, 0];
  for (let i = 0; i < pairs.length; i += 2) {
    const [x, y] = [pairs[i], pairs[i + 1]];
    const expected = [Math.exp(x), Math.log(y), Math.tanh(x), y ** Math.fround(0.7)];
    // log and power of a log: relative to no less than 1, since they are exponents
    const sizes = [expected[0], Math.max(1, Math.abs(expected[1])), expected[2], expected[3]];
    expected.forEach((value, k) => {
      if (sizes[k] === 0) return;
      worst[k] = Math.max(worst[k], Math.abs((answers[2 * i + k] - value) / sizes[k]));
    });
  }
  const unit = 2 ** -24;
  assert.ok(worst[0] <= 4 * unit && worst[1] <= 4 * unit && worst[2] <= 4 * unit, worst.join(' '));
  assert.ok(worst[3] <= 16 * unit, worst.join(' ')); // e to the power of up to 8.4, whose own rounding is magnified
});

testC('nothing of a library is needed, and C++ takes it, twice in one program under two names', (cc) => {
  const policy = readPolicy('hover-ctbr');
  const place = temporaryFolder();
  writeFileSync(join(place, 'a.h'), headerText(policy, 'a.h', 'left'));
  writeFileSync(join(place, 'b.h'), headerText(readPolicy('forest-motors'), 'b.h', 'right'));
  const implement = '#define LEFT_IMPLEMENTATION\n#define RIGHT_IMPLEMENTATION\n#include "a.h"\n#include "b.h"\n';
  writeFileSync(join(place, 'both.c'), implement);
  writeFileSync(
    join(place, 'use.c'),
    '#include "a.h"\n#include "b.h"\nint main(void) { left_state a; right_state b; left_reset(&a); right_reset(&b); return 0; }\n',
  );
  execFileSync(cc, [...STRICT, '-O2', 'both.c', 'use.c', '-o', 'use'], { cwd: place, stdio: 'pipe' });
  execFileSync(join(place, 'use'));
  execFileSync(cc, [...STRICT, '-O2', '-ffreestanding', '-c', 'both.c', '-o', 'both.o'], { cwd: place, stdio: 'pipe' });
  const { stdout } = spawnSync('nm', ['-u', 'both.o'], { cwd: place, encoding: 'utf8' });
  const needed = (stdout ?? '')
    .split('\n')
    .map((line) => line.trim().replace(/^U /, ''))
    .filter(Boolean);
  // compilers make these of loops, and every target has them
  assert.equal(
    needed.filter((name) => !['memset', 'memcpy', '_GLOBAL_OFFSET_TABLE_'].includes(name)),
    [],
  );
  const cpp = findCppCompiler();
  if (!cpp) return console.log('skipped: no C++ compiler, so C code was not compiled as C++');
  execFileSync(cpp, ['-x', 'c++', '-Wall', '-Wextra', '-Werror', '-pedantic', '-c', 'both.c'], {
    cwd: place,
    stdio: 'pipe',
  });
});

testC('names from a policy cannot break out of comments', (cc) => {
  const policy = givenPolicy();
  policy.contract.name = '*/ int x = 1; /* ??/\n\\';
  policy.contract.commandMap.unit = '*/ }; #error';
  compiled(cc, policy);
});

testC('C code flies: the simulator, steered by it step by step, gets to where it should', async (cc) => {
  for (const name of ['hover-motors', 'waypoint-ctbr']) {
    const policy = readPolicy(name);
    const { ask, end } = conversation(compiled(cc, policy), policy);
    let first = true;
    const { success, steps } = await flyRecorded(policy, {
      seed: 3,
      steps: 5000,
      next: async ({ measured }) => {
        const { action } = await ask(record(policy, measured, 0, first));
        first = false;
        return Float32Array.from(action);
      },
    });
    end();
    assert.ok(success, `${name}: ${steps.length} steps`);
  }
});

/** The program, asked one step at a time. */
function conversation(program: string, { contract }: Policy): { ask(record: number[]): Promise<Answer>; end(): void } {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'], cwd: dirname(program) });
  const wanted = 4 * answerSize(contract.action.mode);
  let bytes = Buffer.alloc(0);
  let answered = (_answer: Answer) => {};
  child.stdout.on('data', (data: Buffer) => {
    bytes = Buffer.concat([bytes, data]);
    if (bytes.length < wanted) return;
    const floats = new Float32Array(Uint8Array.from(bytes.subarray(0, wanted)).buffer);
    bytes = bytes.subarray(wanted);
    answered(answerOf(floats));
  });
  return {
    ask: (numbers) =>
      new Promise((resolve) => {
        answered = resolve;
        child.stdin.write(Buffer.from(Float32Array.from(numbers).buffer));
      }),
    end: () => child.stdin.end(),
  };
}

test('floats of a file are the very floats of the policy', () => {
  const policy = givenPolicy();
  const text = headerText(policy, 'policy.h', 'windhover');
  const written = /_WEIGHTS\[\d+\] = \{([^}]*)\}/
    .exec(text)![1]
    .split(',')
    .map((each) => Math.fround(Number.parseFloat(each)));
  const all = new Set(written);
  for (const kernel of policy.actor.kernels) for (const weight of kernel) assert.ok(all.has(weight), String(weight));
});

test('the same policy gives the same text', () => {
  const policy = readPolicy('hover-motors');
  assert.is(headerText(policy, 'a.h', 'windhover'), headerText(policy, 'a.h', 'windhover'));
});

test.run();
