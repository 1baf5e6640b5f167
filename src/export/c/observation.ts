import { BEAM_RANGE, type ObservationSpec } from '../../../envs/observation.ts';
import { float } from './literals.ts';

/** `windhover_observe` in C: what `Observer.observe` does, field by field, in the same order. */
export function observationCode(spec: ObservationSpec): string {
  return `
/* v of the world, seen in the body frame */
static void windhover_into_body(const float *body_from_world, const float *v, float *out) {
  int k;
  for (k = 0; k < 3; k++, body_from_world += 3)
    out[k] = body_from_world[0] * v[0] + body_from_world[1] * v[1] + body_from_world[2] * v[2];
}

/* The observation, in the fields' units; moves the averages of the state on by one step. */
static void windhover_observe(windhover_state *state, const windhover_sensors *sensors, float *obs) {
  const float x = sensors->quaternion[0], y = sensors->quaternion[1];
  const float z = sensors->quaternion[2], w = sensors->quaternion[3];
  float body_from_world[9], error[3];
  float squared = 0.0f;
  int ${integers(spec)};

  body_from_world[0] = 1.0f - 2.0f * (y * y + z * z);
  body_from_world[1] = 2.0f * (x * y + w * z);
  body_from_world[2] = 2.0f * (x * z - w * y);
  body_from_world[3] = 2.0f * (x * y - w * z);
  body_from_world[4] = 1.0f - 2.0f * (x * x + z * z);
  body_from_world[5] = 2.0f * (y * z + w * x);
  body_from_world[6] = 2.0f * (x * z + w * y);
  body_from_world[7] = 2.0f * (y * z - w * x);
  body_from_world[8] = 1.0f - 2.0f * (x * x + y * y);

  /* goal_error: a goal farther than ${spec.goalErrorLimit_m} m is flown to as if it were so far */
  for (k = 0; k < 3; k++) {
    error[k] = sensors->goal[k] - sensors->position[k];
    squared += error[k] * error[k];
  }
  if (squared > ${float(spec.goalErrorLimit_m ** 2)}) {
    const float shorter = ${float(spec.goalErrorLimit_m)} * windhover_power(squared, -0.5f);
    for (k = 0; k < 3; k++) error[k] *= shorter;
  }
  windhover_into_body(body_from_world, error, obs);

  /* velocity; gravity: the direction of up, less [0, 0, 1]; rates; battery */
  windhover_into_body(body_from_world, sensors->velocity, obs + 3);
  obs[6] = body_from_world[2];
  obs[7] = body_from_world[5];
  obs[8] = -2.0f * (x * x + y * y);
  for (k = 0; k < 3; k++) obs[9 + k] = sensors->rates[k];
${remembers(spec) ? '' : '  (void)state; /* this policy remembers nothing */\n'}  obs[12] = sensors->voltage * ${float(1 / spec.nominalVoltage_V)} - 1.0f;
${memoryFields(spec)}}
`;
}

/** Counters that the loops below need. */
function integers(spec: ObservationSpec): string {
  const names = ['k'];
  if (remembers(spec)) names.push('i');
  if (remembers(spec) || spec.goalVelocity || spec.beams > 0) names.push('at = 13');
  return names.join(', ');
}

function remembers({ actionHistory, actionAverages_s, stateAverages_s }: ObservationSpec): boolean {
  return actionHistory + actionAverages_s.length + stateAverages_s.length > 0;
}

/** The fields after `battery`, each only where the policy has it. */
function memoryFields({
  actionHistory,
  actionAverages_s,
  stateAverages_s,
  goalVelocity,
  beams,
}: ObservationSpec): string {
  let code = '';
  if (actionHistory > 0)
    code += `
  /* own past actions, the latest first */
  for (i = 0; i < ${actionHistory}; i++)
    for (k = 0; k < 4; k++) obs[at++] = state->past_actions[i][k];
`;
  if (actionAverages_s.length > 0)
    code += `
  /* leaky averages of own actions */
  for (i = 0; i < ${actionAverages_s.length}; i++)
    for (k = 0; k < 4; k++) obs[at++] = state->action_averages[i][k];
`;
  if (stateAverages_s.length > 0)
    code += `
  /* leaky averages of goal error, velocity, gravity and rates, this step included */
  for (i = 0; i < ${stateAverages_s.length}; i++)
    for (k = 0; k < 12; k++) {
      state->state_averages[i][k] += WINDHOVER_STATE_GAINS[i] * (obs[k] - state->state_averages[i][k]);
      obs[at++] = state->state_averages[i][k];
    }
`;
  if (goalVelocity)
    code += `
  windhover_into_body(body_from_world, sensors->goal_velocity, obs + at);
${beams > 0 ? '  at += 3;\n' : ''}`;
  if (beams > 0)
    code += `
  /* closeness along each beam: e^(-range / 1 m), 0 where nothing is near */
  for (k = 0; k < ${beams}; k++) {
    const float range = sensors->ranges[k];
    obs[at++] = range < ${float(BEAM_RANGE)} ? windhover_exp(-range) : 0.0f;
  }
`;
  return code;
}

/** `windhover_remember` in C: what `Observer.act` does; nothing where the policy sees none of its actions. */
export function rememberCode({ actionHistory, actionAverages_s }: ObservationSpec): string {
  if (actionHistory + actionAverages_s.length === 0) return '';
  const nested = actionAverages_s.length > 0 || actionHistory > 1;
  return `
/* Notes the action that is taken now. */
static void windhover_remember(windhover_state *state, const float *action) {
  int ${nested ? 'i, k' : 'k'};
${
  actionHistory > 1
    ? `  for (i = ${actionHistory - 1}; i > 0; i--)
    for (k = 0; k < 4; k++) state->past_actions[i][k] = state->past_actions[i - 1][k];
`
    : ''
}${actionHistory > 0 ? '  for (k = 0; k < 4; k++) state->past_actions[0][k] = action[k];\n' : ''}${
  actionAverages_s.length > 0
    ? `  for (i = 0; i < ${actionAverages_s.length}; i++)
    for (k = 0; k < 4; k++)
      state->action_averages[i][k] += WINDHOVER_ACTION_GAINS[i] * (action[k] - state->action_averages[i][k]);
`
    : ''
}}
`;
}

/** Gains of the leaky averages: the share of the way to the new value that an average goes in a step. */
export function gains({ rate_Hz, stateAverages_s, actionAverages_s }: ObservationSpec): string {
  const array = (name: string, seconds: number[]) =>
    seconds.length > 0
      ? `static const float WINDHOVER_${name}_GAINS[${seconds.length}] = { ${seconds
          .map((each) => float(1 - Math.exp(-1 / (each * rate_Hz))))
          .join(', ')} }; /* 1 - e^(-1 / (seconds * rate)) */\n`
      : '';
  return array('STATE', stateAverages_s) + array('ACTION', actionAverages_s);
}

/** Statements that clear what is remembered. */
export function resetCode({ actionHistory, actionAverages_s, stateAverages_s }: ObservationSpec): string {
  const clear = (name: string, rows: number, columns: number) =>
    rows > 0
      ? `  for (i = 0; i < ${rows}; i++)
    for (k = 0; k < ${columns}; k++) state->${name}[i][k] = 0.0f;
`
      : '';
  return (
    clear('past_actions', actionHistory, 4) +
    clear('action_averages', actionAverages_s.length, 4) +
    clear('state_averages', stateAverages_s.length, 12)
  );
}
