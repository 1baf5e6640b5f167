import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { resolveConfig } from '../../src/learn/config.ts';

export interface GivenRun {
  seed?: number;
  /** Evaluations, one an iteration of 1000 steps and 2 s; null where there was none. */
  evaluations?: (number | null)[];
  timing?: boolean;
  report?: object | null;
  /** Settings in config.yaml beside those of `hover`. */
  settings?: Record<string, unknown>;
  begun?: Date;
}

/** Writes a run's folder as `pretrain` leaves it, without policy and checkpoint. */
export function givenRun(folder: string, given: GivenRun = {}): string {
  const { seed = 1, evaluations = [null, 0.5], timing = true, report = null, settings = {}, begun } = given;
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const lines = (of: (evaluation: number | null, iteration: number) => object) =>
    evaluations.map((rate, i) => `${JSON.stringify(of(rate, i + 1))}\n`).join('');
  write('config.yaml', stringify({ ...resolveConfig({ task: 'hover', seed, steps: 9000 }), ...settings }));
  write(
    'metrics.jsonl',
    lines((evaluation, iteration) => ({
      iteration,
      steps: 1000 * iteration,
      success: evaluation === null ? null : evaluation / 2,
      policyLoss: -0.01,
      evaluation,
    })),
  );
  if (timing)
    write(
      'timing.jsonl',
      lines((_, iteration) => ({ steps: 1000 * iteration, seconds: 2 * iteration })),
    );
  if (report) write('report.json', JSON.stringify(report));
  if (begun) utimesSync(join(folder, 'config.yaml'), begun, begun);
  return folder;
}
