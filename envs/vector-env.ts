import { ACTION_SIZE, type ActionMap, actionMap } from './actions.ts';
import type { Airframe } from './airframe.ts';
import { writeApproach } from './approach.ts';
import { Beams } from './beams.ts';
import { type EnvBuffers, envBuffers, envSizes } from './env-buffers.ts';
import { Fleet, type Outcome } from './fleet.ts';
import { Observer, type ObservationSpec } from './observation.ts';
import { Pillars } from './pillars.ts';
import { PRIVILEGED_SIZE, Privileged } from './privileged.ts';
import { RNG_WORDS, Rng } from './rng.ts';
import { type MeasuredBuffer, stateBuffer } from './sensors.ts';
import { Simulator } from './simulator.ts';
import { packedSize, packViews, unpackViews } from './snapshot.ts';
import type { Teacher } from './teacher.ts';
import { openTeacher } from './teachers.ts';
import { type Flown, type RewardWeights, type Task, taskNamed, trackAlong } from './tasks/index.ts';
import { VOLUME_MARGIN } from './tasks/task.ts';
import type { MotorResponse, VectorEnvOptions, VehicleState } from './vector-env-options.ts';
import type { Vehicle } from './vehicle.ts';
import type { Obstacle } from './world.ts';

export { type EnvBuffers, envBuffers, envSizes, sliceBuffers } from './env-buffers.ts';
export type { MotorResponse, VectorEnvOptions, VehicleState } from './vector-env-options.ts';

/**
 * `n` environments stepped together, after Gymnasium's vector interface.
 *
 * Autoreset happens in the same step: where an episode ended, `obs` is the first observation of the next one and
 * `finalObs` the last of the old; elsewhere `finalObs` keeps what it held. With `autoreset: false` ended environments stand still: rewards 0, flags kept.
 *
 * Each environment draws from a random stream of its own, so what environment `firstIndex + i` goes through depends
 * on seed, index and actions alone, to the byte, however environments are spread over workers.
 */
export class VectorEnv implements EnvBuffers {
  readonly n: number;
  readonly obsSize: number;
  readonly privilegedSize: number;
  readonly actionSize = ACTION_SIZE;
  readonly task: Task;
  readonly vehicle: Vehicle;
  readonly reward: RewardWeights;
  readonly actionMap: ActionMap;
  readonly observationSpec: ObservationSpec;
  /** 1 where an episode ended and stays ended, `[N]`; only without autoreset. */
  readonly ended: Uint8Array;
  readonly obs: Float32Array;
  readonly privileged: Float32Array;
  readonly finalObs: Float32Array;
  readonly finalPrivileged: Float32Array;
  readonly rewards: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly success: Uint8Array;
  readonly episodeReturn: Float32Array;
  readonly episodeLength: Int32Array;
  readonly episodeErrorSq: Float64Array;
  /** What the expert would do on seeing more than `obs` shows, `[N, 4]`; empty where nobody asks. */
  readonly expertActions: Float32Array;
  private readonly options: VectorEnvOptions;
  private readonly autoreset: boolean;
  private readonly maxSteps: number;
  private readonly simulator: Simulator;
  private readonly observer: Observer;
  private readonly privilegedRows: Privileged | null;
  private readonly expert: Teacher | null;
  private readonly pillars: Pillars;
  private readonly beams: Beams | null;
  private readonly rngs: Rng[] = [];
  /** What each environment's episode was drawn from. */
  private readonly draws: Uint32Array;
  private readonly draw = new Rng(0);
  private readonly rngState: Uint32Array;
  /** How many numbers of a command, from the first, are thrust fractions. */
  private readonly thrusts: number;
  private readonly commands: Float64Array;
  private readonly fleet: Fleet;
  private readonly goals: Float64Array;
  private readonly memories: Float64Array;
  private readonly steps: Int32Array;
  private readonly returnSoFar: Float64Array;
  private readonly errorSqSoFar: Float64Array;
  private readonly flown: Flown;
  private readonly measured: MeasuredBuffer;

  /** Begins the first episode of every environment. */
  constructor(options: VectorEnvOptions) {
    const { n, vehicle, observation } = options;
    this.options = options;
    this.n = n;
    this.vehicle = vehicle;
    this.task = taskOf(options);
    this.reward = { ...this.task.reward, ...options.reward };
    this.actionMap = actionMap(vehicle, options.actions);
    this.thrusts = options.actions === 'motors' ? ACTION_SIZE : 1;
    this.autoreset = options.autoreset ?? true;
    this.maxSteps = Math.round(this.task.maxSeconds * vehicle.control_Hz);
    this.fleet = new Fleet(options);
    const maxLatency = Math.max(options.airframe?.latency_s ?? 0, this.fleet.longestLatency_s);
    const obstacles = [...this.task.obstacles, ...(options.obstacles ?? [])];
    const maxSensorDelay = Math.max(
      1,
      options.randomisation?.sensorDelay_ratio[1] ?? 1,
      options.airframe?.sensorDelay_ratio ?? 1,
    );
    this.pillars = new Pillars(n, this.task.pillars?.count ?? 0, vehicle.collisionRadius_m);
    const pillars = this.task.pillars ? this.pillars : null;
    this.simulator = new Simulator(vehicle, options.actions, n, maxLatency, obstacles, maxSensorDelay, pillars);
    this.observationSpec = observation;
    this.observer = new Observer(observation, n);
    this.beams = observation.beams > 0 ? new Beams(observation.beams, n) : null;
    this.measured = { ...stateBuffer(), ranges: new Float64Array(observation.beams) };
    this.privilegedRows = options.privileged === false ? null : new Privileged(this.simulator);
    this.expert = options.expert ? openTeacher(options.teacher ?? 'expert', this.simulator, this.task) : null;
    this.expertActions = new Float32Array(this.expert ? n * ACTION_SIZE : 0);
    this.obsSize = this.observer.size;
    this.privilegedSize = envSizes(observation, options.privileged).privilegedSize;
    const buffers = options.buffers ?? envBuffers(n, observation, undefined, options.privileged);
    this.obs = buffers.obs;
    this.privileged = buffers.privileged;
    this.finalObs = buffers.finalObs;
    this.finalPrivileged = buffers.finalPrivileged;
    this.rewards = buffers.rewards;
    this.terminated = buffers.terminated;
    this.truncated = buffers.truncated;
    this.success = buffers.success;
    this.episodeReturn = buffers.episodeReturn;
    this.episodeLength = buffers.episodeLength;
    this.episodeErrorSq = buffers.episodeErrorSq;
    this.ended = new Uint8Array(n);
    this.rngState = new Uint32Array(n * RNG_WORDS);
    this.draws = new Uint32Array(n);
    this.commands = new Float64Array(n * ACTION_SIZE);
    this.goals = new Float64Array(n * 3);
    this.memories = new Float64Array(n * this.task.memorySize);
    this.steps = new Int32Array(n);
    this.returnSoFar = new Float64Array(n);
    this.errorSqSoFar = new Float64Array(n);
    this.flown = {
      ...stateBuffer(),
      memory: new Float64Array(this.task.memorySize),
      pillars: this.pillars.of(0),
      step: 0,
      crashed: false,
      reward: 0,
      distance: 0,
      success: false,
    };
    for (let i = 0; i < n; i++)
      this.rngs.push(new Rng(0, 0, this.rngState.subarray(i * RNG_WORDS, (i + 1) * RNG_WORDS)));
    this.reset();
  }

  /** Starts all over: the first episode of every environment under `seed`, the first of which is number `first` of all. */
  reset(seed = this.options.seed, first = this.options.firstIndex ?? 0): void {
    for (const flags of [this.terminated, this.truncated, this.success, this.ended]) flags.fill(0);
    this.rewards.fill(0);
    for (let i = 0; i < this.n; i++) {
      this.rngs[i].reseed(seed, first + i);
      this.fleet.reset(i, this.rngs[i]);
      this.startEpisode(i);
    }
    this.finalObs.set(this.obs);
    this.finalPrivileged.set(this.privileged);
  }

  /**
   * Flies one control step.
   *
   * @param actions `[N, 4]`, clipped to [-1, 1]
   */
  step(actions: Float32Array): void {
    const { n, ended } = this;
    for (let i = 0; i < n; i++) if (ended[i] === 0) this.send(i, actions);
    this.simulator.step(this.commands);
    for (let i = 0; i < n; i++)
      if (ended[i] === 0) this.judge(i);
      else this.rewards[i] = 0;
    for (let i = 0; i < n; i++) if (ended[i] === 0 && this.terminated[i] | this.truncated[i]) this.endEpisode(i);
  }

  /** True when every environment has ended; only without autoreset. */
  allEnded(): boolean {
    return this.ended.every((flag) => flag === 1);
  }

  /** What a snapshot takes. */
  get snapshotBytes(): number {
    return packedSize(this.state());
  }

  /** All that decides the future and all results, as bytes; written to `into`, which has room for {@link snapshotBytes}. */
  snapshot(into: Uint8Array = new Uint8Array(this.snapshotBytes)): Uint8Array {
    this.simulator.save();
    return packViews(this.state(), into);
  }

  /**
   * Puts everything back as it was at `snapshot`, to the bit.
   *
   * @throws RangeError when the bytes come from an environment of other size, task or settings
   */
  restore(bytes: Uint8Array): void {
    const expected = this.snapshotBytes;
    if (bytes.byteLength !== expected)
      throw new RangeError(`environment snapshot: expected ${expected} bytes, got ${bytes.byteLength}`);
    unpackViews(this.state(), bytes);
    this.simulator.restored();
  }

  /** Environment `i`'s vehicle as it truly is now. */
  vehicleState(i: number): VehicleState {
    const { flown, simulator } = this;
    simulator.truth(i, flown);
    const four = (rows: Float64Array) => Array.from(rows.subarray(i * 4, i * 4 + 4));
    return {
      position: Array.from(flown.position),
      quaternion: Array.from(flown.quaternion),
      velocity: Array.from(flown.velocity),
      rates: Array.from(flown.rates),
      motorThrusts: four(simulator.dynamics.motors),
      motorCommand: four(simulator.dynamics.arrived),
      command: four(this.commands),
      voltage: flown.voltage,
      goal: Array.from(this.goals.subarray(i * 3, i * 3 + 3)),
      step: this.steps[i],
    };
  }

  /** The airframe that environment `i` flies in this episode. */
  airframe(i: number): Airframe {
    return this.simulator.airframe(i);
  }

  /** What environment `i` can hit in this episode, beside the ground. */
  obstacles(i: number): Obstacle[] {
    return [...this.task.obstacles, ...(this.options.obstacles ?? []), ...this.pillars.obstacles(i)];
  }

  private send(i: number, actions: Float32Array): void {
    const { center, span } = this.fleet.member(i).map;
    const { commands, thrusts } = this;
    const { response } = this.options;
    const at = i * ACTION_SIZE;
    this.observer.act(i, actions, at);
    for (let k = 0; k < ACTION_SIZE; k++) {
      const u = center[k] + span[k] * clip(actions[at + k]);
      commands[at + k] = k >= thrusts ? u : u < 0 ? 0 : u > 1 ? 1 : u;
      if (response && k < thrusts) commands[at + k] = respond(response, commands[at + k]);
    }
  }

  /** Reward, flags and final observation of environment `i` after a step. */
  private judge(i: number): void {
    const { flown, simulator, task, reward } = this;
    simulator.truth(i, flown);
    this.recall(i);
    flown.step = ++this.steps[i];
    flown.crashed = simulator.crashed[i] === 1 || outside(flown.position, task);
    task.advance(flown, this.rngs[i], reward, this.vehicle.control_Hz);
    this.remember(i);
    const success = flown.success && !flown.crashed;
    const raw = flown.crashed ? flown.reward - reward.crash : flown.reward;
    this.rewards[i] = reward.scale * raw;
    this.terminated[i] = flown.crashed ? 1 : 0;
    this.truncated[i] = !flown.crashed && (success || flown.step >= this.maxSteps) ? 1 : 0;
    this.success[i] = success ? 1 : 0;
    this.returnSoFar[i] += this.rewards[i];
    this.errorSqSoFar[i] += flown.distance * flown.distance;
    this.measure(i);
    if (!this.privilegedRows) return;
    this.privilegedRows.writeMoving(i, flown, this.privileged, i * this.privilegedSize);
    if (this.beams) this.observePillars(i);
  }

  private endEpisode(i: number): void {
    this.episodeReturn[i] = this.returnSoFar[i];
    this.episodeLength[i] = this.steps[i];
    this.episodeErrorSq[i] = this.errorSqSoFar[i];
    copyRow(this.obs, this.finalObs, i, this.obsSize);
    copyRow(this.privileged, this.finalPrivileged, i, this.privilegedSize);
    if (this.autoreset) {
      this.fleet.next(i, this.outcome(i), this.rngs[i]);
      this.startEpisode(i);
    } else {
      this.ended[i] = 1;
      this.simulator.freeze(i, true);
    }
  }

  /**
   * What environment `i`'s next episode is drawn from: start, goal and airframe follow from one number. After a crash it
   * may be the same number again, so that what is hard to fly is flown more often.
   *
   * @see Jiang et al. 2021, https://arxiv.org/abs/2010.03934, whose replay of levels this is the simplest case of
   */
  private drawOf(i: number): Rng {
    const rng = this.rngs[i];
    const again = this.terminated[i] === 1 && rng.uniform() < (this.options.retries ?? 0);
    if (!again) this.draws[i] = rng.bits();
    this.draw.reseed(this.draws[i]);
    return this.draw;
  }

  private startEpisode(i: number): void {
    const { flown, simulator, options, observer } = this;
    const draw = this.drawOf(i);
    const easy = draw.uniform() < (options.easyStarts ?? 0);
    this.steps[i] = flown.step = 0;
    this.returnSoFar[i] = 0;
    this.errorSqSoFar[i] = 0;
    flown.pillars = this.pillars.of(i);
    this.task.start(flown, draw, easy);
    this.remember(i);
    const airframe = options.airframe ?? this.fleet.draw(i, draw);
    const idle = this.idle(i);
    simulator.load(i, airframe, idle);
    if (this.beams) this.beams.noiseRatio[i] = airframe.noise_ratio;
    simulator.place(i, flown);
    simulator.truth(i, flown);
    this.commands.set(idle, i * ACTION_SIZE);
    observer.reset(i);
    this.expert?.load(i, airframe);
    this.measure(i);
    if (!this.privilegedRows) return;
    this.privilegedRows.load(i, airframe);
    this.privilegedRows.write(i, flown, this.privileged, i * this.privilegedSize);
    if (this.beams) this.observePillars(i);
  }

  /** The command that environment `i`'s motors have before the first: that of action 0. */
  private idle(i: number): number[] {
    const { center } = this.fleet.member(i).map;
    const { response } = this.options;
    return response ? center.map((u, k) => (k < this.thrusts ? respond(response, u) : u)) : center;
  }

  private outcome(i: number): Outcome {
    return this.success[i] ? 'success' : this.terminated[i] ? 'crash' : 'neither';
  }

  /** Writes the observation of environment `i`, which is in state `flown`. */
  private measure(i: number): void {
    const { flown, measured } = this;
    this.simulator.measure(i, flown, this.rngs[i], measured);
    this.beams?.measure(i, flown, this.pillars.of(i), this.rngs[i], measured.ranges);
    this.observer.observe(i, measured, this.obs, i * this.obsSize);
    this.expert?.act(i, flown, this.fleet.member(i).map, this.expertActions, i * ACTION_SIZE);
  }

  private observePillars(i: number): void {
    const at = i * this.privilegedSize + PRIVILEGED_SIZE;
    writeApproach(this.flown, this.pillars.of(i), this.vehicle.collisionRadius_m, this.privileged, at);
  }

  private recall(i: number): void {
    const { flown, goals, memories } = this;
    const size = flown.memory.length;
    flown.pillars = this.pillars.of(i);
    for (let k = 0; k < 3; k++) flown.goal[k] = goals[i * 3 + k];
    for (let k = 0; k < size; k++) flown.memory[k] = memories[i * size + k];
  }

  private remember(i: number): void {
    const { flown, goals, memories } = this;
    const size = flown.memory.length;
    for (let k = 0; k < 3; k++) goals[i * 3 + k] = flown.goal[k];
    for (let k = 0; k < size; k++) memories[i * size + k] = flown.memory[k];
  }

  private state(): ArrayBufferView[] {
    return [
      ...this.simulator.state(),
      ...(this.privilegedRows ? [this.privilegedRows.episodes] : []),
      this.observer.memory,
      this.pillars.rows,
      ...(this.beams ? [this.beams.noiseRatio] : []),
      this.rngState,
      this.draws,
      this.commands,
      ...this.fleet.state(),
      ...(this.expert ? [...this.expert.state(), this.expertActions] : []),
      this.goals,
      this.memories,
      this.steps,
      this.returnSoFar,
      this.errorSqSoFar,
      this.ended,
      this.obs,
      this.privileged,
      this.finalObs,
      this.finalPrivileged,
      this.rewards,
      this.terminated,
      this.truncated,
      this.success,
      this.episodeReturn,
      this.episodeLength,
      this.episodeErrorSq,
    ];
  }
}

function taskOf({ task, paths }: VectorEnvOptions): Task {
  if (typeof task !== 'string') return task;
  return task === 'track' && paths?.length ? trackAlong(paths) : taskNamed(task);
}

function respond({ level, exponent }: MotorResponse, u: number): number {
  const thrust = level * u ** exponent;
  return thrust > 1 ? 1 : thrust;
}

function clip(action: number): number {
  return action < -1 ? -1 : action > 1 ? 1 : action;
}

function copyRow(from: Float32Array, to: Float32Array, i: number, size: number): void {
  for (let k = i * size; k < (i + 1) * size; k++) to[k] = from[k];
}

function outside(position: Float64Array, task: Task): boolean {
  const { low, high } = task.volume;
  for (let k = 0; k < 3; k++)
    if (position[k] < low[k] - VOLUME_MARGIN || position[k] > high[k] + VOLUME_MARGIN) return true;
  return false;
}
