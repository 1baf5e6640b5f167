/**
 * Runs the tests: `node test/run.mjs [PATTERN…]`, each file that has a pattern in its path, or all of them.
 *
 * Every file gets a process of its own. A file fails when its process does, when it takes longer than five minutes,
 * and when it reports no tests: uvu exits with 0 where `test.run()` is forgotten. The last line of the output is
 * `N passed, N failed`, with `, N skipped` where some were. Options, for the runner's own test: `--root DIR` looks
 * for tests there, `--no-build` takes dist/ as it is, `--timeout SECONDS`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const { values: options, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: 'string', default: join(packageRoot, 'test') },
    build: { type: 'boolean', default: true },
    timeout: { type: 'string', default: '300' },
  },
  allowNegative: true,
});

/** All files below `folder`, without what is installed, built or made by runs. */
function filesBelow(folder) {
  const left = ['node_modules', 'zoo', 'dist'];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (left.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const changedAt = (path) => statSync(path).mtimeMs;

/** Tests of the command line run what `npm run build` makes; it is made again where a source is newer. */
function needsBuild() {
  const built = ['src/cli/main.js', 'kernels', 'viewer/index.html'].map((name) => join(packageRoot, 'dist', name));
  if (!built.every(existsSync)) return true;
  const sources = ['src', 'envs', 'policies', 'viewer'].flatMap((room) => filesBelow(join(packageRoot, room)));
  const code = sources.filter((path) => !path.endsWith('.md'));
  return Math.max(...code.map(changedAt)) > Math.min(...built.map(changedAt));
}

function build() {
  console.log('building dist/, which is missing or older than the sources');
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: packageRoot, stdio: 'inherit', shell: true });
  if (status === 0) return;
  console.log('✗ npm run build failed, so no test was run\n0 passed, 1 failed');
  process.exit(1);
}

const running = new Set();

function kill(child) {
  try {
    // the group: a test's own servers and browsers go too
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of running) kill(child);
    process.exit(130);
  });

/** Runs one file; resolves to its output, exit code (null: killed) and seconds. */
function runFile(file) {
  return new Promise((done) => {
    const start = performance.now();
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      cwd: packageRoot,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    running.add(child);
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output += text;
      });
    }
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child);
    }, Number(options.timeout) * 1000);
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      running.delete(child);
      kill(child); // what the file left running
      done({ file, output, exitCode, timedOut, seconds: (performance.now() - start) / 1000 });
    });
  });
}

const total = (output, name) => {
  const found = [...output.matchAll(new RegExp(`^\\s*${name}:\\s+(\\d+)\\s*$`, 'gm'))];
  return found.length > 0 ? Number(found.at(-1)[1]) : null;
};

/** What a file says it left out, such as tests on flights that are not there. */
const skipNotes = (output) =>
  output.split('\n').filter((line) => /\bskipped\b/i.test(line) && !/^\s*Skipped:\s+\d+\s*$/.test(line));

/** Counts of a finished file, and why it failed where uvu's own totals do not tell. */
function judge({ output, exitCode, timedOut }) {
  const [tests, passed, skipped] = ['Total', 'Passed', 'Skipped'].map((name) => total(output, name) ?? 0);
  const notes = skipNotes(output);
  const failed = tests - passed;
  const result = { passed, failed, skipped, notes, why: '' };
  if (timedOut) return { ...result, failed: Math.max(1, failed), why: `took longer than ${options.timeout} s` };
  if (exitCode !== 0 && failed === 0) return { ...result, failed: 1, why: `ended with exit code ${exitCode}` };
  if (total(output, 'Total') === null) return { ...result, failed: 1, why: 'reported no totals' };
  if (tests > 0 || skipped > 0) return result;
  if (notes.length > 0) return { ...result, skipped: 1 };
  return { ...result, failed: 1, why: 'ran no tests; is test.run() missing?' };
}

const sum = { passed: 0, failed: 0, skipped: 0 };

function report(finished) {
  const { passed, failed, skipped, notes, why } = judge(finished);
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`, why];
  const name = relative(packageRoot, finished.file);
  console.log(`${failed ? '✗' : '✓'} ${name}  ${counts.filter(Boolean).join(', ')}  ${finished.seconds.toFixed(1)} s`);
  if (failed) console.log(finished.output.trimEnd().replace(/^/gm, '    '));
  else for (const note of notes) console.log(`    ${note.trim()}`);
}

if (options.build && needsBuild()) build();
const root = resolve(options.root);
const wanted = (file) =>
  patterns.length === 0 || patterns.some((pattern) => relative(packageRoot, file).includes(pattern));
const files = filesBelow(root)
  .filter((file) => file.endsWith('.test.ts') && wanted(file))
  .sort();

/** Tests that open a page; a browser is fetched before them, which may take longer than a test file may. */
const wantsBrowser = (file) => /from '[./]*\/browser\.ts'/.test(readFileSync(file, 'utf8'));
/** So is a C compiler; where none can be had, these tests say themselves that they are skipped. */
const wantsCompiler = (file) => /from '[./]*\/compiler\.ts'/.test(readFileSync(file, 'utf8'));

/** Runs a function of a test's helper and prints what it resolves to. */
function askHelper(helper, name) {
  const script = `console.log(await (await import('./test/${helper}')).${name}())`;
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: packageRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function fetchBrowser() {
  const { stdout, status } = askHelper('browser.ts', 'findBrowser');
  if (status === 0) process.env.CHROME_PATH = stdout.trim();
  return status === 0;
}

if (files.some(wantsBrowser) && !fetchBrowser()) {
  for (const file of files.filter(wantsBrowser)) {
    console.log(`✗ ${relative(packageRoot, file)}  needs a browser, see above`);
    files.splice(files.indexOf(file), 1);
    sum.failed++;
  }
}

if (files.some(wantsCompiler)) askHelper('compiler.ts', 'findCompiler');

async function worker() {
  for (let file = files.shift(); file; file = files.shift()) report(await runFile(file));
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));

if (sum.passed + sum.failed + sum.skipped === 0) {
  console.log(`✗ no test file matches ${patterns.join(' ') || root}`);
  sum.failed = 1;
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = sum.failed ? 1 : 0;
