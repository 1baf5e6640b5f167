import { basename, resolve } from 'node:path';
import { InputError } from '../../envs/input-error.ts';
import type { ActionMode } from '../../envs/actions.ts';
import type { Policy } from '../../policies/policy.ts';
import { type Budget, budgetOf } from './budget.ts';
import type { ExportFormat, ExportOptions } from './format.ts';
import { EXPORT_FORMATS } from './formats.ts';
import { writeFiles } from './write-files.ts';

/** What was written, and what it costs where it runs. */
export interface ExportReport {
  format: string;
  policy: string;
  /** Absolute path of the file or folder. */
  out: string;
  /** Names of the files, in `out` where that is a folder. */
  files: string[];
  bytes: number;
  rate_Hz: number;
  actions: ActionMode;
  network: number[];
  parameters: Budget['parameters'];
  multiplyAdds: Budget['multiplyAdds'];
  /** Only of C code. */
  flashBytes?: number;
  /** Only of C code. */
  ramBytes?: number;
}

/**
 * Writes a policy for the vehicle, whole or not at all.
 *
 * @param format one of `EXPORT_FORMATS` by name
 * @param out the file, or for a format of several files the folder
 * @param force whether an earlier export may be written over
 * @throws InputError when the format is unknown, an option is not its, something is there already or nothing can be
 * written there
 */
export function exportPolicy(
  policy: Policy,
  format: string,
  out: string,
  { force = false, ...options }: Partial<ExportOptions> & { force?: boolean } = {},
): ExportReport {
  const found = exportFormat(format);
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !found.options.includes(name as keyof ExportOptions))
      throw new InputError(`--${name}: expected with another format only, ${format} has no such option`);
  const path = resolve(out);
  if (found.ending && !path.endsWith(found.ending))
    throw new InputError(`--out: expected a file ending in ${found.ending} for ${format}, got ${out}`);
  const files = found.encode(policy, basename(path), { prefix: options.prefix ?? 'windhover' });
  writeFiles(path, files, found.ending === null, force);
  const { contract } = policy;
  const { parameters, multiplyAdds, flashBytes, ramBytes } = budgetOf(contract);
  return {
    format,
    policy: contract.name,
    out: path,
    files: Object.keys(files),
    bytes: Object.values(files).reduce((sum, { length }) => sum + length, 0),
    rate_Hz: contract.rate_Hz,
    actions: contract.action.mode,
    network: contract.network.sizes,
    parameters,
    multiplyAdds,
    ...(format === 'c' && { flashBytes, ramBytes }),
  };
}

/** @throws InputError that names the formats there are */
function exportFormat(name: string): ExportFormat {
  const found = EXPORT_FORMATS.find((each) => each.name === name);
  if (found) return found;
  const names = EXPORT_FORMATS.map((each) => each.name);
  throw new InputError(
    `--format: expected ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, got ${JSON.stringify(name)}`,
  );
}
