import { createHash } from 'node:crypto';
import { InputError } from '../../envs/input-error.ts';
import type { Policy } from '../../policies/policy.ts';
import { headComment } from './c/comment.ts';
import { declarations } from './c/declarations.ts';
import { MATH, TANH } from './c/math.ts';
import { constants, networkCode } from './c/network.ts';
import { gains, observationCode, rememberCode } from './c/observation.ts';
import { selfTestCode } from './c/self-test.ts';
import { stepCode } from './c/step.ts';
import type { ExportFormat } from './format.ts';

/** One C99 header with the whole policy, sensors to commands. */
export const c: ExportFormat = {
  name: 'c',
  summary: 'one C99 header, sensors to motor commands, for a flight controller',
  ending: '.h',
  options: ['prefix'],
  encode: (policy, name, { prefix }) => ({ [name]: new TextEncoder().encode(headerText(policy, name, prefix)) }),
};

/** What other files of a program call. */
const FUNCTIONS = ['reset', 'step', 'self_test'];

/** Tells one policy from another: eight hexadecimal digits of a hash of its contract and weights. */
function markOf({ contract, actor }: Policy): string {
  const hash = createHash('sha256').update(JSON.stringify(contract));
  for (const numbers of [...actor.kernels, ...actor.biases])
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return hash.digest('hex').slice(0, 8);
}

/**
 * The header's text.
 *
 * @param file its name, for the comment
 * @param prefix what its names begin with, a C identifier
 * @throws InputError when the prefix is none
 */
export function headerText(policy: Policy, file: string, prefix: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(prefix))
    throw new InputError(
      `--prefix: expected letters, digits and _, a letter first, as in C, got ${JSON.stringify(prefix)}`,
    );
  const { contract } = policy;
  const mark = markOf(policy);
  const text = `${headComment(contract, file)}
#if defined(WINDHOVER_HEADER) && !defined(WINDHOVER_POLICY_${mark})
#error "two policies are exported under the same names: give one of them its own with --prefix"
#endif

#ifndef WINDHOVER_HEADER
#define WINDHOVER_HEADER
#define WINDHOVER_POLICY_${mark}

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* So that a program with another policy's implementation does not link. */
${FUNCTIONS.map((name) => `#define windhover_${name} windhover_${name}_${mark}`).join('\n')}

${declarations(contract)}

#ifdef __cplusplus
}
#endif

#endif /* WINDHOVER_HEADER */

#if defined(WINDHOVER_IMPLEMENTATION) && !defined(WINDHOVER_IMPLEMENTED)
#define WINDHOVER_IMPLEMENTED

${constants(policy)}${gains(contract.observation.spec)}${MATH}${contract.network.sizes.length > 2 ? TANH : ''}${observationCode(contract.observation.spec)}${rememberCode(contract.observation.spec)}${networkCode(contract)}${stepCode(contract)}${selfTestCode(policy)}
#endif /* WINDHOVER_IMPLEMENTATION */
`;
  return text.replaceAll(/\bwindhover_/g, `${prefix}_`).replaceAll(/\bWINDHOVER_/g, `${prefix.toUpperCase()}_`);
}
