import { InputError } from '../../../envs/input-error.ts';

/** Controllers overshoot their range by rounding and trims; 5 % of the span is more than that. */
const MARGIN = 0.05;
const MOST_BEYOND = 0.01;

interface Command {
  value: number;
  /** In the file. */
  line: number;
}

/**
 * Checks the outputs of motors against the range that a map names for them.
 *
 * One value below the range is let pass however often it comes: many autopilots write 0 or 900 µs until they are armed.
 *
 * @param columns one for each motor, `[rows]`; what is not finite is no command
 * @param lines the line of each row in the file
 * @returns how many will be clamped, in words; null where all lie within
 * @throws InputError when more than 1 % lie further outside than 5 % of the span
 */
export function checkMotorRange(columns: number[][], lines: number[], [stop, full]: number[], path: string) {
  let given = 0;
  const outside: Command[] = [];
  for (const column of columns)
    for (const [row, value] of column.entries()) {
      if (!Number.isFinite(value)) continue;
      given++;
      if (value < stop || value > full) outside.push({ value, line: lines[row] });
    }
  if (outside.length === 0) return null;
  const margin = MARGIN * (full - stop);
  const below = outside.filter(({ value }) => value < stop - margin);
  const disarmed = below.every(({ value }) => value === below[0].value) && below.length < given;
  const above = outside.filter(({ value }) => value > full + margin);
  const beyond = disarmed ? above : [...above, ...below];
  if (beyond.length > MOST_BEYOND * given) {
    const { value, line } = firstOf(beyond);
    throw new InputError(
      `${path}: motors.range: expected commands from ${stop} to ${full}, got ${value} in line ${line}`,
    );
  }
  const { value, line } = firstOf(outside);
  return `motors.range: ${outside.length} of ${given} commands lie outside ${stop} to ${full} and were clamped, the first ${value} in line ${line}`;
}

function firstOf(commands: Command[]): Command {
  return commands.reduce((first, command) => (command.line < first.line ? command : first));
}
