/** What generalised advantage estimation reads of a rollout; all arrays are `[T, N]`, time-major. */
export interface Earned {
  T: number;
  N: number;
  rewards: Float32Array;
  /** V of the state in which the action was taken. */
  values: Float32Array;
  /** V of the state that the step reached, before autoreset. */
  nextValues: Float32Array;
  /** 1 where the step ended the episode for good: a crash. */
  terminated: Uint8Array;
  /** 1 where time ran out: the state reached would have gone on earning. */
  truncated: Uint8Array;
}

/**
 * Generalised advantage estimation, GAE(γ, λ): how much better each action did than the critic expected.
 *
 * A truncated episode goes on earning `nextValues`, a terminated one earns nothing more.
 *
 * @param gamma discount a control step, in (0, 1]
 * @param gaeLambda 0 trusts the critic alone, 1 the rewards alone
 * @param advantages written, `[T, N]`, in units of reward
 * @param first environment to do, and `end` the one after the last
 * @throws RangeError when an array is not `[T, N]`
 * @see Schulman et al. 2016, https://arxiv.org/abs/1506.02438, section 3
 */
export function estimateAdvantages(
  rollout: Earned,
  gamma: number,
  gaeLambda: number,
  advantages: Float32Array = new Float32Array(rollout.T * rollout.N),
  first = 0,
  end = rollout.N,
): Float32Array {
  const { T, N, rewards, values, nextValues, terminated, truncated } = rollout;
  for (const [name, array] of Object.entries({ rewards, values, nextValues, terminated, truncated, advantages }))
    if (array.length !== T * N)
      throw new RangeError(`rollout.${name}: expected T·N = ${T}·${N} numbers, got ${array.length}`);
  for (let n = first; n < end; n++) {
    let later = 0; // advantage of the rest of the episode
    for (let i = (T - 1) * N + n; i >= 0; i -= N) {
      if (terminated[i] || truncated[i]) later = 0; // the next row is another episode
      const bootstrap = terminated[i] ? 0 : nextValues[i];
      later = rewards[i] + gamma * bootstrap - values[i] + gamma * gaeLambda * later;
      advantages[i] = later;
    }
  }
  return advantages;
}
