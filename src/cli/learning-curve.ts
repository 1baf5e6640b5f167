import { existsSync, readFileSync } from 'node:fs';
import type { LearningCurve } from '../episode/catalogue.ts';

/** Success over steps from a run's metrics; lines without an episode's end, or cut by a kill, are passed over. */
export function readLearningCurve(file: string): LearningCurve | null {
  if (!existsSync(file)) return null;
  const curve: LearningCurve = { steps: [], successRate: [] };
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const { steps, success } = parseLine(line);
    if (typeof steps !== 'number' || typeof success !== 'number') continue;
    curve.steps.push(steps);
    curve.successRate.push(success);
  }
  return curve.steps.length > 0 ? curve : null;
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}
