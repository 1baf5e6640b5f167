import type { Command } from 'commander';

/** What a command's file exports: it adds its arguments, options and action to the bare command. */
export interface CommandModule {
  register(command: Command): void;
}

export interface CommandEntry {
  name: string;
  summary: string;
  load(): Promise<CommandModule>;
}

/** All commands, in the order of the work. Each file is loaded only when its command is asked for. */
export const commands: CommandEntry[] = [
  {
    name: 'start',
    summary: 'the whole way: pre-train, stream flights, fine-tune, compare, watch',
    load: () => import('./start.ts'),
  },
  {
    name: 'doctor',
    summary: 'what this machine offers: Node, backends and their speed, browser',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'pretrain',
    summary: 'learn a task in simulation',
    load: () => import('./pretrain.ts'),
  },
  {
    name: 'runs',
    summary: 'list the runs there are, and compare them: settings, success over steps and time',
    load: () => import('./runs.ts'),
  },
  {
    name: 'evaluate',
    summary: 'measure how well policies fly a task in simulation',
    load: () => import('./evaluate.ts'),
  },
  {
    name: 'inspect',
    summary: 'what flight logs hold: topics, rates, gaps, duration',
    load: () => import('./inspect.ts'),
  },
  {
    name: 'serve',
    summary: 'telemetry hub: take flights in over WebSockets, record and relay them',
    load: () => import('./serve.ts'),
  },
  {
    name: 'stream',
    summary: 'play logged flights into a hub as a vehicle would',
    load: () => import('./stream.ts'),
  },
  {
    name: 'identify',
    summary: 'fit a vehicle file to real flights: thrust, drag, gains, delays, with intervals',
    load: () => import('./identify.ts'),
  },
  {
    name: 'finetune',
    summary: 'adapt a policy to real flights without forgetting the simulation (EWC)',
    load: () => import('./finetune.ts'),
  },
  {
    name: 'export',
    summary: 'take a policy to the vehicle: C code, ONNX or a TensorFlow.js model',
    load: () => import('./export.ts'),
  },
  {
    name: 'watch',
    summary: 'look at runs, episodes and flights in the browser, also as they happen',
    load: () => import('./watch.ts'),
  },
  {
    name: 'policies',
    summary: 'the policies that ship with Windhover, and what each can do',
    load: () => import('./policies.ts'),
  },
];
