import type { Figure } from '../figures.ts';
import type { BenchContext } from './context.ts';

/** One figure's measurement; its file is loaded only when it is asked for. */
export type Measure = (context: BenchContext) => Promise<Figure>;

/** All figures of transfer in the order of the table: one file and one line each. */
export const FIGURES: Record<string, () => Promise<{ measure: Measure }>> = {
  sysid_translation: () => import('./sysid-translation.ts'),
  sysid_attitude: () => import('./sysid-attitude.ts'),
  sysid_truth: () => import('./sysid-truth.ts'),
};
