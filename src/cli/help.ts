import type { Argument, Command, Option } from 'commander';

export interface CommandHelp {
  command: string;
  summary: string;
  arguments: { name: string; description: string; required: boolean; variadic: boolean; choices?: string[] }[];
  options: {
    flags: string;
    name: string;
    description: string;
    required: boolean;
    default?: unknown;
    choices?: string[];
  }[];
  /** Only for `windhover` itself. */
  commands?: { name: string; summary: string }[];
}

/** What `--help` says, for other programs (`--help --json`). */
export function describeCommand(command: Command): CommandHelp {
  const help = command.createHelp();
  const commands = command.commands.map((child) => ({ name: child.name(), summary: child.summary() }));
  return {
    command: command.name(),
    summary: command.summary() || command.description(),
    arguments: command.registeredArguments.map(describeArgument),
    options: help.visibleOptions(command).map(describeOption),
    ...(commands.length > 0 && { commands }),
  };
}

function describeArgument(argument: Argument): CommandHelp['arguments'][number] {
  const { description, required, variadic, argChoices } = argument;
  return { name: argument.name(), description, required, variadic, ...(argChoices && { choices: argChoices }) };
}

function describeOption(option: Option): CommandHelp['options'][number] {
  const { flags, description, mandatory, defaultValue, argChoices } = option;
  return {
    flags,
    name: option.long ?? flags,
    description,
    required: mandatory,
    ...(defaultValue !== undefined && { default: defaultValue }),
    ...(argChoices && { choices: argChoices }),
  };
}
