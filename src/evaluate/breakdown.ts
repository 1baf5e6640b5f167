import type { Randomisation } from '../../envs/randomisation.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { FACTORS } from './factors.ts';
import type { EpisodeResult } from './fly.ts';
import { wilson95 } from './interval.ts';

/** Episodes whose factor lay in `[low, high)`, the last bin's `high` included. */
export interface BreakdownBin {
  low: number;
  high: number;
  episodes: number;
  /** Null where no episode lay here. */
  successRate: number | null;
  successCi95: [low: number, high: number] | null;
}

/** Success by one factor. */
export interface FactorBreakdown {
  factor: string;
  label: string;
  unit: string;
  bins: BreakdownBin[];
}

/**
 * Where a policy fails: success by each factor that the ranges let differ. A factor whose episodes all lie in one bin
 * tells nothing and is left out.
 *
 * @param results episodes flown with `factors`
 */
export function breakDown(results: EpisodeResult[], vehicle: Vehicle, ranges: Randomisation): FactorBreakdown[] {
  return FACTORS.flatMap((factor, k) => {
    const bins = binned(results, k, factor.edges(ranges, vehicle));
    const { name, label, unit } = factor;
    return bins.filter(({ episodes }) => episodes > 0).length > 1 ? [{ factor: name, label, unit, bins }] : [];
  });
}

function binned(results: EpisodeResult[], k: number, edges: number[]): BreakdownBin[] {
  const bins = edges.slice(1).map((high, b) => ({ low: edges[b], high, episodes: 0, successes: 0 }));
  const inner = edges.slice(1, -1); // the first and the last bin take what lies outside
  for (const { factors, success } of results) {
    if (!factors) throw new Error('expected episodes flown with factors');
    const bin = bins[inner.filter((edge) => edge <= factors[k]).length];
    bin.episodes++;
    if (success) bin.successes++;
  }
  return bins.map(({ low, high, episodes, successes }) => ({
    low,
    high,
    episodes,
    successRate: episodes > 0 ? successes / episodes : null,
    successCi95: episodes > 0 ? wilson95(successes, episodes) : null,
  }));
}
