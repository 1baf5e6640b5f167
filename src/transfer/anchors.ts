import { mlpWeights } from '../../policies/mlp.ts';
import type { Policy } from '../../policies/policy.ts';
import type { Anchor } from './ewc.ts';

/** What EWC holds a policy by; nothing where its artifact holds no Fisher information. */
export function anchorsOf({ actor, fisher }: Policy): Anchor[] {
  return fisher ? [{ weights: mlpWeights(actor), fisher }] : [];
}
