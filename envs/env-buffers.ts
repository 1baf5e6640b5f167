import { ACTION_SIZE } from './actions.ts';
import { APPROACH_SIZE } from './approach.ts';
import { observationSize, type ObservationSpec } from './observation.ts';
import { PRIVILEGED_SIZE } from './privileged.ts';

/** What a step writes. `O`: observation, `P`: privileged. */
export interface EnvBuffers {
  /** `[N, O]` */
  obs: Float32Array;
  /** `[N, P]` */
  privileged: Float32Array;
  /**
   * `[N, O]`: what the step that ended an episode reached, before autoreset. Rows of environments whose episode goes
   * on keep what they held: there, `obs` is what the step reached.
   */
  finalObs: Float32Array;
  /** `[N, P]`, as `finalObs`. */
  finalPrivileged: Float32Array;
  /** `[N]` */
  rewards: Float32Array;
  /** `[N]`, 1 where the step crashed. */
  terminated: Uint8Array;
  /** `[N]`, 1 where time ran out or the task was done: the value of `finalObs` is still to come. */
  truncated: Uint8Array;
  /** `[N]`, 1 where the task was done; then `truncated` is 1, too. */
  success: Uint8Array;
  /** `[N]`: sum of rewards of the episode that this step ended; stays until the next ends. */
  episodeReturn: Float32Array;
  /** `[N]`: its control steps. */
  episodeLength: Int32Array;
  /** `[N]`: its sum over the steps of the squared distance to the goal [m²]. */
  episodeErrorSq: Float64Array;
}

/** Sizes of rows in an environment's buffers; without `privileged` such rows are empty. */
export function envSizes(
  observation: ObservationSpec,
  privileged = true,
): {
  obsSize: number;
  privilegedSize: number;
  actionSize: number;
} {
  const privilegedSize = privileged ? PRIVILEGED_SIZE + (observation.beams > 0 ? APPROACH_SIZE : 0) : 0;
  return { obsSize: observationSize(observation), privilegedSize, actionSize: ACTION_SIZE };
}

/**
 * Buffers for `n` environments.
 *
 * @param allocate gives zeroed memory of that many bytes; `(bytes) => new SharedArrayBuffer(bytes)` shares them
 */
export function envBuffers(
  n: number,
  observation: ObservationSpec,
  allocate: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
  privileged = true,
): EnvBuffers {
  const { obsSize, privilegedSize } = envSizes(observation, privileged);
  return {
    obs: new Float32Array(allocate(n * obsSize * 4)),
    privileged: new Float32Array(allocate(n * privilegedSize * 4)),
    finalObs: new Float32Array(allocate(n * obsSize * 4)),
    finalPrivileged: new Float32Array(allocate(n * privilegedSize * 4)),
    rewards: new Float32Array(allocate(n * 4)),
    terminated: new Uint8Array(allocate(n)),
    truncated: new Uint8Array(allocate(n)),
    success: new Uint8Array(allocate(n)),
    episodeReturn: new Float32Array(allocate(n * 4)),
    episodeLength: new Int32Array(allocate(n * 4)),
    episodeErrorSq: new Float64Array(allocate(n * 8)),
  };
}

/** The buffers of environments `from` to `from + n` of `N`: a shard's part of shared buffers. */
export function sliceBuffers(buffers: EnvBuffers, from: number, n: number): EnvBuffers {
  const N = buffers.rewards.length;
  const rows = <A extends { length: number; subarray(from: number, to: number): A }>(array: A): A => {
    const width = array.length / N;
    return array.subarray(from * width, (from + n) * width);
  };
  return {
    obs: rows(buffers.obs),
    privileged: rows(buffers.privileged),
    finalObs: rows(buffers.finalObs),
    finalPrivileged: rows(buffers.finalPrivileged),
    rewards: rows(buffers.rewards),
    terminated: rows(buffers.terminated),
    truncated: rows(buffers.truncated),
    success: rows(buffers.success),
    episodeReturn: rows(buffers.episodeReturn),
    episodeLength: rows(buffers.episodeLength),
    episodeErrorSq: rows(buffers.episodeErrorSq),
  };
}
