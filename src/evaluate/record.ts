import { VectorEnv } from '../../envs/vector-env.ts';
import { MlpInference } from '../../policies/inference.ts';
import { normalise } from '../../policies/normaliser.ts';
import type { Policy } from '../../policies/policy.ts';
import { createFlightFile, encodeTransform, type FlightFile } from '../episode/index.ts';
import type { FlyOptions } from './fly.ts';
import { sceneBody } from './scene.ts';

export interface RecordOptions extends FlyOptions {
  /** Which episode of the seed: the start is the same whichever policy flies it. */
  episode: number;
  /** Name in the file's metadata; the file's own name where none is given. */
  name?: string;
}

/** How the recorded episode ended. */
export type EpisodeOutcome = 'success' | 'crash' | 'timeout';

/**
 * Flies one episode with the policy's mean action and records it as MCAP, with true state, one sample of each topic a
 * control step.
 */
export async function recordEpisode(policy: Policy, options: RecordOptions, path: string): Promise<EpisodeOutcome> {
  const { contract } = policy;
  const { episode, name, ...fly } = options;
  const file = await createFlightFile(path);
  try {
    await file.start({
      kind: 'episode',
      name: name ?? `${options.task} ${episode}`,
      vehicle: options.vehicle.name,
      task: options.task,
      source: contract.name,
      format: 'windhover',
    });
    const env = new VectorEnv({
      ...fly,
      n: 1,
      firstIndex: episode,
      actions: contract.action.mode,
      observation: contract.observation.spec,
      autoreset: false,
      privileged: false,
    });
    const outcome = await flyAndWrite(env, policy, options, file);
    await file.end();
    return outcome;
  } catch (error) {
    await file.abort();
    throw error;
  }
}

async function flyAndWrite(
  env: VectorEnv,
  { contract, actor: weights }: Policy,
  { vehicle, episode }: RecordOptions,
  file: FlightFile,
): Promise<EpisodeOutcome> {
  const actor = new MlpInference(weights, 1);
  const input = new Float32Array(env.obsSize);
  const actions = new Float32Array(env.actionSize);
  env.reset();
  let goal = '';
  const write = (time: number) => {
    const state = env.vehicleState(0);
    const pose = [...state.position, ...state.quaternion];
    file.write('pose', time, pose);
    file.raw('/tf', 'foxglove.FrameTransforms', time, encodeTransform(time, pose));
    file.write('velocity', time, state.velocity);
    file.write('rates', time, state.rates);
    file.write('motors', time, state.motorCommand);
    file.write('battery', time, [state.voltage]);
    file.write('setpoint', time, state.goal);
    if (goal !== state.goal.join()) {
      goal = state.goal.join();
      file.raw(
        '/scene',
        'foxglove.SceneUpdate',
        time,
        sceneBody(time, state.goal, env.obstacles(0), env.task.goalRadius_m),
      );
    }
    return Math.hypot(...[0, 1, 2].map((k) => state.goal[k] - state.position[k]));
  };
  const event = (time: number, what: string, positionError_m: number) =>
    file.raw('/episode', 'windhover.Episode', time, {
      timestamp: { sec: Math.floor(time), nsec: Math.round((time % 1) * 1e9) },
      episode,
      event: what,
      positionError_m,
    });
  event(0, 'start', write(0));
  for (let step = 1; ; step++) {
    normalise(contract.observation.normaliser, env.obs, 1, input);
    actor.run(input, 1, actions);
    env.step(actions);
    const time = step / vehicle.control_Hz;
    const error = write(time);
    if (!env.terminated[0] && !env.truncated[0]) continue;
    const outcome = env.terminated[0] ? 'crash' : env.success[0] ? 'success' : 'timeout';
    await event(time, outcome, error);
    return outcome;
  }
}
