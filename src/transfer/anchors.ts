import { diagonalFisher } from '../../policies/fisher.ts';
import { type Mlp, mlpWeights } from '../../policies/mlp.ts';
import type { Policy, StageAnchor } from '../../policies/policy.ts';
import { kernelBytes } from '../backend/kernels.ts';
import type { CommandMap, Contract } from '../../policies/contract.ts';
import { loggedActions } from './errors.ts';
import type { Anchor } from '../../policies/ewc.ts';
import type { FlightSamples } from './samples.ts';
import { flyAlong } from './self-fed.ts';
import type { EwcMode } from './settings.ts';

/**
 * What EWC holds a policy by: in `separate` mode what each earlier stage ended with and needs, in `online` mode where
 * the policy is now and what all of them need together. Nothing where its artifact holds no Fisher information.
 */
export function anchorsOf({ actor, fisher, anchors }: Policy, mode: EwcMode): Anchor[] {
  if (mode === 'separate' && anchors) return anchors;
  return fisher ? [{ weights: mlpWeights(actor), fisher }] : [];
}

/** What the new policy needs of itself to go on flying like these flights. */
export function flightAnchor(contract: Contract, actor: Mlp, map: CommandMap, flights: FlightSamples[]): StageAnchor {
  const { obs } = flyAlong(contract, actor, flights, loggedActions(contract, map, flights));
  const n = obs.length / contract.observation.size;
  return { weights: mlpWeights(actor), fisher: diagonalFisher(actor, contract.action.std, obs, n, kernelBytes()) };
}

/** Fisher information of several tasks together, each weighing alike. */
export function fisherSum(anchors: StageAnchor[]): Float32Array[] {
  return anchors[0].fisher.map((array, i) =>
    array.map((_, k) => anchors.reduce((sum, { fisher }) => sum + fisher[i][k], 0)),
  );
}
