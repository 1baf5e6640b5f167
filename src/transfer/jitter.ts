/**
 * Least spread of a field, in normalised units, where 1 is about its spread in simulation: what the flights of a day
 * hardly show. The battery moves within a flight less than from one to the next; the policy's own past actions follow
 * the trims that it learnt, and built upon they run away on a flight with another trim.
 */
const LEAST = { battery: 1, action: 0.5 };

/**
 * Standard deviation of the noise that each observed field gets while learning from flights, `[O]`: of the field's spread
 * along them `share / √flights`.
 *
 * Learning with noise is a penalty on the network's slope, in units of how far each field goes. Without it the network
 * is calm only where these flights went, and beside them the gains of simulation are back: a policy tuned on one flight
 * had six times the error on others. Like a prior, the penalty yields to data.
 *
 * @param fields of the observation, in order
 * @param obs normalised observations along the flights, `[n, O]`
 * @see Bishop 1995, Training with Noise is Equivalent to Tikhonov Regularization, https://doi.org/10.1162/neco.1995.7.1.108
 */
export function jitterScales(
  fields: readonly { name: string; size: number }[],
  obs: Float32Array,
  n: number,
  flights: number,
  share: number,
): Float32Array {
  const least = fields.flatMap(({ name, size }) => Array<number>(size).fill(leastSpread(name)));
  return Float32Array.from(least, (spread, k) => {
    let [sum, squares] = [0, 0];
    for (let at = k; at < obs.length; at += least.length) {
      sum += obs[at];
      squares += obs[at] * obs[at];
    }
    const variance = squares / n - (sum / n) ** 2;
    return share * Math.sqrt(Math.max(spread * spread, variance) / flights);
  });
}

function leastSpread(name: string): number {
  if (name === 'battery') return LEAST.battery;
  return name.startsWith('action') ? LEAST.action : 0;
}
