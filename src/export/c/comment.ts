import type { Contract } from '../../../policies/contract.ts';
import { budgetOf } from '../budget.ts';
import { fieldLines } from '../field-lines.ts';
import { version } from '../version.ts';
import { commented } from './literals.ts';

/** The comment that the C file begins with: what this is, how to use it, what it costs, and the contract. */
export function headComment(contract: Contract, file: string): string {
  const { observation, action, motorOrder, network, task, vehicle, rate_Hz } = contract;
  const { parameters, multiplyAdds, flashBytes, ramBytes } = budgetOf(contract);
  const lines = [
    `${contract.name}: a Windhover policy in C99, whole: sensors in, ${action.mode === 'motors' ? 'motor commands' : 'collective thrust and body rates'} out.`,
    `Task ${task}, vehicle ${vehicle}. Written by windhover export (Windhover ${version()}) from policy.json.`,
    `Learnt with: ${provenance(contract)}`,
    '',
    'USE. In one file of the program:',
    '',
    '    #define WINDHOVER_IMPLEMENTATION',
    `    #include "${file}"`,
    '',
    'and in others the #include alone. Then, for each vehicle:',
    '',
    '    static windhover_state state;',
    '    windhover_reset(&state);                                  once, when the policy takes over',
    `    if (!windhover_step(&state, &sensors, &output)) fallback();   ${rate_Hz} times a second`,
    '',
    'No library, no allocation, no global that changes: as many vehicles as there are states. With WINDHOVER_SELF_TEST',
    'defined, windhover_self_test(&state, &worst) returns 0 where this machine computes what Windhover computed.',
    '',
    `COST. Network ${network.sizes.join('-')}: ${parameters} parameters, ${multiplyAdds} multiply-adds a step.`,
    `Flash ${flashBytes} bytes of constants, and 2 to 3 kB of code. RAM ${ramBytes} bytes a vehicle (windhover_state);`,
    'less than 300 bytes of stack.',
    '',
    `RATE. ${rate_Hz} steps a second, evenly: averages and past actions count in steps. On a flight controller whose loop`,
    `is faster, step in every ${rate_Hz === 100 ? '10th cycle of a 1 kHz loop' : 'n-th cycle'} and hold the output in between. An STM32F4 (Crazyflie 2.1) has a`,
    'floating-point unit: compile with -O2 -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard.',
    '',
    `MOTORS, in this order, as ${vehicle} has them (x ahead, y left of the centre of mass; spin seen from above):`,
    ...motorOrder.map(
      ({ position_m: [x, y], spin }, k) =>
        `    ${k}: x ${signed(x)} m, y ${signed(y)} m, ${spin === 'ccw' ? 'counter-clockwise' : 'clockwise'}`,
    ),
    '',
    `ACTION. ${action.meaning}`,
    '',
    `OBSERVATION, ${observation.size} numbers, made of the sensors by windhover_observe:`,
    ...fieldLines(contract).map((line) => `    ${line}`),
    '',
    `Each is normalised, (x - mean) / std, and kept within +-${observation.normaliser.clip}, before it enters the network.`,
  ];
  return `/*\n${lines.map((line) => ` * ${commented(line)}`.trimEnd()).join('\n')}\n */`;
}

function provenance({ provenance: facts }: Contract): string {
  return Object.entries(facts)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function signed(x: number): string {
  return `${x < 0 ? '-' : '+'}${Math.abs(x)}`;
}
