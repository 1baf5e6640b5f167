import type { BackendName } from '../backend/index.ts';
import type { CloneSettings } from './clone.ts';

/** Everything that decides a fine-tuning run's result but for the flights; what its `config.yaml` holds. */
export interface FinetuneSettings extends Omit<CloneSettings, 'ewcLambda' | 'rehearsal' | 'jitter' | 'trims'> {
  /** `full`, `head`, `freeze:K`, or `sweep`: every K, of which the validation flights choose one. */
  method: string;
  /** Weight of EWC's penalty; null has it searched for on the validation flights. */
  ewcLambda: number | null;
  /** States of each earlier task, see `CloneSettings`; null: 1, and 4 with four flights or fewer. */
  rehearsal: number | null;
  /** Noise on what is observed, see `CloneSettings`; null has it chosen, on or off: see `searchByHeart`. */
  jitter: number | null;
  /** Each flight's own trim, see `CloneSettings`; null has it chosen together with `jitter`. */
  trims: number | null;
  /** One penalty for each earlier task, or one for all of them: see `ewcPenaltyOf`. */
  ewcMode: EwcMode;
  /** Episodes of each source task, before and after. */
  episodes: number;
  backend: BackendName | 'auto';
  /** Threads that fly episodes; the result does not depend on it. */
  workers: number;
  /** Also run without EWC, to show what it does. */
  ablateEwc: boolean;
  /** Keep the new policy even where the negative-transfer guard refuses it. */
  force: boolean;
}

export const EWC_MODES = ['separate', 'online'] as const;
export type EwcMode = (typeof EWC_MODES)[number];

/** The defaults; src/transfer/README.md says what they were chosen by. */
export const DEFAULT_FINETUNE: FinetuneSettings = {
  method: 'full',
  layerDecay: 1,
  epochs: 24,
  batch: 256,
  samplesPerEpoch: 24_000,
  learningRate: 2e-3,
  ewcLambda: null,
  ewcMode: 'online',
  l2spLambda: 0,
  rehearsal: null,
  dropout: 0,
  jitter: null,
  trims: null,
  weightDecay: 0,
  augment: false,
  seed: 0,
  episodes: 500,
  backend: 'auto',
  workers: 2,
  ablateEwc: false,
  force: false,
};
