import type { Command } from 'commander';
import { InputError } from '../../envs/input-error.ts';
import type { Speed } from '../telemetry/client/pacing.ts';
import { type StreamReport, streamFlights } from '../telemetry/client/publisher.ts';
import { type RosbridgeStreamReport, streamToRosbridge } from '../telemetry/client/rosbridge.ts';
import type { Flight } from '../telemetry/flight.ts';
import { readFlights } from '../telemetry/logs/index.ts';
import { interruptSignal } from './interrupt.ts';
import { COLUMNS_OPTION, number, oneOf } from './options.ts';
import { note, Progress, printJson, table } from './output.ts';

const PROTOCOLS = ['windhover', 'rosbridge'] as const;
type Protocol = (typeof PROTOCOLS)[number];
const protocol = oneOf('--protocol', PROTOCOLS);

interface Options {
  to: string;
  protocol: Protocol;
  speed: Speed;
  token?: string;
  columns?: string;
  json?: boolean;
}

export function register(command: Command): void {
  command
    .argument('<log...>', 'flight logs, played one after the other')
    .requiredOption('--to <address>', 'the hub, as in ws://127.0.0.1:8765, or the rosbridge server')
    .option(
      '--protocol <name>',
      "windhover to a hub, or rosbridge: ROS 2 messages in rosbridge's JSON",
      protocol,
      'windhover',
    )
    .option('--speed <factor>', '1 for the time it took, 2 for twice as fast, max for as fast as it goes', speed, 1)
    .option('--token <text>', 'what the hub wants to hear')
    .option(...COLUMNS_OPTION)
    .action(stream);
}

function speed(text: string): Speed {
  if (text === 'max') return 'max';
  try {
    return number('--speed', { min: 1e-3, max: 1e6 })(text);
  } catch {
    throw new InputError(`--speed: expected max or a number from 0.001 to 1000000, got ${JSON.stringify(text)}`);
  }
}

async function stream(logs: string[], options: Options): Promise<void> {
  const { to, protocol, speed, token, columns, json = false } = options;
  // All of them before the first byte leaves: a typo in the last name should not cost a half-sent set.
  const flights: Flight[] = [];
  for (const log of logs) flights.push(...(await readFlights(log, { columns })));
  for (const { source, warnings } of flights) for (const warning of warnings) note(`${source}: ${warning}`);
  let bar: Progress | null = null;
  const onProgress = ({ name, sent, total }: { name: string; sent: number; total: number }) => {
    bar ??= new Progress({ label: 'stream', total, unit: 'messages', silent: json });
    bar.update(sent, name);
  };
  const target = { url: to, speed, token, signal: interruptSignal(), onProgress };
  const report = await (protocol === 'rosbridge' ? streamToRosbridge : streamFlights)(flights, target);
  (bar as Progress | null)?.end();
  for (const complaint of report.complaints) note(`the ${protocol === 'rosbridge' ? 'server' : 'hub'}: ${complaint}`);
  if (report.lost !== null) note(`${to}: the connection was lost: ${report.lost}`);
  if (json) printJson(report);
  else process.stdout.write(`${'acknowledged' in report ? text(report) : rosbridgeText(report)}\n`);
  process.exitCode = exitCode(report);
}

function exitCode(report: StreamReport | RosbridgeStreamReport): number {
  if (report.interrupted) return 130;
  const lacking = 'acknowledged' in report && report.acknowledged < report.sent;
  return report.lost !== null || lacking ? 1 : 0;
}

function text({ sent, acknowledged, seconds, flights }: StreamReport): string {
  const rows = flights.map((f) => [f.name, f.durationSeconds.toFixed(1), f.sent, f.acknowledged]);
  const rate = Math.round(sent / Math.max(seconds, 1e-3));
  const total = `${sent} sent, ${acknowledged} acknowledged in ${seconds.toFixed(1)} s (${rate} messages/s)`;
  return `${table(rows, ['flight', 'seconds', 'sent', 'acknowledged'])}\n${total}`;
}

/** rosbridge acknowledges nothing. */
function rosbridgeText({ sent, seconds, flights }: RosbridgeStreamReport): string {
  const rows = flights.map((f) => [f.name, f.durationSeconds.toFixed(1), f.sent, f.leftOut.join(', ')]);
  return `${table(rows, ['flight', 'seconds', 'sent', 'left out'])}\n${sent} sent in ${seconds.toFixed(1)} s`;
}
