import type { Figure } from '../figures.ts';
import type { BenchContext } from './context.ts';

/** One figure's measurement; its file is loaded only when it is asked for. */
export type Measure = (context: BenchContext) => Promise<Figure>;

/** All figures of transfer in the order of the table: one file and one line each. */
export const FIGURES: Record<string, () => Promise<{ measure: Measure }>> = {
  bc_action_mse: () => import('./bc-action-mse.ts'),
  few_flights: () => import('./few-flights.ts'),
  source_loss: () => import('./source-loss.ts'),
  chain_average: () => import('./chain-average.ts'),
  motors_swap: () => import('./motors-swap.ts'),
  twin_recovery: () => import('./twin-recovery.ts'),
  track_twin: () => import('./track-twin.ts'),
  sysid_translation: () => import('./sysid-translation.ts'),
  sysid_attitude: () => import('./sysid-attitude.ts'),
  sysid_truth: () => import('./sysid-truth.ts'),
};
