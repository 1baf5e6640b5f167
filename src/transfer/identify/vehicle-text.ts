import { Document, isMap, isScalar, isSeq } from 'yaml';
import { parseVehicle, type Vehicle } from '../../../envs/vehicle.ts';
import type { Identification } from './identify.ts';
import type { Stated } from './statements.ts';

/** Which stated numbers stand behind which field of the vehicle file. */
const SOURCES: [path: string[], names: string[]][] = [
  [['mass_kg'], []],
  [['inertia_kgm2'], ['gainRoll', 'gainPitch']],
  [['rotor', 'maxThrust_N'], ['specificThrust_m_s2']],
  [['rotor', 'torquePerThrust_m'], ['gainYaw']],
  [['rotor', 'cold'], ['coldThrust']],
  [
    ['rotor', 'lag_s'],
    ['lag_s', 'lagPlusLatency_s'],
  ],
  [['latency_s'], ['latency_s', 'lagPlusLatency_s']],
  [['drag_Ns_per_m'], ['dragHorizontal_per_s', 'dragVertical_per_s']],
  [['velocityMoment_Ns'], ['velocityMoment_s_per_m']],
  [['misalignment_rad'], ['misalignmentRoll_rad', 'misalignmentPitch_rad']],
  [['battery', 'sagAtFullThrust_V'], ['sagAtFullThrust_V']],
  [['battery', 'thrustExponent'], ['batteryExponent']],
  [['command', 'exponent'], ['commandExponent']],
];

/**
 * The identified vehicle as a vehicle file: each number with what it was found as beside it, and what the flights leave
 * open as ranges for domain randomisation.
 *
 * @param base the name of the vehicle file that the rest is from
 * @throws InputError when the fit came to numbers that no vehicle has
 */
export function vehicleText(identification: Identification, base: string): string {
  const { vehicle, parameters, refused, centre, flights } = identification;
  const document = new Document(rounded(vehicle));
  document.commentBefore = [
    ` Identified from ${flights.length} flights: ${flights.map(({ name }) => name).join(', ')}.`,
    ` The rest is from ${base}. Thrust and gains are stated at command ${centre.command.toFixed(3)}, ${centre.voltage_V.toFixed(2)} V.`,
    ...refused.map(({ name, manoeuvre }) => ` Not told by these flights: ${name}. What would tell it: ${manoeuvre}.`),
  ].join('\n');
  for (const [path, names] of SOURCES) {
    const found = names.map((name) => parameters.find((each) => each.name === name)).filter((each) => !!each);
    comment(document, path, found.length > 0 ? found.map(line).join('; ') : ` from ${base}`);
  }
  comment(document, ['intervals'], ' what these flights leave open, for domain randomisation');
  for (const path of [['rotors'], ['inertia_kgm2'], ['drag_Ns_per_m'], ['misalignment_rad']]) flow(document, path);
  const text = document.toString({ lineWidth: 0 });
  // what is written can be read again, or else says why the fit is none
  parseVehicle(text, `these flights do not fit a vehicle like ${base}, by what the fit came to`);
  return text;
}

function line({ name, unit, value, interval, verdict }: Stated): string {
  const show = (number: number) => Number(number.toPrecision(3));
  const weak = verdict === 'weak' ? ', weak' : '';
  return ` ${name} ${show(value)} [${show(interval[0])}, ${show(interval[1])}]${unit && ` ${unit}`}${weak}`;
}

function comment(document: Document, path: string[], text: string): void {
  const node = document.getIn(path, true);
  if (isScalar(node) || isSeq(node)) node.comment = text;
  else if (isMap(node)) node.commentBefore = text;
}

/** Lists of numbers on one line; of a list of lists or maps, each entry on one. */
function flow(document: Document, path: string[]): void {
  const node = document.getIn(path, true);
  if (!isSeq(node)) return;
  const inner = node.items.filter((item) => isSeq(item) || isMap(item));
  for (const each of inner.length > 0 ? inner : [node]) each.flow = true;
}

/** Four digits are more than any interval is worth. */
function rounded(vehicle: Vehicle): Vehicle {
  return JSON.parse(
    JSON.stringify(vehicle, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value)),
  );
}
