import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import type { Flight } from '../telemetry/flight.ts';
import type { Identification } from '../transfer/identify/index.ts';
import { checkOutFile } from './options.ts';
import { note, Progress, printJson, prose, table } from './output.ts';

interface Flags {
  vehicle: string;
  out: string;
  force?: boolean;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('<log...>', 'flight logs of one vehicle, in any format that inspect reads')
    .option('--vehicle <vehicle>', 'vehicle or vehicle file to begin at: mass, arms and sensors are its', 'crazyflie')
    .option('--out <file>', 'vehicle file to write', 'vehicle.yaml')
    .option('--force', 'write over a file that is there')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', '\nExample: windhover identify flights/*.csv.gz --vehicle crazyflie --out mine.yaml')
    .action(run);
}

async function run(logs: string[], { vehicle: name, out, force, json }: Flags): Promise<void> {
  if (!/\.ya?ml$/.test(out)) throw new InputError(`--out: expected a file ending in .yaml, got ${out}`);
  checkOutFile('--out', out);
  const file = resolve(out);
  if (existsSync(file) && !force)
    throw new InputError(`${file}: expected no such file yet; choose another --out, or --force`);
  const { readFlights } = await import('../telemetry/logs/index.ts');
  const { readVehicle } = await import('../vehicle-file.ts');
  const { writeWhole } = await import('../learn/run-folder.ts');
  const base = readVehicle(name);
  const flights = [];
  for (const log of logs) flights.push(...(await readFlights(log)));
  const { vehicleText } = await import('../transfer/identify/index.ts');
  const found = await fit(flights, base);
  writeWhole(file, vehicleText(found, name));
  for (const warning of found.warnings) note(`warning  ${warning}`);
  if (json) printJson({ out: file, ...found });
  else process.stdout.write(`${summary(found)}\n\nvehicle  ${file}\n`);
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
