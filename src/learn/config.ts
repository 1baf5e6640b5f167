import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { InputError } from '../../envs/input-error.ts';
import { DEFAULT_OBSERVATION } from '../../envs/observation.ts';
import { DEFAULT_RANDOMISATION, randomisationSchema } from '../../envs/randomisation.ts';
import { MIXED_REWARD, type RewardWeights, TASKS, taskNamed } from '../../envs/tasks/index.ts';
import { TEACHERS, type TeacherName } from '../../envs/teachers.ts';
import { checked } from '../../envs/yaml.ts';

const taskNames = TASKS.map(({ name }) => name);
const positive = z.number().positive();
const share = z.number().min(0).max(1);

/** Settings of learning; the defaults are those that src/learn/README.md gives reasons for. */
const learnSchema = z.strictObject({
  /** Environments side by side. */
  envs: z.int().min(1).max(65536),
  /** Control steps of each environment between updates. */
  horizon: z.int().min(2).max(4096),
  /** Of how many rollouts DAgger goes on learning. */
  rollouts: z.int().min(1).max(10_000).default(48),
  minibatch: z.int().min(8),
  epochs: z.int().min(1).max(100),
  gamma: z.number().gt(0).max(1),
  gaeLambda: share,
  clip: z.number().gt(0).lt(1),
  entropyCoef: z.number().min(0),
  maxGradNorm: positive,
  /** Learning rate at the start, and where it has fallen to, linearly, after `learningRateSteps` environment steps. */
  learningRate: positive,
  learningRateEnd: positive,
  learningRateSteps: positive,
  /** Standard deviation of the actions at the start; with DAgger, of what is added to them all along. */
  initialStd: positive,
  /** Hidden layers of actor and critic. */
  hidden: z.array(z.int().min(1).max(4096)).min(1),
  /** Weight of elastic weight consolidation, which holds the actor to what `from` had learnt. */
  ewc: z.number().min(0).default(0),
  /** Environment steps in which the critic learns alone. */
  criticWarmupSteps: z.number().min(0).default(0),
  /** Whether the critic sees the true state and the airframe, which the policy never does. */
  privilegedCritic: z.boolean().default(true),
  /** Share of episodes that start mildly. */
  easyStarts: share,
  /** Share of crashed episodes that are flown once more, the same start, goal and airframe. */
  retries: share,
});

/** All weights of the reward, each a number. */
const rewardSchema = z.strictObject({
  ...(Object.fromEntries(Object.keys(MIXED_REWARD).map((name) => [name, z.number()])) as Record<
    keyof RewardWeights,
    z.ZodNumber
  >),
  // older runs say nothing of these
  proximity: z.number().default(0),
  heading: z.number().default(0),
  haste: z.number().default(0),
  floor: z.number().default(MIXED_REWARD.floor),
});

const observationSchema = z.strictObject({
  goalErrorLimit_m: positive,
  actionHistory: z.int().min(0).max(64),
  stateAverages_s: z.array(positive),
  actionAverages_s: z.array(positive),
  beams: z.int().min(0).max(64).default(0),
  goalVelocity: z.boolean().default(false),
});

const ALGORITHMS = ['dagger', 'ppo'] as const;

const configSchema = z.strictObject({
  /** DAgger learns from an expert that knows everything, PPO from the reward; runs from before there was a choice, by PPO. */
  algorithm: z.enum(ALGORITHMS).default('ppo'),
  /** Whom DAgger learns from: who knows everything, or a calm pilot who knows the nominal vehicle. */
  teacher: z.enum(TEACHERS).default('expert'),
  task: z.enum(taskNames),
  /** A name in envs/vehicles or a path to a vehicle file. */
  vehicle: z.string(),
  actions: z.enum(['motors', 'ctbr']),
  /** Policy to begin from instead of random weights: an artifact's folder. */
  from: z.string().nullable().default(null),
  /** Logs whose setpoints the task `track` follows; none means paths drawn at random. */
  paths: z.array(z.string()).default([]),
  seed: z.int().min(0).max(4294967295),
  /** Environment steps after which learning ends whatever it reached. */
  steps: z.int().min(1),
  /** Success rate at which learning ends, or null to go on to the last step. */
  until: share.nullable(),
  randomise: z.boolean(),
  randomisation: randomisationSchema,
  observation: observationSchema,
  reward: rewardSchema,
  learn: learnSchema,
  /** Seconds between checkpoints; 0 writes one after every iteration. */
  checkpoint_s: z.number().min(0),
  workers: z.int().min(1).max(64),
  backend: z.enum(['auto', 'cuda', 'webgpu', 'native', 'wasm', 'cpu']),
});

/** A run's complete settings, as its config.yaml holds them. */
export type RunConfig = z.infer<typeof configSchema>;
export type LearnConfig = RunConfig['learn'];
export type Algorithm = RunConfig['algorithm'];

const LEARN: LearnConfig = {
  envs: 128,
  horizon: 64,
  rollouts: 48,
  minibatch: 512,
  epochs: 4,
  gamma: 0.995,
  gaeLambda: 0.95,
  clip: 0.2,
  entropyCoef: 0.005,
  maxGradNorm: 1,
  learningRate: 1.5e-3,
  learningRateEnd: 1e-4,
  learningRateSteps: 1e6,
  initialStd: 0.5,
  hidden: [64, 64],
  ewc: 0,
  criticWarmupSteps: 0,
  privilegedCritic: true,
  easyStarts: 0.3,
  retries: 0.8,
};

/** What an expert shows is learnt with a tenth of the steps, and nothing has to be explored. */
const IMITATION = {
  horizon: 32,
  minibatch: 256,
  learningRate: 3e-3,
  learningRateEnd: 1e-4,
  learningRateSteps: 3e5,
  initialStd: 0.05,
  privilegedCritic: false,
  easyStarts: 0,
  retries: 0,
};

/** The nominal vehicle needs neither to explore for long nor to look far ahead. */
const SHORT_VIEW = { gamma: 0.99, entropyCoef: 0, learningRateSteps: 2e6 };

/** A longer view makes a policy shy of the gaps it has to pass, and there is more to learn. */
const AMONG_PILLARS = { gamma: 0.99, entropyCoef: 0.002, learningRateSteps: 1.8e6 };

/**
 * On the nominal vehicle small batches learn with a third of the steps; airframes drawn at random need larger ones, and
 * so does a task of several goals. What there is to know of it stands in the observation.
 */
function nominalLearn(task: string): LearnConfig {
  const batch = task === 'hover' ? { envs: 64, minibatch: 128 } : { envs: 128, minibatch: 256 };
  const privilegedCritic = taskNamed(task).pillars !== undefined;
  return { ...LEARN, ...SHORT_VIEW, ...batch, horizon: 32, retries: 0, privilegedCritic };
}

/** A goal that moves all the time is learnt later and goes on getting closer. */
const AFTER_A_PATH = { learningRateSteps: 2.5e6 };

/** What DAgger does otherwise in some tasks: more to see takes longer to learn, and goes on getting better. */
const LONGER: Record<string, { steps: number; learn: Partial<LearnConfig> }> = {
  track: { steps: 1_200_000, learn: { learningRateSteps: 1e6 } },
  forest: { steps: 800_000, learn: { learningRateSteps: 8e5 } },
};

function randomisedLearn(task: string): LearnConfig {
  if (task === 'track') return { ...LEARN, ...AFTER_A_PATH };
  return task === 'forest' ? { ...LEARN, ...AMONG_PILLARS } : LEARN;
}

/**
 * Averages and past actions tell the airframe and the wind; the nominal vehicle has none to be told, but its motors lag. Whoever
 * learns from the pilot is to be tuned on flights of vehicles that have.
 */
const NO_TRIM = { actionHistory: 1, stateAverages_s: [], actionAverages_s: [0.05] };

/** Among the few samples of a batch of nominal hover one tumbling episode would outweigh all others. */
const HOVER_FLOOR = { floor: -1 };

function learnBy(algorithm: Algorithm, task: string, randomise: boolean): LearnConfig {
  if (algorithm === 'ppo') return randomise ? randomisedLearn(task) : nominalLearn(task);
  return { ...LEARN, ...IMITATION, ...LONGER[task]?.learn, ...(randomise ? {} : { envs: 64 }) };
}

/** By which tasks are learnt unless told otherwise. */
export const USUAL_ALGORITHM: Algorithm = 'dagger';

/** Everything that a run takes where the user says nothing. */
export function defaultConfig(
  task: string,
  randomise = true,
  algorithm = USUAL_ALGORITHM,
  teacher: TeacherName = 'expert',
): RunConfig {
  return {
    algorithm,
    teacher,
    task,
    vehicle: 'crazyflie',
    actions: 'motors',
    from: null,
    paths: [],
    seed: 0,
    steps: algorithm === 'ppo' ? 2_500_000 : (LONGER[task]?.steps ?? 400_000),
    until: null,
    randomise,
    randomisation: DEFAULT_RANDOMISATION,
    observation: {
      ...DEFAULT_OBSERVATION,
      ...(randomise || teacher === 'pilot' ? {} : NO_TRIM),
      ...taskNamed(task).observation,
    },
    reward: { ...taskNamed(task).reward, ...(task === 'hover' && !randomise ? HOVER_FLOOR : {}) },
    learn: learnBy(algorithm, task, randomise),
    checkpoint_s: 5,
    workers: 2,
    backend: 'auto',
  };
}

/**
 * The complete settings: defaults, a configuration file over them, single `key=value` settings over that.
 *
 * @param file a configuration's name (for messages) and text; any part of a config.yaml will do
 * @param sets settings such as `learn.gamma=0.99`
 * @param base laid over the defaults first: what the policy that the run begins from brings
 * @throws InputError naming the file and line, or the setting, and what was expected
 */
export function resolveConfig(
  given: Partial<RunConfig>,
  file?: { name: string; text: string },
  sets: string[] = [],
  base: Partial<Record<keyof RunConfig, unknown>> = {},
): RunConfig {
  const fromFile = file ? parseYaml(file.name, file.text) : {};
  const trees = sets.map(settingTree);
  if (given.task !== undefined) taskNamed(given.task); // refuses an unknown one in the flag's own words
  const defaults = merge(taskDefaults([base, fromFile, given, ...trees]), base);
  if (file) check(merge(defaults, fromFile), file.name);
  let config = merge(merge(defaults, fromFile), given as Record<string, unknown>);
  trees.forEach((tree, i) => {
    config = merge(config, tree);
    check(config, `--set ${sets[i]}`);
  });
  const checked = check(config, 'settings');
  checkAlgorithm(checked, sets, file && { name: file.name, idle: idleIn(fromFile, defaults) });
  checkTeacher(checked);
  return checked;
}

/** What PPO alone learns by: settings of which whoever gives them would wait in vain for an effect. */
const OF_PPO = /^(reward\.|learn\.(gamma|gaeLambda|clip|entropyCoef|criticWarmupSteps|privilegedCritic)=)/;

function checkAlgorithm(
  { algorithm, backend }: RunConfig,
  sets: string[],
  file: { name: string; idle: string | undefined } | undefined,
): void {
  if (algorithm === 'ppo') return;
  if (backend !== 'auto' && backend !== 'wasm')
    throw new InputError(`backend: expected wasm or auto with the algorithm dagger, got ${backend}`);
  const idle = sets.find((set) => OF_PPO.test(set));
  if (idle) throw new InputError(`--set ${idle}: dagger learns from an expert, not by it: add --algorithm ppo`);
  if (file?.idle)
    throw new InputError(`${file.name}: ${file.idle}: dagger learns from an expert, not by it: add algorithm: ppo`);
}

/** The pilot fits where action 0 hovers, nothing has to be trimmed and the goal stands. */
function checkTeacher({ teacher, algorithm, task, actions, randomise }: RunConfig): void {
  if (teacher === 'expert') return;
  const expected = (setting: string, value: string, found: string) =>
    new InputError(`${setting}: expected ${value} with the teacher ${teacher}, got ${found}`);
  if (algorithm !== 'dagger') throw expected('algorithm', 'dagger', algorithm);
  if (actions !== 'motors') throw expected('actions', 'motors', actions);
  if (randomise) throw expected('randomise', 'false (--no-randomise)', 'true: it trims nothing');
  if (task === 'track') throw expected('task', 'hover or waypoint', 'track, whose moving goal it trails');
  if (taskNamed(task).pillars) throw expected('task', 'hover or waypoint', `${task}, whose pillars it does not see`);
}

/** The first of PPO's settings that is other in these settings than by default; a whole config.yaml names all of them. */
function idleIn(given: Record<string, unknown>, defaults: Record<string, unknown>): string | undefined {
  for (const group of ['reward', 'learn']) {
    const [own, usual] = [given[group], defaults[group]];
    if (!isMap(own) || !isMap(usual)) continue;
    const name = Object.keys(own).find((key) => OF_PPO.test(`${group}.${key}=`) && own[key] !== usual[key]);
    if (name) return `${group}.${name}`;
  }
  return undefined;
}

/**
 * The defaults for the last task, `randomise` and algorithm that these settings name; what is none of them is refused by
 * whoever checks. A backend that has not Windhover's kernels learns by PPO unless told otherwise.
 */
function taskDefaults(settings: Partial<Record<keyof RunConfig, unknown>>[]): Record<string, unknown> {
  const last = (key: keyof RunConfig) => settings.map((each) => each[key]).findLast((value) => value !== undefined);
  const task = taskNames.find((name) => name === last('task')) ?? 'hover';
  const backend = last('backend') ?? 'auto';
  const usual = backend === 'auto' || backend === 'wasm' ? USUAL_ALGORITHM : 'ppo';
  const algorithm = ALGORITHMS.find((name) => name === last('algorithm')) ?? usual;
  const teacher = TEACHERS.find((name) => name === last('teacher'));
  return { ...defaultConfig(task, last('randomise') !== false, algorithm, teacher) };
}

/** A config as YAML text. */
export function configYaml(config: RunConfig): string {
  return stringify(config);
}

/** Reads a run's own config.yaml, which must be complete. */
export function parseConfig(name: string, text: string): RunConfig {
  return check(parseYaml(name, text), name);
}

function parseYaml(name: string, text: string): Record<string, unknown> {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new InputError(
      `${name}: line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0].replace(/ at line \d+, column \d+:$/, '')}`,
    );
  const data = document.toJS() ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) throw new InputError(`${name}: expected settings as key: value`);
  return data;
}

function check(config: unknown, where: string): RunConfig {
  return checked(configSchema, config, where);
}

/** `learn.gamma=0.99` as `{learn: {gamma: 0.99}}`; the value is read as YAML. */
function settingTree(set: string): Record<string, unknown> {
  const at = set.indexOf('=');
  if (at < 1) throw new InputError(`--set ${set}: expected key=value, for example learn.gamma=0.99`);
  const document = parseDocument(set.slice(at + 1), { prettyErrors: false });
  const [error] = document.errors;
  if (error) throw new InputError(`--set ${set}: expected a value as YAML writes it: ${error.message}`);
  const value = document.toJS();
  return set
    .slice(0, at)
    .split('.')
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

/** `over` laid on `base`, map by map; lists and plain values replace. */
function merge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const before = result[key];
    result[key] = isMap(before) && isMap(value) ? merge(before, value) : value;
  }
  return result;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
