import { ACTION_SIZE } from '../../envs/actions.ts';
import { type Measured, Observer } from '../../envs/observation.ts';
import type { Contract } from '../../policies/contract.ts';
import { MlpInference } from '../../policies/inference.ts';
import type { Mlp } from '../../policies/mlp.ts';
import { normalise } from '../../policies/normaliser.ts';
import { kernelBytes } from '../backend/kernels.ts';
import type { FlightSamples } from './samples.ts';

/** What a policy saw and did along logged flights, airborne rows only, one flight after another. */
export interface SelfFed {
  /** Normalised observations, `[n, O]`. */
  obs: Float32Array;
  /** The policy's mean actions, `[n, 4]`, clipped to [-1, 1]. */
  actions: Float32Array;
  /** Row of `obs` at which flight `i` begins; one more than flights, the last is `n`. */
  starts: number[];
}

interface Track {
  flight: FlightSamples;
  from: number;
  end: number;
  /** Next row of the output. */
  at: number;
}

/**
 * Runs a policy along logged flights: states, goals and voltage come from the log, past actions are its own.
 *
 * Fed with logged actions instead, any policy looks good that repeats the last one, and is useless on its own.
 *
 * @param teacher actions `[n, 4]` to remember instead of its own: what a policy that had learnt them would see
 */
export function flyAlong(
  contract: Contract,
  actor: Mlp,
  flights: FlightSamples[],
  teacher: Float32Array | null = null,
): SelfFed {
  const { size: O, spec, normaliser } = contract.observation;
  const { tracks, starts } = layOut(flights);
  const n = starts[flights.length];
  const obs = new Float32Array(n * O);
  const actions = new Float32Array(n * ACTION_SIZE);
  const N = tracks.length;
  const observer = new Observer(spec, N);
  const network = new MlpInference(actor, N, kernelBytes());
  const raw = new Float32Array(N * O);
  const input = new Float32Array(N * O);
  const output = new Float32Array(N * ACTION_SIZE);
  const measured = {
    position: [0, 0, 0],
    quaternion: [0, 0, 0, 1],
    velocity: [0, 0, 0],
    rates: [0, 0, 0],
    voltage: 0,
    goal: [0, 0, 0],
    goalVelocity: [0, 0, 0],
  };
  // longest first, so that the ones still flying are always the first rows
  tracks.sort((a, b) => b.end - b.from - (a.end - a.from));
  let flying = N;
  for (let step = 0; flying > 0; step++) {
    while (flying > 0 && tracks[flying - 1].from + step >= tracks[flying - 1].end) flying--;
    for (let i = 0; i < flying; i++) {
      read(tracks[i].flight, tracks[i].from + step, measured);
      observer.observe(i, measured, raw, i * O);
    }
    normalise(normaliser, raw, flying, input);
    network.run(input, flying, output);
    for (let i = 0; i < flying; i++) {
      const track = tracks[i];
      if (teacher) observer.act(i, teacher, Math.min(track.at * ACTION_SIZE, teacher.length - ACTION_SIZE));
      else observer.act(i, output);
      if (!track.flight.airborne[track.from + step]) continue;
      for (let k = 0, from = i * O, to = track.at * O; k < O; k++) obs[to + k] = input[from + k];
      for (let a = 0; a < ACTION_SIZE; a++)
        actions[track.at * ACTION_SIZE + a] = Math.min(1, Math.max(-1, output[i * ACTION_SIZE + a]));
      track.at++;
    }
  }
  return { obs, actions, starts };
}

function layOut(flights: FlightSamples[]): { tracks: Track[]; starts: number[] } {
  const tracks: Track[] = [];
  const starts = [0];
  let at = 0;
  for (const flight of flights) {
    for (const { from, end } of flight.stretches) {
      tracks.push({ flight, from, end, at });
      for (let t = from; t < end; t++) at += flight.airborne[t];
    }
    starts.push(at);
  }
  return { tracks, starts };
}

function read(flight: FlightSamples, t: number, out: Measured): void {
  copy3(flight.position, t, out.position as number[]);
  copy3(flight.velocity, t, out.velocity as number[]);
  copy3(flight.rates, t, out.rates as number[]);
  copy3(flight.goal, t, out.goal as number[]);
  copy3(flight.goalVelocity, t, out.goalVelocity as number[]);
  copy3(flight.quaternion, t, out.quaternion as number[]);
  (out.quaternion as number[])[3] = flight.quaternion[3][t];
  out.voltage = flight.voltage[t];
}

function copy3(columns: Float64Array[], t: number, to: number[]): void {
  to[0] = columns[0][t];
  to[1] = columns[1][t];
  to[2] = columns[2][t];
}
