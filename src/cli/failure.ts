import { CommanderError } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import { Interrupted } from './interrupt.ts';

export interface Failure {
  exitCode: number;
  /** One line for stderr; empty where there is nothing more to say. */
  message: string;
}

/** What an error means to the person and the shell: 2 bad input or wrong use, 130 stopped, 1 all else. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return commanderFailure(error);
  if (error instanceof InputError) return { exitCode: 2, message: error.message };
  if (error instanceof Interrupted) return { exitCode: 130, message: error.message };
  if (error instanceof Error && error.name === 'AbortError') return { exitCode: 130, message: 'stopped' };
  if ((error as NodeJS.ErrnoException)?.code === 'ENOSPC')
    return { exitCode: 1, message: 'the disk is full (ENOSPC); what was written whole before stays' };
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { exitCode: 1, message: text.trim().split('\n')[0] };
}

function commanderFailure(error: CommanderError): Failure {
  if (error.exitCode === 0) return { exitCode: 0, message: '' }; // help was asked for and shown
  if (error.code === 'commander.help') return { exitCode: 2, message: '' };
  const message = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/ \(Did you mean (.*)\?\)$/, '; did you mean $1?');
  return { exitCode: 2, message };
}
