import type { BackendName } from '../backend/index.ts';
import type { CloneSettings } from './clone.ts';

/** Everything that decides a fine-tuning run's result but for the flights; what its `config.yaml` holds. */
export interface FinetuneSettings extends CloneSettings {
  /** Episodes of the source task, before and after. */
  episodes: number;
  backend: BackendName | 'auto';
  /** Threads that fly episodes; the result does not depend on it. */
  workers: number;
  /** Also run without EWC, to show what it does. */
  ablateEwc: boolean;
  /** Keep the new policy even where the negative-transfer guard refuses it. */
  force: boolean;
}

/** The defaults; src/transfer/README.md says what they were chosen by. */
export const DEFAULT_FINETUNE: FinetuneSettings = {
  epochs: 24,
  batch: 256,
  samplesPerEpoch: 24_000,
  learningRate: 2e-3,
  ewcLambda: 0.001,
  rehearsal: 1,
  seed: 0,
  episodes: 500,
  backend: 'auto',
  workers: 2,
  ablateEwc: false,
  force: false,
};
