import type { Contract } from '../../../policies/contract.ts';
import { budgetOf, CORTEX_M4_INSTRUCTIONS } from '../budget.ts';
import { fieldLines } from '../field-lines.ts';
import { packageVersion } from '../../package-root.ts';
import { commented } from './literals.ts';

/** The comment that the C file begins with: what this is, how to use it, what it costs, and the contract. */
export function headComment(contract: Contract, file: string): string {
  const sections = [about, usage, cost, rate, frames, rotors, words].map((section) => section(contract, file));
  const lines = sections.flatMap((section) => [...section, '']).slice(0, -1);
  return `/*\n${lines.map((line) => ` * ${commented(line)}`.trimEnd()).join('\n')}\n */`;
}

function about({ name, action, task, vehicle, provenance }: Contract): string[] {
  const facts = Object.entries(provenance).filter(([, value]) => typeof value !== 'object');
  const gives = action.mode === 'motors' ? 'motor commands' : 'collective thrust and body rates';
  return [
    `${name}: a Windhover policy in C99, whole: sensors in, ${gives} out.`,
    `Task ${task}, vehicle ${vehicle}. Written by windhover export (Windhover ${packageVersion()}) from policy.json.`,
    ...(facts.length > 0 ? [`Learnt with: ${facts.map((fact) => fact.join(' ')).join(', ')}`] : []),
  ];
}

function usage({ rate_Hz }: Contract, file: string): string[] {
  return [
    'USE. In one file of the program:',
    '',
    '    #define WINDHOVER_IMPLEMENTATION',
    `    #include "${file}"`,
    '',
    'and in others the #include alone. Then, for each vehicle:',
    '',
    '    static windhover_state state;',
    '    windhover_reset(&state);                                      when the policy takes over',
    `    if (!windhover_step(&state, &sensors, &output)) fallback();   ${rate_Hz} times a second`,
    '',
    'No library, no allocation, no global that changes: as many vehicles as there are states. With WINDHOVER_SELF_TEST',
    'defined, windhover_self_test(&state, &worst) returns 0 where this machine computes what Windhover computed.',
  ];
}

function cost(contract: Contract): string[] {
  const { parameters, multiplyAdds, flashBytes, ramBytes } = budgetOf(contract);
  const thousands = Math.round((CORTEX_M4_INSTRUCTIONS * multiplyAdds) / 1000);
  return [
    `COST. Network ${contract.network.sizes.join('-')}: ${parameters} parameters, ${multiplyAdds} multiply-adds a step.`,
    `Flash ${flashBytes} bytes of constants, and 2 to 3 kB of code. RAM ${ramBytes} bytes a vehicle (windhover_state);`,
    `less than 300 bytes of stack. On a Cortex-M4 some ${thousands} thousand instructions a step, -O2.`,
  ];
}

function rate({ rate_Hz }: Contract): string[] {
  return [
    `RATE. ${rate_Hz} steps a second, ${Number((1000 / rate_Hz).toPrecision(4))} ms apart: averages and past actions count in steps. In a faster loop step only`,
    'when the time has come, and hold the output in between. An STM32F4 (Crazyflie 2.1) has a floating-point unit for it:',
    '-O2 -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard.',
  ];
}

function frames(): string[] {
  return [
    'FRAMES. World: x and y level, z up (ENU, or any turned about z). Body: x ahead, y left, z up (FLU). From NED and FRD',
    '(PX4): change the sign of y and z in every vector, goal and rates included, and in the quaternion.',
  ];
}

function rotors({ vehicle, motorOrder }: Contract): string[] {
  const signed = (x: number) => `${x < 0 ? '-' : '+'}${Math.abs(x)}`;
  return [
    `MOTORS, in this order, as ${vehicle} has them (x ahead, y left of the centre of mass; spin seen from above):`,
    ...motorOrder.map(({ position_m: [x, y], spin }, k) => {
      const turns = spin === 'ccw' ? 'counter-clockwise' : 'clockwise';
      return `    ${k}: x ${signed(x)} m, y ${signed(y)} m, ${turns}`;
    }),
  ];
}

function words(contract: Contract): string[] {
  const { observation, action } = contract;
  return [
    `ACTION. ${action.meaning}`,
    '',
    `OBSERVATION, ${observation.size} numbers, made of the sensors by windhover_observe:`,
    ...fieldLines(contract).map((line) => `    ${line}`),
    '',
    `Each is normalised, (x - mean) / std, and kept within +-${observation.normaliser.clip}, before it enters the network.`,
  ];
}
