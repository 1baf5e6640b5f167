import type { BreakdownBin, FactorBreakdown } from './breakdown.ts';

/** A factor's best and worst bin. */
export interface Dependence {
  label: string;
  worst: BreakdownBin;
  best: BreakdownBin;
  unit: string;
}

/** Factors that success differs by beyond chance, the strongest first: some bin's interval lies wholly below another's. */
export function dependences(breakdown: readonly FactorBreakdown[]): Dependence[] {
  const found = breakdown.flatMap(({ label, unit, bins }) => {
    const flown = bins.filter(({ episodes }) => episodes > 0);
    const worst = flown.reduce((a, b) => (b.successCi95![1] < a.successCi95![1] ? b : a));
    const best = flown.reduce((a, b) => (b.successCi95![0] > a.successCi95![0] ? b : a));
    return worst.successCi95![1] < best.successCi95![0] ? [{ label, unit, worst, best }] : [];
  });
  const spread = ({ best, worst }: Dependence) => best.successRate! - worst.successRate!;
  return found.sort((a, b) => spread(b) - spread(a));
}
