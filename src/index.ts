/** Windhover as a library: what the commands call. */
export { InputError } from '../envs/input-error.ts';
export { type ActionMode, type ActionMap, actionFor, actionMap, thrustFraction } from '../envs/actions.ts';
export {
  DEFAULT_OBSERVATION,
  type Measured,
  type ObservationField,
  type ObservationSpec,
  Observer,
  observationFields,
  observationSize,
} from '../envs/observation.ts';
export { DEFAULT_RANDOMISATION, type Randomisation } from '../envs/randomisation.ts';
export { Rng } from '../envs/rng.ts';
export { TASKS, type Task, taskNamed } from '../envs/tasks/index.ts';
export { VectorEnv, type VectorEnvOptions } from '../envs/vector-env.ts';
export { parseVehicle, type Vehicle } from '../envs/vehicle.ts';
export { hoverThrust } from '../envs/weight.ts';
export { commandOfThrust, thrustOfCommand } from '../policies/command-map.ts';
export { decodeArtifact, encodeArtifact } from '../policies/artifact.ts';
export type { CommandMap, Contract } from '../policies/contract.ts';
export { diagonalFisher } from '../policies/fisher.ts';
export { MlpInference } from '../policies/inference.ts';
export { createMlp, type Mlp, mlpWeights } from '../policies/mlp.ts';
export { type Normaliser, normalise } from '../policies/normaliser.ts';
export type { Policy } from '../policies/policy.ts';
export { selectBackend } from './backend/index.ts';
export type { BreakdownBin, FactorBreakdown } from './evaluate/breakdown.ts';
export { type Evaluation, type EvaluationOptions, Evaluator, evaluatePolicy } from './evaluate/evaluate.ts';
export { type EpisodeResult, type FlyOptions, flyEpisodes } from './evaluate/fly.ts';
export { wilson95 } from './evaluate/interval.ts';
export { recordEpisode } from './evaluate/record.ts';
export {
  type Budget,
  budgetOf,
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportReport,
  exportPolicy,
  OnboardPolicy,
  type Setpoint,
} from './export/index.ts';
export { estimateAdvantages } from './learn/advantages.ts';
export { type FoundRuns, findRuns } from './learn/find-runs.ts';
export { type RunConfig, resolveConfig } from './learn/config.ts';
export { type PretrainOptions, type PretrainResult, pretrain, resumePretrain } from './learn/pretrain.ts';
export { type RunCurve, type RunRecord, type RunSummary, readRun } from './learn/run-summary.ts';
export * from './episode/index.ts';
export * from './telemetry/index.ts';
export {
  type Combination,
  type FlightTrim,
  type Identification,
  identify,
  type Refused,
  type Stated,
  vehicleText,
} from './transfer/identify/index.ts';
export { drawTwin, flyTwin, TWIN_RANGES, type Twin, type TwinRanges, vehicleOfTwin } from './transfer/twins.ts';
export { type FinetuneOptions, finetune } from './transfer/finetune.ts';
export type { FinetuneReport } from './transfer/report.ts';
export { policyFolder, readPolicy, writePolicy, zooNames } from './policy-folder.ts';
export { readVehicle, vehicleNames } from './vehicle-file.ts';
