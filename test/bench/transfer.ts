// What real flights and hidden twins show of transfer: npm run bench:transfer, with --json, --only NAME and
// --test-flights DIR (flights that nothing was developed on, in the layout of the folder of real flights).
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { flightsFolder } from '../given.ts';
import type { Figure } from './figures.ts';
import type { BenchContext } from './transfer/context.ts';
import { FIGURES } from './transfer/figures.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, 'test-flights': { type: 'string' } },
});
const names = Object.keys(FIGURES);
if (values.only !== undefined && !names.includes(values.only))
  refuse(`--only: expected one of ${names.join(', ')}, got ${values.only}`);
const flights = flightsFolder();
if (!flights) refuse('expected real flights in ../shared/flights or $WINDHOVER_FLIGHTS, found no such folder');
const testFlights = values['test-flights'] === undefined ? null : resolve(values['test-flights']);
const context: BenchContext = { flights, testFlights };
const asked = values.only === undefined ? names : [values.only];
if (testFlights !== null)
  for (const folder of new Set(asked.flatMap(flightsOf)))
    if (!existsSync(join(testFlights, folder)))
      refuse(
        `--test-flights: expected a folder ${folder} in ${testFlights}, as in the folder of real flights; there is none`,
      );

const figures: Figure[] = [];
for (const name of asked) {
  const started = performance.now();
  const { measure } = await FIGURES[name]();
  const figure = await measure(context);
  figures.push(figure);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const line = `${name.padEnd(20)} ${figure.value.toPrecision(4).padStart(10)} ${figure.unit.padEnd(10)} ${figure.reach.padEnd(12)} ${figure.met ? 'met   ' : 'MISSED'} ${seconds.padStart(5)} s`;
  (values.json ? console.error : console.log)(line);
}
const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: process.platform };
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
if (values.json)
  console.log(JSON.stringify({ machine, versions: { node: process.versions.node, windhover: version }, figures }));

/** Which folder's flights a figure is judged by; those of twins need none. */
function flightsOf(name: string): string[] {
  if (name === 'twin_recovery' || name === 'sysid_truth') return [];
  return [name === 'motors_swap' ? 'crazyswarm2' : 'nanobench'];
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
