import type { Command } from 'commander';
import { type FlightReport, type HubEvent, type HubReport, TelemetryHub } from '../telemetry/hub/index.ts';
import { interruptSignal } from './interrupt.ts';
import { wholeNumber } from './options.ts';
import { note, Progress, printJson, table } from './output.ts';

interface Options {
  port: number;
  host: string;
  record: string;
  token?: string;
  json?: boolean;
}

const CLIENTS = `
Who may connect to ws://HOST:PORT:
  windhover stream, watch, finetune   both ways, windhover.v1
  Foxglove, Lichtblick                "Foxglove WebSocket": see flights live
  roslib, roslibpy at /rosbridge      publish ROS messages
  a bridge at /mavlink                binary frames of raw MAVLink 1 or 2

With --token, programs that are not ours have it in the address, as in
ws://HOST:PORT/?token=TEXT. At /rosbridge and /mavlink
?name=N&vehicle=V names the flights.
`;

export function register(command: Command): void {
  command
    .option(
      '--port <n>',
      'port to listen on; 0 takes any free one',
      wholeNumber('--port', { min: 0, max: 65535 }),
      8765,
    )
    .option('--host <address>', 'address to listen on; other than the loopback only with --token', '127.0.0.1')
    .option('--record <dir>', 'folder for the recordings, one MCAP file a flight', 'recordings')
    .option('--token <text>', 'what a client must know to come in')
    .addHelpText('after', CLIENTS)
    .action(serve);
}

async function serve({ port, host, record, token, json = false }: Options): Promise<void> {
  const progress = new Progress({ label: 'received', unit: 'messages', silent: json });
  const onEvent = (event: HubEvent) => {
    if (event.kind === 'problem' || !json) note(describe(event));
  };
  const hub = await TelemetryHub.start({ port, host, recordFolder: record, token, onEvent });
  const stopped = new Promise<void>((resolve) => interruptSignal().addEventListener('abort', () => resolve()));
  if (json) printJson({ listening: hub.url });
  else note(`listening on ${hub.url}, recording to ${record}; Ctrl-C ends it`);
  const live = setInterval(() => show(hub, progress), 250);
  await stopped;
  clearInterval(live);
  const report = await hub.close();
  if (json) printJson(summary(report));
  else process.stdout.write(`${text(report)}\n`);
}

// Only while something arrives: an idle hub should not fill a log file.
function show(hub: TelemetryHub, progress: Progress): void {
  const { received, recorded, dropped, subscribers } = hub.counts;
  if (received > 0 && hub.counts.publishers > 0)
    progress.update(received, `${recorded} recorded, ${dropped} dropped, ${subscribers} listening`);
}

function describe(event: HubEvent): string {
  if (event.kind === 'problem') return event.message;
  if (event.kind === 'begin') return `${event.name} begins${event.vehicle ? ` (${event.vehicle})` : ''}`;
  const { name, received, dropped, missing, truncated, recording } = event.report;
  const bad = [dropped && `${dropped} dropped`, missing && `${missing} missing`, truncated && 'truncated'];
  const detail = [`${received} messages`, ...bad.filter(Boolean)].join(', ');
  return `${name} ends: ${detail}${recording ? `, in ${recording}` : ''}`;
}

/** What `--json` says at the end. */
function summary(report: HubReport) {
  const { received, recorded, relayed, dropped, droppedBy, missing, recordings, flightReports } = report;
  return { received, recorded, relayed, dropped, droppedBy, missing, recordings, flights: flightReports };
}

function text(report: HubReport): string {
  const { received, recorded, relayed, dropped, missing, flightReports } = report;
  const rows = flightReports.map((f: FlightReport) => [f.name, f.received, f.recorded, f.dropped, f.recording]);
  const totals = `${received} received, ${recorded} recorded, ${relayed} relayed, ${dropped} dropped, ${missing} missing`;
  return rows.length === 0
    ? totals
    : `${table(rows, ['flight', 'received', 'recorded', 'dropped', 'file'])}\n${totals}`;
}
