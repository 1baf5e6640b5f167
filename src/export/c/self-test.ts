import type { Policy } from '../../../policies/policy.ts';
import type { Setpoint } from '../onboard.ts';
import { type RecordedStep, recordSequences } from '../recorded.ts';
import { float } from './literals.ts';
import { type Sensor, sensorsOf } from './sensors.ts';

const SEQUENCES = 3;
const STEPS = 8;

/** `windhover_self_test` in C, with recorded inputs and what Windhover itself made of them. */
export function selfTestCode(policy: Policy): string {
  const sensors = sensorsOf(policy.contract.observation.spec);
  const steps = recordSequences(policy, SEQUENCES, STEPS).flat();
  const { mode } = policy.contract.action;
  return `
#ifdef WINDHOVER_SELF_TEST
/* ${SEQUENCES} sequences of ${STEPS} steps, each after a reset */
static const windhover_sensors WINDHOVER_TEST_SENSORS[${steps.length}] = {
${steps.map(({ measured }) => `  { ${sensors.map((sensor) => initialiser(sensor, measured)).join(', ')} }`).join(',\n')}
};
static const windhover_output WINDHOVER_TEST_OUTPUTS[${steps.length}] = {
${steps.map((step) => `  { ${outputs(step).join(', ')} }`).join(',\n')}
};

/* the largest difference, of numbers above 1 in parts of them */
static float windhover_difference(const float *actual, const float *expected, int n) {
  float worst = 0.0f;
  int k;
  for (k = 0; k < n; k++) {
    const float size = expected[k] < 0.0f ? -expected[k] : expected[k];
    float difference = (actual[k] - expected[k]) / (size > 1.0f ? size : 1.0f);
    if (difference < 0.0f) difference = -difference;
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

int windhover_self_test(windhover_state *state, float *worst) {
  windhover_output output;
  int i, k, wrong = 0;
  *worst = 0.0f;
  for (i = 0; i < ${steps.length}; i++) {
    const windhover_output *expected = &WINDHOVER_TEST_OUTPUTS[i];
    float differences[${compared(mode).length}];
    float most = 0.0f;
    if (i % ${STEPS} == 0) windhover_reset(state);
    if (!windhover_step(state, &WINDHOVER_TEST_SENSORS[i], &output)) {
      wrong++;
      continue;
    }
${compared(mode)
  .map(({ name, size }, d) => {
    const at = size > 1 ? '' : '&';
    return `    differences[${d}] = windhover_difference(${at}output.${name}, ${at}expected->${name}, ${size});`;
  })
  .join('\n')}
    for (k = 0; k < ${compared(mode).length}; k++)
      if (!(differences[k] <= most)) most = differences[k];
    if (!(most <= 0.0001f)) wrong++;
    if (!(most <= *worst)) *worst = most;
  }
  return wrong;
}
#endif /* WINDHOVER_SELF_TEST */
`;
}

/** Members of `windhover_output`. */
function compared(mode: 'motors' | 'ctbr'): { name: string; size: number }[] {
  const size = mode === 'motors' ? 4 : 1;
  const members = [
    { name: 'action', size: 4 },
    { name: 'thrust', size },
    { name: 'command', size },
  ];
  return mode === 'motors' ? members : [...members, { name: 'rates', size: 3 }];
}

function outputs({ action, setpoint }: RecordedStep): string[] {
  return [braced(action), ...setpointNumbers(setpoint)];
}

function setpointNumbers(setpoint: Setpoint): string[] {
  if (setpoint.mode === 'motors') return [braced(setpoint.thrust), braced(setpoint.command)];
  return [float(setpoint.thrust), float(setpoint.command), braced(setpoint.rates)];
}

function initialiser({ size, of }: Sensor, measured: RecordedStep['measured']): string {
  const numbers = of(measured);
  return size > 1 ? braced(numbers) : float(numbers[0]);
}

function braced(numbers: ArrayLike<number>): string {
  return `{ ${Array.from(numbers, float).join(', ')} }`;
}
