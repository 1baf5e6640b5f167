import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../../envs/input-error.ts';
import type { Vehicle } from '../../envs/vehicle.ts';
import { VectorEnv } from '../../envs/vector-env.ts';
import { sharedKernelBytes } from '../backend/kernels.ts';
import { selectLearningBackend } from '../backend/learning.ts';
import type { Selection as BackendSelection } from '../backend/select.ts';
import type { Workload } from '../backend/workload.ts';
import { type Evaluation, Evaluator } from '../evaluate/evaluate.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { Crew } from './crew.ts';
import { configYaml, parseConfig, type RunConfig } from './config.ts';
import { finishedReport, finishRun, type PretrainReport } from './finish.ts';
import { type Concern, concerns } from './health.ts';
import { createRun, type RunFolder, runFolder } from './run-folder.ts';
import { holdRun } from './run-lock.ts';
import { RunLog } from './run-log.ts';
import { Selection, type SelectionState } from './selection.ts';
import { type Condition, conditionOf, envOptions, fieldNormaliser } from './setup.ts';
import { type WarmStart, warmStart } from './warm-start.ts';
import { PpoTrainer } from './ppo-trainer.ts';
import type { Metrics, TrainerState } from './trainer.ts';
import { DaggerTrainer } from './dagger-trainer.ts';

/** What a watcher of the run is told, after each iteration. */
export interface PretrainProgress {
  metrics: Metrics;
  /** The latest evaluation of the mean action, where this iteration had one. */
  evaluation: Evaluation | null;
  /** Environment steps after which the run ends at the latest. */
  totalSteps: number;
  stepsPerSecond: number;
  /** What looks unhealthy in this iteration. */
  concerns: Concern[];
  backend: string;
}

export interface PretrainOptions {
  /** Threads that are already starting; used where there are as many as the settings say, and closed at the end. */
  crew?: Crew;
  /** Where policies are chosen and scored, where that is not what they learn on. */
  judgedOn?: Condition;
  /** Vehicles from easy to hard to learn on, instead of the settings' one alone, which is the last of them. */
  fleet?: readonly Vehicle[];
  /** Stops at the next iteration when aborted; the run can then be resumed. */
  signal?: AbortSignal;
  onProgress?: (progress: PretrainProgress) => void;
  /** Told once, before learning starts: the run's folder, and which backend learns and why. */
  onStart?: (start: { run: string; backend: string; reason: string; resumedAt: number }) => void;
}

/** How a run ended: with a policy, or stopped where it can be resumed. */
export type PretrainResult = { finished: true; report: PretrainReport } | { finished: false; run: string };

interface SavedState extends TrainerState {
  selection: SelectionState;
}

/**
 * Starts a new run and learns to its end.
 *
 * @param folder of the run, or what makes it: called once the settings are known to be good
 */
export async function pretrain(
  folder: string | (() => string),
  config: RunConfig,
  options: PretrainOptions = {},
): Promise<PretrainResult> {
  const condition = await conditionOf(config); // a wrong vehicle leaves no folder behind
  const probe = new VectorEnv({ ...envOptions(config, condition), n: 1 });
  const backend = await learningBackend(config, probe);
  // config.yaml names the backend that learns, so that a resumed run goes on with the same
  const settled = { ...config, backend: backend.name };
  const start = startOf(settled, probe);
  const why = config.backend === 'auto' ? `# auto chose ${backend.name}: ${backend.reason}\n` : '';
  const run = createRun(typeof folder === 'string' ? folder : folder(), configYaml(settled) + why);
  return learn(run, settled, condition, probe, start, backend, options);
}

/**
 * Goes on with a run that was stopped or killed, with the settings of its config.yaml, to the same end. A run that had
 * ended gives its report again.
 */
export async function resumePretrain(folder: string, options: PretrainOptions = {}): Promise<PretrainResult> {
  const run = runFolder(folder);
  if (!existsSync(run.folder))
    throw new InputError(`${run.folder}: expected a run to resume, but there is no such folder`);
  if (!existsSync(run.config))
    throw new InputError(`${run.folder}: expected a run to resume, but it holds no config.yaml`);
  const config = parseConfig(run.config, readFileSync(run.config, 'utf8'));
  if (existsSync(run.report)) return { finished: true, report: finishedReport(run) };
  const condition = await conditionOf(config);
  const probe = new VectorEnv({ ...envOptions(config, condition), n: 1 });
  const backend = await learningBackend(config, probe);
  return learn(run, config, condition, probe, startOf(config, probe), backend, options);
}

function startOf(config: RunConfig, { obsSize, actionSize }: VectorEnv): WarmStart | null {
  return warmStart(config, [obsSize, ...config.learn.hidden, actionSize]);
}

/** DAgger learns by our kernels alone. */
async function learningBackend(config: RunConfig, probe: VectorEnv): Promise<Omit<BackendSelection, 'tried'>> {
  if (config.algorithm === 'ppo') return selectLearningBackend(config.backend, workloadOf(config, probe));
  if (!sharedKernelBytes())
    throw new InputError('algorithm: dagger needs the compiled kernels: npm run build:kernels, or --algorithm ppo');
  return { name: 'wasm', reason: "dagger learns by Windhover's SIMD kernels", measured: {} };
}

/** What the backend is to learn, as far as its speed depends on it: the actor; the critic is alike. */
function workloadOf({ learn, workers }: RunConfig, { obsSize, actionSize }: VectorEnv): Workload {
  return {
    sizes: [obsSize, ...learn.hidden, actionSize],
    batch: Math.min(learn.minibatch, learn.horizon * learn.envs),
    threads: Math.min(2, workers),
  };
}

/** From start to success; what earlier processes learnt counts, the time between them does not. */
function timeToSuccess({ state, reachedAtSeconds }: Selection, log: RunLog): number | null {
  if (reachedAtSeconds !== null) return log.earlierSeconds + reachedAtSeconds;
  return state.reachedAtSteps === null ? null : log.secondsAt(state.reachedAtSteps);
}

async function learn(
  run: RunFolder,
  config: RunConfig,
  condition: Condition,
  probe: VectorEnv,
  start: WarmStart | null,
  backend: Omit<BackendSelection, 'tried'>,
  { crew: ready, judgedOn = condition, fleet, signal, onProgress, onStart }: PretrainOptions,
): Promise<PretrainResult> {
  const release = holdRun(run.folder);
  const env = { ...envOptions(config, condition), fleet };
  const normaliser = fieldNormaliser(env.observation);
  const { horizon: T, envs: N } = config.learn;
  const shape = { T, N, O: probe.obsSize, P: probe.privilegedSize, A: probe.actionSize };
  const crew = ready?.size === config.workers ? ready : new Crew(config.workers);
  if (crew !== ready) await ready?.close();
  let log: RunLog | undefined;
  try {
    const trainer =
      config.algorithm === 'dagger'
        ? await DaggerTrainer.open(config, env, shape, normaliser, crew, start)
        : await PpoTrainer.open(config, env, shape, normaliser, crew, start);
    const evaluator = new Evaluator(crew);
    const selection = new Selection(config, normaliser, judgedOn, evaluator);
    const saved = readCheckpoint<SavedState>(run.checkpoint);
    if (saved) {
      await trainer.restore({
        state: { iteration: saved.state.iteration, steps: saved.state.steps },
        arrays: saved.arrays,
      });
      selection.restore(saved.state.selection, saved.arrays);
    }
    log = new RunLog(run, trainer.state);
    onStart?.({ run: run.folder, backend: backend.name, reason: backend.reason, resumedAt: trainer.state.steps });
    const save = async () => {
      const checkpoint = await trainer.save();
      const state: SavedState = { ...checkpoint.state, selection: selection.state };
      writeCheckpoint(run.checkpoint, { state, arrays: { ...checkpoint.arrays, ...selection.arrays() } });
    };
    const started = performance.now();
    const startSteps = trainer.state.steps;
    let savedAt = performance.now();
    let evaluated: number | null = null;
    while (!selection.done && trainer.state.steps < config.steps) {
      const metrics = await trainer.iterate();
      const evaluation = await selection.consider(metrics, await trainer.networks());
      log.iteration({ ...metrics, evaluation: evaluation?.successRate ?? null });
      const stepsPerSecond = (metrics.steps - startSteps) / ((performance.now() - started) / 1000);
      evaluated = evaluation?.successRate ?? evaluated;
      const health = concerns({
        metrics,
        done: metrics.steps / config.steps,
        evaluation: evaluated,
        best: selection.state.best?.successRate ?? null,
      });
      const watched = { metrics, evaluation, concerns: health, totalSteps: config.steps, stepsPerSecond };
      onProgress?.({ ...watched, backend: backend.name });
      if (signal?.aborted || performance.now() - savedAt >= 1000 * config.checkpoint_s) {
        await save();
        savedAt = performance.now();
      }
      if (signal?.aborted) return { finished: false, run: run.folder };
    }
    await save();
    const report = await finishRun(run, config, judgedOn, selection, crew, {
      steps: trainer.state.steps,
      stepsPerSecond: trainer.state.steps / log.seconds,
      earlierSeconds: log.earlierSeconds,
      timeToSuccessSeconds: timeToSuccess(selection, log),
      backend: backend.name,
      backendReason: backend.reason,
      backendMeasured: backend.measured,
    });
    return { finished: true, report };
  } finally {
    log?.close();
    release();
    await crew.close();
  }
}
