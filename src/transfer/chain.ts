import type { Vehicle } from '../../envs/vehicle.ts';
import type { Stage } from '../../policies/contract.ts';
import { mlpWeights } from '../../policies/mlp.ts';
import type { Policy, StageAnchor } from '../../policies/policy.ts';
import { readVehicle, vehicleNames } from '../vehicle-file.ts';

/** A task on a vehicle, flown in simulation. */
export interface SimulatedTask {
  task: string;
  vehicle: Vehicle;
  /** The stage from which on the policy was to fly it, from 0. */
  learntAt: number;
}

/** The stages that a policy went through, this fine-tuning included as the last. */
export interface Chain {
  stages: Stage[];
  /** Of all stages but the last; empty without Fisher information. */
  anchors: StageAnchor[];
  tasks: SimulatedTask[];
}

/** The tasks that a policy was trained for: its own, and those its Fisher information speaks of. */
export function sourceTasks({ contract }: Policy): string[] {
  return [...new Set([contract.task, ...(contract.fisher?.tasks ?? [])])];
}

/**
 * The chain of a policy that is now fine-tuned on flights of `vehicle`.
 *
 * A policy that was only pre-trained has one stage behind it, on its own vehicle; where that is one of the user's own,
 * its contract holds the name alone, and `vehicle` stands in for it.
 */
export function chainOf(policy: Policy, vehicle: Vehicle, flights: number): Chain {
  const { contract, actor, fisher } = policy;
  const own = vehicleNames().includes(contract.vehicle) ? readVehicle(contract.vehicle) : vehicle;
  const before = contract.chain ?? [{ tasks: sourceTasks(policy), vehicle: own, flights: 0 }];
  const pretrained = fisher ? [{ weights: mlpWeights(actor), fisher }] : [];
  const stages = [...before, { tasks: [contract.task], vehicle, flights }];
  return { stages, anchors: policy.anchors ?? pretrained, tasks: tasksOf(stages) };
}

/** Each task on each vehicle once, where it came first. */
export function tasksOf(stages: Stage[]): SimulatedTask[] {
  const tasks = new Map<string, SimulatedTask>();
  stages.forEach(({ tasks: names, vehicle }, learntAt) => {
    for (const task of names) {
      const key = `${task}\n${JSON.stringify(vehicle)}`;
      if (!tasks.has(key)) tasks.set(key, { task, vehicle, learntAt });
    }
  });
  return [...tasks.values()];
}

/** Success of each stage's policy in each task, and what it comes to. */
export interface ChainReport {
  /** What each stage learnt, for people. */
  stages: string[];
  tasks: { task: string; vehicle: string; learntAt: number }[];
  /** Success after each stage (rows) in each task (columns). */
  success: number[][];
  /** Success of the same network with random weights, task by task. */
  untrained: number[];
  /** Mean success in all tasks after the last stage. */
  average: number;
  /** Mean change since each task was learnt; null where none was learnt before the last stage. */
  backward: number | null;
  /** Mean success in each task just before it was learnt, over that of random weights; null where none came later. */
  forward: number | null;
}

/**
 * Average accuracy, backward and forward transfer of a matrix of success: with `R_ij` after stage `i` in task `j`,
 * `ACC = mean_j R_Tj`, `BWT = mean_j R_Tj − R_jj` and `FWT = mean_j R_{j−1,j} − b_j`.
 *
 * A stage here may add no task of its own (another fine-tuning on the same vehicle), so `jj` is the stage at which
 * task `j` came.
 *
 * @see Lopez-Paz and Ranzato 2017, Gradient Episodic Memory, https://arxiv.org/abs/1706.08840, section 2
 */
export function transferOf(
  success: number[][],
  learntAt: number[],
  untrained: number[],
): Pick<ChainReport, 'average' | 'backward' | 'forward'> {
  const last = success.length - 1;
  const all = learntAt.map((_, j) => j);
  const earlier = all.filter((j) => learntAt[j] < last);
  const later = all.filter((j) => learntAt[j] > 0);
  return {
    average: mean(all.map((j) => success[last][j])) ?? 0,
    backward: mean(earlier.map((j) => success[last][j] - success[learntAt[j]][j])),
    forward: mean(later.map((j) => success[learntAt[j] - 1][j] - untrained[j])),
  };
}

function mean(values: number[]): number | null {
  return values.length > 0 ? values.reduce((sum, x) => sum + x, 0) / values.length : null;
}
