import type { Checkpoint } from './checkpoint.ts';
import type { UpdateStats } from './learner.ts';
import type { Networks } from './networks.ts';

/** What the trainer itself has to remember between iterations. */
export interface TrainerState {
  iteration: number;
  /** Environment steps so far. */
  steps: number;
}

/**
 * One line of metrics.jsonl: what one iteration of collecting and learning did. Holds no wall-clock time. What PPO reports
 * of its update is missing where another algorithm learns.
 */
export interface Metrics extends TrainerState, Partial<UpdateStats> {
  /** Episodes that ended in this iteration, the share that succeeded, mean return and mean length [control steps]. */
  episodes: number;
  success: number | null;
  return: number | null;
  episodeLength: number | null;
  learningRate: number;
  /** With DAgger: mean square of how far the policy's actions are from the expert's. */
  imitationLoss?: number;
}

/** Learns on one run's environments, an iteration at a time; can be saved and put back bit for bit. */
export interface Trainer {
  readonly state: TrainerState;
  /** Collects one rollout and learns from it. */
  iterate(): Promise<Metrics>;
  /** A copy of what is being learnt, as it is now. */
  networks(): Promise<Pick<Networks, 'actor' | 'logStd'>>;
  /** Everything that decides how the run goes on. */
  save(): Promise<Checkpoint<TrainerState>>;
  /** Goes on from a checkpoint of the same run. */
  restore(checkpoint: Checkpoint<TrainerState>): Promise<void>;
  dispose(): void;
}

/** Where episodes ended in a rollout, all `[T, N]`: flags, and return and length of the episode that ended there. */
export interface Ends {
  terminated: Uint8Array;
  truncated: Uint8Array;
  success: Uint8Array;
  episodeReturns: Float32Array;
  episodeLengths: Float32Array;
}

/** Episodes that ended during the rollout. */
export function endedEpisodes(ends: Ends): Pick<Metrics, 'episodes' | 'success' | 'return' | 'episodeLength'> {
  let episodes = 0;
  let success = 0;
  let returns = 0;
  let length = 0;
  for (let i = 0; i < ends.terminated.length; i++) {
    if (!ends.terminated[i] && !ends.truncated[i]) continue;
    episodes++;
    success += ends.success[i];
    returns += ends.episodeReturns[i];
    length += ends.episodeLengths[i];
  }
  const mean = (sum: number) => (episodes > 0 ? sum / episodes : null);
  return { episodes, success: mean(success), return: mean(returns), episodeLength: mean(length) };
}

/** Falls linearly with the steps made, down to its end. */
export function learningRateAt(
  steps: number,
  settings: { learningRate: number; learningRateEnd: number; learningRateSteps: number },
): number {
  const { learningRate, learningRateEnd, learningRateSteps } = settings;
  return learningRate + Math.min(1, steps / learningRateSteps) * (learningRateEnd - learningRate);
}
