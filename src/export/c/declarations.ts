import { ACTION_SIZE } from '../../../envs/actions.ts';
import type { Contract } from '../../../policies/contract.ts';
import { widest } from '../budget.ts';
import { commented } from './literals.ts';
import { sensorsOf } from './sensors.ts';

/** The structs and functions that a program sees. */
export function declarations(contract: Contract): string {
  return `#define WINDHOVER_RATE_HZ ${contract.rate_Hz}
#define WINDHOVER_OBSERVATION_SIZE ${contract.observation.size}
#define WINDHOVER_ACTION_SIZE ${ACTION_SIZE}

/* What is measured, in SI units. World: ENU (x east, y north, z up; any level frame with z up does). Body: FLU. */
typedef struct {
${sensorsOf(contract.observation.spec)
  .map(({ name, size, comment }) => member(name, size > 1 ? [size] : [], comment))
  .join('\n')}
} windhover_sensors;

/* What the policy remembers of one vehicle. One each; nothing else is remembered anywhere. */
typedef struct {
${stateMembers(contract).join('\n')}
} windhover_state;

/* What the policy asks for. */
typedef struct {
${outputMembers(contract).join('\n')}
} windhover_output;

/* Forgets all: before the first step, and whenever the policy takes over from another controller. */
void windhover_reset(windhover_state *state);

/*
 * One control step; call it ${contract.rate_Hz} times a second, since averages and past actions count in steps.
 * Returns 1. Returns 0 where an input is not a number or beyond a million, the voltage is not above 0 or the quaternion's
 * length is not 1, give or take a tenth: then nothing is changed or remembered, and it is for the caller to fly on without
 * the policy.
 */
int windhover_step(windhover_state *state, const windhover_sensors *sensors, windhover_output *output);

#ifdef WINDHOVER_SELF_TEST
/*
 * Steps through recorded inputs and compares with what Windhover computed when it wrote this file.
 * Returns how many steps differ by more than 0.0001: 0 is right. The largest difference goes to *worst.
 */
int windhover_self_test(windhover_state *state, float *worst);
#endif`;
}

function member(name: string, dimensions: number[], comment: string): string {
  return `  float ${name}${dimensions.map((size) => `[${size}]`).join('')}; /* ${comment} */`;
}

/** Memory that a policy does not have has no member, since C has no empty arrays. */
function stateMembers({ observation, network }: Contract): string[] {
  const { actionHistory, actionAverages_s, stateAverages_s } = observation.spec;
  const members = [];
  if (actionHistory > 0)
    members.push(member('past_actions', [actionHistory, ACTION_SIZE], 'own actions, the latest first'));
  if (actionAverages_s.length > 0)
    members.push(
      member('action_averages', [actionAverages_s.length, ACTION_SIZE], `over ${actionAverages_s.join(' s, ')} s`),
    );
  if (stateAverages_s.length > 0)
    members.push(member('state_averages', [stateAverages_s.length, 12], `over ${stateAverages_s.join(' s, ')} s`));
  return [...members, member('work', [2, widest(network.sizes)], 'for the time of a step: off the stack')];
}

function outputMembers({ action, commandMap }: Contract): string[] {
  const own = member('action', [ACTION_SIZE], "the network's own words, -1 to 1");
  const unit = commented(commandMap.unit);
  if (action.mode === 'motors')
    return [
      own,
      member('thrust', [ACTION_SIZE], "of each rotor, a fraction of its full thrust, 0 to 1; motors' order as above"),
      member('command', [ACTION_SIZE], `what to send to each motor, 0 to 1: ${unit}`),
    ];
  return [
    own,
    member('thrust', [], 'mean of the four rotors, a fraction of full thrust, 0 to 1'),
    member('command', [], `gives this thrust when all four motors get it, 0 to 1: ${unit}`),
    member('rates', [3], 'rad/s about body x, y, z: for the rate controller'),
  ];
}
