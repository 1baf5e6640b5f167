import type { CommandMap } from '../../policies/contract.ts';
import type { Flight } from '../telemetry/flight.ts';
import type { ErrorRatio } from './bootstrap.ts';
import type { ChainReport } from './chain.ts';
import type { EpochMetrics } from './clone.ts';
import type { RealScore } from './errors.ts';
import type { Gap } from './gap.ts';
import type { Comparisons, SourceScore, Verdict } from './guard.ts';
import type { Acceptance, Places } from './outcome.ts';
import type { FinetuneSettings } from './settings.ts';
import type { DomainShift } from './shift.ts';
import type { ShortRun } from './short-run.ts';

export interface FinetuneOptions extends Partial<FinetuneSettings> {
  /** Artifact folder, run, or name from the zoo. */
  policy: string;
  /** Flights to learn from; without `test` some of them are held out. */
  flights: Flight[];
  /** Flights to hold out for the report. */
  test?: Flight[];
  /** Folder of the run; it must not exist yet. */
  out: string;
  /** Vehicle file or name, when not the policy's own. */
  vehicle?: string;
  /** Also write the flights to the run, as MCAP: those that came over the network have no file yet. */
  keepFlights?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: FinetuneProgress) => void;
  /** Told before learning begins. */
  onShift?: (shift: DomainShift) => void;
}

/** Which part of the work is under way, and how far it is. */
export interface FinetuneProgress {
  phase: 'calibrate' | 'search' | Phase | 'source';
  done: number;
  total: number;
  /** What happened last, for people. */
  text: string;
}

/** Action errors on the held-out flights. */
export interface RealReport {
  /** The source policy, its thrust turned into commands by the vehicle file's map. */
  nominalMap: RealScore;
  /** The source policy with the map fitted on the training flights. */
  before: RealScore;
  after: RealScore;
  /** The same network learnt from the same flights alone, from random weights. */
  scratch: RealScore;
  /** Knowing each flight's mean command. */
  flightMean: RealScore;
  /** Repeating the logged command of one step before. */
  repeatLast: RealScore;
}

/** What `finetune` reports. */
export interface FinetuneReport extends Verdict, Acceptance, Places {
  flights: { train: string[]; validation: string[]; test: string[] };
  /** From logged command to thrust, as fitted on the flights that were not held out. */
  commandMap: CommandMap;
  real: RealReport;
  /** The new policy's error on the held-out flights over each of the others', with intervals over flights. */
  compared: Comparisons;
  source: SourceScore[];
  /** Every stage in every task, with average accuracy, backward and forward transfer. */
  chain: ChainReport;
  /** The same run without EWC; `gain` is its error on the held-out flights over that before. */
  ablation?: { ewc0: { real: { after: RealScore }; gain: ErrorRatio; source: SourceScore[] } };
  /** With `method: sweep`: each K. */
  sweep?: SweepPoint[];
  /** What was tried where λ was not given. */
  lambdaSearch?: TriedLambda[];
  /** What was tried where neither `jitter` nor `trims` was given. */
  byHeartSearch?: TriedByHeart[];
  /** How far the flights are from what the policy saw in simulation. */
  shift: DomainShift;
  /** What augmentation drew from. */
  gap?: Gap;
  /** λ and method as they were used. */
  settings: FinetuneSettings;
  /** What learning the new policy took, the search for λ included. */
  trainingSeconds: number;
  bestEpoch: number;
  ewcPenalty: number;
  warnings: string[];
  backend: string;
  backendReason: string;
  seconds: number;
}

/** One λ and the error on the validation flights after a short run with it. */
export interface TriedLambda extends ShortRun {
  lambda: number;
}

/** With noise and trims or without, and the error on the validation flights after a short run so. */
export interface TriedByHeart extends ShortRun {
  jitter: number;
  trims: number;
}

/** One point of the transferability curve. */
export interface SweepPoint {
  /** Layers frozen, from the first. */
  freeze: number;
  validationMse: number;
  real: { after: RealScore };
  source: SourceScore[];
}

/** The three that learn: the policy, one from random weights, one without EWC. */
export type Phase = 'tune' | 'scratch' | 'ablation';

/** One line of metrics.jsonl. */
export interface PhaseMetrics extends EpochMetrics {
  phase: Phase;
  /** How it learnt. */
  method: string;
  /** `choose` finds the epoch to stop at, `learn` makes the policy. */
  stage: 'choose' | 'learn';
}
