import { z } from 'zod';
import { ACTION_SIZE } from '../envs/actions.ts';
import { InputError } from '../envs/input-error.ts';
import { type ObservationField, observationFields, observationSize } from '../envs/observation.ts';
import { vehicleSchema } from '../envs/vehicle.ts';
import { checked } from '../envs/yaml.ts';

const numbers = z.array(z.number());
const positive = z.number().positive();

const spec = z.strictObject({
  rate_Hz: positive,
  nominalVoltage_V: positive,
  goalErrorLimit_m: positive,
  actionHistory: z.int().min(0).max(64),
  stateAverages_s: z.array(positive),
  actionAverages_s: z.array(positive),
  /** Contracts from before there were beams say nothing of them. */
  beams: z.int().min(0).max(64).default(0),
  goalVelocity: z.boolean().default(false),
});

const field = z.strictObject({
  name: z.string(),
  size: z.int().positive(),
  frame: z.enum(['body', 'heading', 'none']),
  unit: z.string(),
  scale: positive,
  meaning: z.string(),
});

const commandMap = z.strictObject({
  unit: z.string(),
  level: positive,
  exponent: positive,
  batteryExponent: z.number(),
  /** Thrust of each motor over that of all at the same command; all 1 if left out. */
  motors: z.tuple([positive, positive, positive, positive]).optional(),
});

/** How often and how well a policy flew, as the card states it. */
const score = z.strictObject({
  episodes: z.int().positive(),
  seed: z.int(),
  successRate: z.number().min(0).max(1),
  positionRmseM: z.number().nullable(),
  crashRate: z.number().min(0).max(1),
});

/** One stage of learning that a policy went through: pre-training first, then each fine-tuning. */
const stage = z.strictObject({
  /** Simulated tasks that it was to fly from then on. */
  tasks: z.array(z.string()).min(1),
  /** The whole vehicle file: the vehicle may be the user's own, and the next fine-tuning flies it again. */
  vehicle: vehicleSchema,
  /** Real flights learnt from. */
  flights: z.int().min(0),
});

const contract = z.strictObject({
  format: z.literal('windhover-policy'),
  version: z.literal(1),
  name: z.string().min(1),
  task: z.string(),
  vehicle: z.string(),
  frames: z.strictObject({
    world: z.literal('ENU'),
    body: z.literal('FLU'),
    quaternion: z.literal('[x, y, z, w] worldFromBody'),
  }),
  rate_Hz: positive,
  observation: z.strictObject({
    size: z.int().positive(),
    spec,
    fields: z.array(field),
    normaliser: z.strictObject({ mean: numbers, std: z.array(positive), clip: positive }),
  }),
  action: z.strictObject({
    mode: z.enum(['motors', 'ctbr']),
    size: z.literal(ACTION_SIZE),
    low: z.literal(-1),
    high: z.literal(1),
    meaning: z.string(),
    center: numbers.length(ACTION_SIZE),
    span: numbers.length(ACTION_SIZE),
    /** Standard deviation that the policy explored with; the artifact's Fisher belongs to it. */
    std: z.array(positive).length(ACTION_SIZE),
  }),
  motorOrder: z
    .array(z.strictObject({ position_m: numbers.length(3), spin: z.enum(['ccw', 'cw']) }))
    .length(ACTION_SIZE),
  /** From normalised rotor thrust to the vehicle's own command: `u = level · c^exponent · (V / nominal)^batteryExponent`. */
  commandMap,
  network: z.strictObject({ sizes: z.array(z.int().positive()).min(2), activation: z.literal('tanh') }),
  fisher: z.strictObject({ tasks: z.array(z.string()), samples: z.int().positive() }).nullable(),
  /** What `anchors.bin` holds, stage by stage; a policy that was never fine-tuned has none. */
  chain: z.array(stage).min(2).optional(),
  scores: z.strictObject({ nominal: score.optional(), randomised: score.optional() }),
  provenance: z.record(z.string(), z.unknown()),
});

/** The whole contract between a policy and a vehicle: what `policy.json` holds. */
export type Contract = z.infer<typeof contract>;
export type CommandMap = z.infer<typeof commandMap>;
export type Score = z.infer<typeof score>;
export type Stage = z.infer<typeof stage>;

/** What an action means, in words for whoever wires it to a vehicle. */
export const ACTION_MEANING = {
  motors: 'thrust of each rotor in motorOrder as a fraction of its full thrust: clamp(center + span * action, 0, 1)',
  ctbr: 'mean rotor thrust as a fraction of full thrust, then body rates about x, y, z in rad/s: center + span * action',
} as const;

/**
 * Checks a contract as read from `where`, its own consistency included.
 *
 * @throws InputError that names the field, what was expected and what was found
 */
export function parseContract(data: unknown, where: string): Contract {
  const result = checked(contract, data, where);
  const { observation, network } = result;
  const expected = observationFields(observation.spec);
  const size = observationSize(observation.spec);
  const check = (name: string, actual: unknown, wanted: unknown) => {
    if (actual !== wanted) throw new InputError(`${where}: ${name}: expected ${wanted}, got ${actual}`);
  };
  check('rate_Hz', result.rate_Hz, observation.spec.rate_Hz);
  expected.forEach((wanted, i) => {
    checkField(`${where}: observation.fields[${i}]`, observation.fields[i], wanted);
  });
  check('observation.fields.length', observation.fields.length, expected.length);
  check('observation.size', observation.size, size);
  check('observation.normaliser.mean.length', observation.normaliser.mean.length, size);
  check('observation.normaliser.std.length', observation.normaliser.std.length, size);
  check('network.sizes[0]', network.sizes[0], size);
  check('network.sizes[last]', network.sizes.at(-1), ACTION_SIZE);
  return result;
}

function checkField(where: string, actual: ObservationField | undefined, wanted: ObservationField): void {
  for (const key of ['name', 'size', 'frame', 'unit'] as const)
    if (actual?.[key] !== wanted[key])
      throw new InputError(`${where}.${key}: expected ${wanted[key]} (this Windhover's layout), got ${actual?.[key]}`);
}
