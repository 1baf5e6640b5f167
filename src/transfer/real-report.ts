import { Rng } from '../../envs/rng.ts';
import type { Mlp } from '../../policies/mlp.ts';
import { type ErrorRatio, errorRatio } from './bootstrap.ts';
import { flightErrors, flightMeanErrors, pooled, type RealScore, repeatLastError } from './errors.ts';
import type { Comparisons } from './guard.ts';
import type { Prepared } from './prepare.ts';
import type { RealReport } from './report.ts';

const STREAM = 0x43000000;

/** Errors of the new policy and of all it is compared with, on the held-out flights. */
export function realReport(
  { source, split, calibration, settings }: Prepared,
  tuned: Mlp,
  scratch: Mlp,
): { real: RealReport; compared: Comparisons; errorOf: (actor: Mlp) => { after: RealScore; gain: ErrorRatio } } {
  const { contract, actor } = source;
  const errors = (network: Mlp, map = calibration.map) => flightErrors(contract, network, map, split.test);
  const [before, after, alone] = [errors(actor), errors(tuned), errors(scratch)];
  const flightMean = flightMeanErrors(split.test);
  const rng = new Rng(settings.seed, STREAM);
  const real: RealReport = {
    nominalMap: pooled(errors(actor, calibration.nominal)),
    before: pooled(before),
    after: pooled(after),
    scratch: pooled(alone),
    flightMean: pooled(flightMean),
    repeatLast: repeatLastError(split.test),
  };
  const compared: Comparisons = {
    before: errorRatio(after, before, rng),
    scratch: errorRatio(after, alone, rng),
    flightMean: errorRatio(after, flightMean, rng),
  };
  const errorOf = (network: Mlp) => {
    const its = errors(network);
    return { after: pooled(its), gain: errorRatio(its, before, rng) };
  };
  return { real, compared, errorOf };
}
