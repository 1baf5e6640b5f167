import type { Command } from 'commander';
import type { BackendDiagnosis, Diagnosis } from '../backend/diagnosis.ts';
import { type Cell, note, printJson, table } from './output.ts';

export function register(command: Command): void {
  command.option('--json', 'print one JSON object on stdout').action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const { diagnose } = await import('../backend/diagnosis.ts');
  const diagnosis = await diagnose((name) => note(`looking at ${name} …`));
  if (json) printJson(diagnosis);
  else process.stdout.write(`${describe(diagnosis)}\n`);
}

/** What `doctor` shows to people. */
export function describe({ node, machine, backends, auto, browser, kernels }: Diagnosis): string {
  const facts: [string, string][] = [
    ['Node', node.ok ? node.version : `${node.version}: not tested; expected ${node.expected}`],
    ['System', `${machine.os}, ${machine.arch}`],
    ['Processor', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ['GPU', machine.gpu ?? 'none found'],
    ['Kernels', kernels.available ? kernels.file : 'not built: run npm run build:kernels'],
    ['Browser', browser ?? 'no Chrome or Chromium found (npm test needs one; any browser shows the viewer)'],
  ];
  const lines = facts.map(([name, value]) => `${name.padEnd(10)} ${value}`);
  const rows = backends.map(backendRow);
  return `${lines.join('\n')}

${table(rows, ['backend', 'samples/s', 'state'])}

samples/s: forward, backward and Adam of a 24-64-64-4 network in minibatches of 512, one process.
auto picks ${auto.name}: ${auto.reason}.`;
}

function backendRow({ name, available, reason, samplesPerSecond }: BackendDiagnosis): Cell[] {
  const speed = samplesPerSecond === null ? null : `${Math.round(samplesPerSecond / 1000) || '<1'} k`;
  return [name, speed, available ? reason : `not available: ${reason}`];
}
