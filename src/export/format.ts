import type { Policy } from '../../policies/policy.ts';

/** Files of an export by name, as its format wants them. */
export type ExportedFiles = Record<string, Uint8Array>;

/** What a user may choose about an export. */
export interface ExportOptions {
  /** What a C export's names begin with, so that several policies fit into one program. */
  prefix: string;
}

/** One way to take a policy away: a line in `EXPORT_FORMATS`. */
export interface ExportFormat {
  /** As `--format` takes it. */
  name: string;
  /** What comes out, for people. */
  summary: string;
  /** What the name of its one file ends with; null where it is a folder of several. */
  ending: string | null;
  /** Names of the options that mean something to it. */
  options: readonly (keyof ExportOptions)[];
  /**
   * @param name what to call a single file
   * @throws InputError where the policy or an option cannot be written so
   */
  encode(policy: Policy, name: string, options: ExportOptions): ExportedFiles;
}
