import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Flight } from '../telemetry/flight.ts';
import type { Foretold, ForetoldError, Identification } from '../transfer/identify/index.ts';
import { checkOutFile, COLUMNS_OPTION } from './options.ts';
import { note, Progress, printJson, prose, table } from './output.ts';

interface Flags {
  vehicle: string;
  test?: string[];
  out: string;
  columns?: string;
  force?: boolean;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('<log...>', 'flight logs of one vehicle, in any format that inspect reads')
    .option('--vehicle <vehicle>', 'vehicle or vehicle file to begin at: mass, arms and sensors are its', 'crazyflie')
    .option('--test <log...>', 'flights to learn nothing from, and to say how well the found vehicle foretells them')
    .option('--out <file>', 'vehicle file to write', 'vehicle.yaml')
    .option(...COLUMNS_OPTION)
    .option('--force', 'write over a file that is there')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      '\nExample: windhover identify flights/*.csv.gz --vehicle crazyflie --test others/*.csv.gz --out mine.yaml',
    )
    .action(run);
}

async function run(logs: string[], { vehicle: name, test, out, columns, force, json }: Flags): Promise<void> {
  if (!/\.ya?ml$/.test(out)) throw new InputError(`--out: expected a file ending in .yaml, got ${out}`);
  checkOutFile('--out', out);
  const file = resolve(out);
  if (existsSync(file) && !force)
    throw new InputError(`${file}: expected no such file yet; choose another --out, or --force`);
  const { readVehicle } = await import('../vehicle-file.ts');
  const { writeWhole } = await import('../learn/run-folder.ts');
  const { foretell, holdOut, vehicleText } = await import('../transfer/identify/index.ts');
  const base = readVehicle(name);
  const flights = await readAll(logs, columns);
  const heldOut = test ? holdOut(await readAll(test, columns), flights, base) : null;
  const found = await fit(flights, base);
  writeWhole(file, vehicleText(found, name));
  const foretold = heldOut ? foretell(heldOut, found.vehicle) : null;
  for (const warning of [...found.warnings, ...(heldOut?.warnings ?? [])]) note(`warning  ${warning}`);
  if (json) printJson({ out: file, ...found, ...(foretold ? { foretold } : {}) });
  else {
    const parts = [summary(found), ...(foretold ? [comparison(foretold, base.name)] : []), `vehicle  ${file}`];
    process.stdout.write(`${parts.join('\n\n')}\n`);
  }
}

async function readAll(logs: string[], columns?: string): Promise<Flight[]> {
  const { readFlights } = await import('../telemetry/logs/index.ts');
  const flights: Flight[] = [];
  for (const log of logs) flights.push(...(await readFlights(log, { columns })));
  return flights;
}

/** Fits, and shows how far it is. */
async function fit(flights: Flight[], base: Vehicle): Promise<Identification> {
  const { identify } = await import('../transfer/identify/index.ts');
  let progress: Progress | null = null;
  const found = identify(flights, base, (done, total) => {
    progress ??= new Progress({ label: 'fitting', total });
    progress.update(done, counted(flights.length));
  });
  (progress as Progress | null)?.end();
  return found;
}

function counted(flights: number): string {
  return flights === 1 ? '1 flight' : `${flights} flights`;
}

/** What was found, for people: from the same object that `--json` prints. */
export function summary({ parameters, refused, combinations, centre, flights }: Identification): string {
  const show = (value: number) => String(Number(value.toPrecision(3)));
  const rows = parameters.map(({ name, value, interval: [low, high], unit, verdict }) => [
    name,
    show(value),
    `${show(low)} to ${show(high)}`,
    unit,
    verdict,
  ]);
  const trims = flights.map(({ name, seconds, thrust_ratio, torque_rad_s2 }) => [
    name,
    seconds.toFixed(1),
    thrust_ratio.toFixed(3),
    ...torque_rad_s2.map((torque) => torque.toFixed(1)),
  ]);
  const lines = [
    table(rows, ['', 'value', '95 % interval', 'unit', '']),
    `\n${prose(`Thrust and gains at motor command ${centre.command.toFixed(3)} and ${centre.voltage_V.toFixed(2)} V; gains per signed sum of the four commands.`)}\n`,
    table(trims, ['flight’s own trim', 's', 'thrust ×', 'roll', 'pitch', 'yaw rad/s²']),
  ];
  if (refused.length > 0) lines.push('\nNot told by these flights, and left as the vehicle file has it:');
  for (const { name, why, manoeuvre } of refused)
    lines.push(prose(`  ${name}: ${why}. To tell it: ${manoeuvre}.`, '    '));
  lines.push('\nOnly together:');
  for (const { numbers, told, why } of combinations)
    lines.push(prose(`  ${numbers.join(', ')}: told is ${told}; ${why}.`, '    '));
  return lines.join('\n');
}

/** How well held-out flights are foretold, for people; `begunAt` names the vehicle that the fit began at. */
export function comparison({ flights, windows, position, tilt }: Foretold, begunAt: string): string {
  const row = (name: string, { constantRate, begunAt, identified }: ForetoldError, show: (value: number) => string) => [
    name,
    show(constantRate),
    show(begunAt),
    show(identified),
  ];
  const degrees = (value: number) => `${((value * 180) / Math.PI).toFixed(2)}°`;
  const metres = (value: number) => `${value.toFixed(4)} m`;
  const rows = [
    row(`position after ${position.seconds} s`, position, metres),
    row(`tilt after ${tilt.seconds} s`, tilt, degrees),
  ];
  const heads = ['root mean square error', 'no model', begunAt, 'identified'];
  const about = `Of ${counted(flights.length)} that nothing was learnt from, in ${windows} windows. No model: body rates stay, and thrust carries the weight.`;
  const worse = [position, tilt].some((errors) => errors.identified > Math.min(errors.begunAt, errors.constantRate));
  const lines = [table(rows, heads), prose(about)];
  if (worse)
    lines.push(
      prose(
        'The identified vehicle foretells these flights no better: look at what is weak or refused above before you trust it.',
      ),
    );
  return lines.join('\n');
}
