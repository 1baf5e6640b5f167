import { InputError } from '../../envs/input-error.ts';
import type { LoggedPath } from '../../envs/tasks/index.ts';
import type { Flight, Series } from './flight.ts';
import { readFlight } from './logs/index.ts';

const RATE_HZ = 100;
/** How far above the ground a path is worth flying [m]: an episode starts up to 0.3 m beside it. */
const CLEARANCE = 0.4;

/**
 * The positions that a flight was asked for, from the first to the last that is well above the ground, which is where its
 * vehicle stood at first. Between two samples on the line between them; coordinates are the log's.
 *
 * @throws InputError when the log asks for no position, or for none up there
 */
export function loggedPath({ source, topics }: Flight): LoggedPath {
  const { setpoint, pose } = topics;
  if (!setpoint?.columns.every((column) => column.some(Number.isFinite)))
    throw new InputError(`${source}: setpoint: expected positions asked for, found none`);
  const known = finiteRows(setpoint);
  const ground = pose?.columns[2].find(Number.isFinite) ?? 0;
  const high = known.filter((row) => setpoint.columns[2][row] > ground + CLEARANCE);
  if (high.length < 2)
    throw new InputError(
      `${source}: setpoint: expected positions more than ${CLEARANCE} m above the ground, found none`,
    );
  const rows = known.filter((row) => row >= high[0] && row <= high[high.length - 1]);
  return { name: source, rate_Hz: RATE_HZ, positions: evenly(setpoint, rows) };
}

/** The paths of several logs. */
export async function readLoggedPaths(files: readonly string[]): Promise<LoggedPath[]> {
  return Promise.all(files.map(async (file) => loggedPath(await readFlight(file))));
}

function finiteRows({ time, columns }: Series): number[] {
  return Array.from(time, (_, row) => row).filter((row) => columns.every((column) => Number.isFinite(column[row])));
}

/** `[T, 3]` at {@link RATE_HZ}, from the first to the last of `rows`. */
function evenly({ time, columns }: Series, rows: number[]): Float64Array {
  const start = time[rows[0]];
  const T = Math.floor((time[rows[rows.length - 1]] - start) * RATE_HZ) + 1;
  const positions = new Float64Array(3 * T);
  let at = 0;
  for (let t = 0; t < T; t++) {
    const now = start + t / RATE_HZ;
    while (at + 2 < rows.length && time[rows[at + 1]] <= now) at++;
    const [a, b] = [rows[at], rows[at + 1]];
    const share = Math.min(1, (now - time[a]) / (time[b] - time[a]));
    for (let k = 0; k < 3; k++) positions[3 * t + k] = columns[k][a] + share * (columns[k][b] - columns[k][a]);
  }
  return positions;
}
