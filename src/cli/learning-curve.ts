import { existsSync, readFileSync } from 'node:fs';
import type { LearningCurve } from '../episode/catalogue.ts';

/** Episodes that a point stands for at least: an iteration may end with one or two, a curve of which only jumps. */
const EPISODES = 100;

/**
 * Success over steps from a run's metrics, each point over the last {@link EPISODES} episodes or a few more, fewer at the
 * start; lines with neither an episode's end nor an evaluation, or cut by a kill, are passed over.
 */
export function readLearningCurve(file: string): LearningCurve | null {
  if (!existsSync(file)) return null;
  const curve: LearningCurve = { steps: [], successRate: [], evaluation: [] };
  const recent: { episodes: number; successes: number }[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const { steps, success, episodes, evaluation } = parseLine(line);
    const rate = typeof evaluation === 'number' ? evaluation : null;
    if (typeof steps !== 'number' || (typeof success !== 'number' && rate === null)) continue;
    if (typeof success === 'number') {
      const count = typeof episodes === 'number' ? episodes : EPISODES;
      recent.push({ episodes: count, successes: success * count });
      while (sum(recent, 'episodes') - recent[0].episodes >= EPISODES) recent.shift();
    }
    curve.steps.push(steps);
    curve.evaluation!.push(rate);
    curve.successRate.push(recent.length > 0 ? sum(recent, 'successes') / sum(recent, 'episodes') : null);
  }
  return curve.steps.length > 0 ? curve : null;
}

function sum(counts: { episodes: number; successes: number }[], of: 'episodes' | 'successes'): number {
  return counts.reduce((total, count) => total + count[of], 0);
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return {};
  }
}
