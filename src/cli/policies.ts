import type { Command } from 'commander';
import { printJson, table } from './output.ts';

export function register(command: Command): void {
  command.option('--json', 'print one JSON object on stdout').action(run);
}

async function run({ json }: { json?: boolean }): Promise<void> {
  const { policyFolder, readPolicy, zooNames } = await import('../policy-folder.ts');
  const policies = zooNames().map((name) => {
    const { contract } = readPolicy(policyFolder(name));
    const { nominal, randomised } = contract.scores;
    return {
      name,
      path: policyFolder(name),
      task: contract.task,
      vehicle: contract.vehicle,
      actions: contract.action.mode,
      successRate: nominal?.successRate ?? null,
      randomisedSuccessRate: randomised?.successRate ?? null,
    };
  });
  if (json) return printJson({ policies });
  const percent = (x: number | null) => (x === null ? '–' : `${(100 * x).toFixed(1)} %`);
  const rows = policies.map((p) => [
    p.name,
    p.task,
    p.vehicle,
    p.actions,
    percent(p.successRate),
    percent(p.randomisedSuccessRate),
  ]);
  process.stdout.write(`${table(rows, ['policy', 'task', 'vehicle', 'actions', 'success', 'randomised'])}

Success as each card states it; confirm it with: windhover evaluate NAME [--randomise]
`);
}
