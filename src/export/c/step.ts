import { ACTION_SIZE } from '../../../envs/actions.ts';
import type { ObservationSpec } from '../../../envs/observation.ts';
import type { CommandMap, Contract } from '../../../policies/contract.ts';
import { float } from './literals.ts';
import { networkSteps } from './network.ts';
import { resetCode } from './observation.ts';
import { sensorsOf } from './sensors.ts';

/** `windhover_reset` and `windhover_step` in C. */
export function stepCode(contract: Contract): string {
  const { spec } = contract.observation;
  const { code, row } = networkSteps(contract);
  const remembers = spec.actionHistory + spec.actionAverages_s.length > 0;
  return `${actionCode(contract)}
${soundCode(spec)}
${resetFunction(spec)}
int windhover_step(windhover_state *state, const windhover_sensors *sensors, windhover_output *output) {
  const float *weights = WINDHOVER_WEIGHTS;
  int k;
  if (!windhover_all_sound(sensors)) return 0;
  windhover_observe(state, sensors, state->work[0]);
  windhover_normalise(state->work[0]);
${code}  for (k = 0; k < ${ACTION_SIZE}; k++) {
    const float a = state->work[${row}][k];
    output->action[k] = a < -1.0f ? -1.0f : a > 1.0f ? 1.0f : a;
  }
${remembers ? '  windhover_remember(state, output->action);\n' : ''}  windhover_ask(sensors->voltage, output);
  return 1;
}
`;
}

function resetFunction(spec: ObservationSpec): string {
  const statements = resetCode(spec);
  return `
void windhover_reset(windhover_state *state) {
${statements ? `  int i, k;\n${statements}` : '  (void)state; /* this policy remembers nothing */\n'}}
`;
}

/** Told by the bits, which holds where the compiler is allowed to assume that there is no NaN. */
function soundCode(spec: ObservationSpec): string {
  const checks = sensorsOf(spec).map(
    ({ name, size }) => `windhover_sound(${size > 1 ? '' : '&'}sensors->${name}, ${size})`,
  );
  return `
/* whether n numbers are finite and below a million in size */
static int windhover_sound(const float *x, int n) {
  union { float value; uint32_t bits; } part;
  int k;
  for (k = 0; k < n; k++) {
    part.value = x[k];
    if ((part.bits & 0x7fffffffu) >= 0x49742400u) return 0;
  }
  return 1;
}

static int windhover_all_sound(const windhover_sensors *sensors) {
  const float *q = sensors->quaternion;
  float square = 0.0f;
  int k;
  if (!(${checks.join(' &&\n        ')} && sensors->voltage > 0.0f)) return 0;
  for (k = 0; k < 4; k++) square += q[k] * q[k];
  return square > 0.81f && square < 1.21f; /* an estimator that is not ready says 0 */
}`;
}

/** `windhover_ask`: from action to thrust and the vehicle's own commands. */
function actionCode({ action, commandMap, observation }: Contract): string {
  const battery = batteryCode(commandMap, observation.spec.nominalVoltage_V);
  const { center, span } = action;
  if (action.mode === 'motors')
    return `
static const float WINDHOVER_CENTER[4] = { ${center.map(float).join(', ')} };
static const float WINDHOVER_SPAN[4] = { ${span.map(float).join(', ')} };
/* thrust of each motor at full command and nominal voltage, over full rotor thrust */
static const float WINDHOVER_LEVEL[4] = { ${levels(commandMap).map(float).join(', ')} };

/* thrust fraction u = center + span action; command c where u = level c^${commandMap.exponent} (voltage / nominal)^${commandMap.batteryExponent} */
static void windhover_ask(float voltage, windhover_output *output) {
${battery}
  int k;
  for (k = 0; k < 4; k++) {
    const float u = WINDHOVER_CENTER[k] + WINDHOVER_SPAN[k] * output->action[k];
    const float thrust = u < 0.0f ? 0.0f : u > 1.0f ? 1.0f : u;
    const float command = ${commandOf('thrust / (WINDHOVER_LEVEL[k] * battery)', commandMap)};
    output->thrust[k] = thrust;
    output->command[k] = command < 1.0f ? command : 1.0f;
  }
}`;
  return `
/* mean thrust u and body rates are center + span action; command c where u = level c^${commandMap.exponent} (voltage / nominal)^${commandMap.batteryExponent} */
static void windhover_ask(float voltage, windhover_output *output) {
${battery}
  const float u = ${float(center[0])} + ${float(span[0])} * output->action[0];
  const float thrust = u < 0.0f ? 0.0f : u > 1.0f ? 1.0f : u;
  const float command = ${commandOf(`thrust / (${float(commandMap.level)} * battery)`, commandMap)};
  output->thrust = thrust;
  output->command = command < 1.0f ? command : 1.0f;
${[1, 2, 3].map((k) => `  output->rates[${k - 1}] = ${center[k] ? `${float(center[k])} + ` : ''}${float(span[k])} * output->action[${k}];`).join('\n')}
}`;
}

function levels({ level, motors }: CommandMap): number[] {
  return Array.from({ length: ACTION_SIZE }, (_, k) => (motors?.[k] ?? 1) * level);
}

function batteryCode({ batteryExponent }: CommandMap, nominalVoltage: number): string {
  return `  const float battery = windhover_power(voltage * ${float(1 / nominalVoltage)}, ${float(batteryExponent)});`;
}

function commandOf(ratio: string, { exponent }: CommandMap): string {
  return exponent === 1 ? ratio : `windhover_power(${ratio}, ${float(1 / exponent)})`;
}
