import { z } from 'zod';
import { canMix } from './mixer.ts';
import { GRAVITY } from './weight.ts';
import { parseYaml } from './yaml.ts';

const positive = z.number().positive();
const notNegative = z.number().min(0);
const vector = z.tuple([z.number(), z.number(), z.number()]);
const positiveVector = z.tuple([positive, positive, positive]);
const interval = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'expected [low, high] in ascending order');
const ratios = interval.refine(([low]) => low > 0, 'expected ratios above 0');
const sensor = z.strictObject({
  /** Standard deviation of the white noise on each axis of each sample. */
  noise: notNegative,
  /** Half range of the constant offset on each axis; randomised flights draw one, the nominal vehicle has none. */
  bias: notNegative,
  /** Samples a second, at moments of its own; without it, one sample at each control step. */
  rate_Hz: positive.optional(),
  /** From the moment that a sample tells of to when it is there to be used: filters, bus and radio. */
  delay_s: z.number().min(0).max(0.2).default(0),
});

/** What a vehicle file holds. Units are in the names; frames are FLU, axes through the centre of mass. */
export const vehicleSchema = z
  .strictObject({
    name: z.string().min(1),
    mass_kg: positive,
    /** Principal moments of inertia about x, y, z. */
    inertia_kgm2: positiveVector,
    /** In the order of the policy's motors. `spin` as seen from above. */
    rotors: z.array(z.strictObject({ position_m: vector, spin: z.enum(['ccw', 'cw']) })).length(4),
    rotor: z.strictObject({
      /** Thrust of one rotor at full command and nominal voltage. */
      maxThrust_N: positive,
      /** Drag torque about the rotor's axis, per thrust. */
      torquePerThrust_m: notNegative,
      /** Time constant from commanded to actual thrust. */
      lag_s: notNegative,
      /**
       * Motors lose thrust as they warm: cold ones give the share `more` on top, which fades with the time constant
       * `seconds` from when they start. All else in the file is of warm motors, and simulation flies these.
       */
      cold: z.strictObject({ more: z.number().min(-0.3).max(0.3), seconds: positive }).optional(),
    }),
    /** Force per airspeed along each body axis. */
    drag_Ns_per_m: z.tuple([notNegative, notNegative, notNegative]),
    /**
     * Torque per airspeed across the rotors, which lean back when air meets them (blade flapping, drag above the
     * centre of mass): about x by the airspeed along y, about y by minus that along x. Positive noses up in forward flight.
     */
    velocityMoment_Ns: z.number().default(0),
    /** By what small angles about x and y the attitude reads other than the rotors stand: a frame mounted askew. */
    misalignment_rad: z.tuple([z.number().min(-0.2).max(0.2), z.number().min(-0.2).max(0.2)]).default([0, 0]),
    battery: z.strictObject({
      /** Voltage in hover, at which `maxThrust_N` holds. */
      nominal_V: positive,
      /** At rest, charged. */
      full_V: positive,
      /** At rest, when it is time to land. */
      empty_V: positive,
      /** Drop under load at full thrust; in proportion below. */
      sagAtFullThrust_V: notNegative,
      /** Loss of resting voltage in hover; in proportion to thrust otherwise. */
      drainAtHover_V_per_s: notNegative,
      /** Thrust goes with (voltage / nominal) to this power. */
      thrustExponent: notNegative,
    }),
    /** From the command to the motors' first reaction, radio or bus included. */
    latency_s: z.number().min(0).max(0.2),
    /** Sphere around the centre of mass that holds rotors and frame. */
    collisionRadius_m: positive,
    sensors: z.strictObject({
      position_m: sensor,
      velocity_m_s: sensor,
      attitude_rad: sensor,
      rates_rad_s: sensor,
      voltage_V: sensor,
    }),
    /** What turns samples of position, velocity and attitude into the state that a policy sees. */
    estimator: z
      .strictObject({
        /** Time constant with which it follows them. */
        lag_s: z.number().min(0).max(1),
      })
      .default({ lag_s: 0 }),
    /** The onboard rate loop that flies `ctbr` actions. */
    bodyRates: z.strictObject({
      /** Rates asked for at action 1. */
      max_rad_s: positiveVector,
      /** Angular acceleration asked for, per error of the rate. */
      gain_per_s: positiveVector,
      /** How fast the loop trims an error that stays: its integral gain over the proportional one. */
      integral_per_s: z.tuple([notNegative, notNegative, notNegative]).default([0, 0, 0]),
    }),
    control_Hz: positive,
    physics_Hz: positive,
    /**
     * What the vehicle logs as motor command `c`, and how it relates to the fraction `u` of `maxThrust_N`:
     * `u = level · c^exponent · (voltage / nominal_V)^batteryExponent`.
     */
    command: z.strictObject({
      unit: z.string().min(1),
      level: positive,
      exponent: positive,
      batteryExponent: z.number(),
    }),
    /**
     * What identification left open, in the terms of domain randomisation, which then draws from these ranges where its
     * own are left at their defaults.
     */
    intervals: z
      .strictObject({
        mass_ratio: ratios.optional(),
        inertia_ratio: ratios.optional(),
        thrust_ratio: ratios.optional(),
        motor_ratio: ratios.optional(),
        torquePerThrust_ratio: ratios.optional(),
        lag_ratio: ratios.optional(),
        drag_ratio: ratios.optional(),
        sag_ratio: ratios.optional(),
        drain_ratio: ratios.optional(),
        latency_s: interval
          .refine(([low, high]) => low >= 0 && high <= 0.2, 'expected numbers from 0 to 0.2')
          .optional(),
      })
      .optional(),
  })
  .superRefine((vehicle, context) => {
    const fail = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    const [x, y, z] = vehicle.inertia_kgm2;
    if (x > y + z || y > x + z || z > x + y)
      fail(['inertia_kgm2'], 'each moment to be at most the sum of the other two, as in any rigid body');
    if (!canMix(vehicle)) fail(['rotors'], 'positions and spins from which any small torque can be made');
    const { battery } = vehicle;
    if (battery.empty_V >= battery.full_V) fail(['battery', 'empty_V'], `a number below full_V (${battery.full_V})`);
    if (battery.nominal_V > battery.full_V)
      fail(['battery', 'nominal_V'], `a number at most full_V (${battery.full_V})`);
    const substeps = vehicle.physics_Hz / vehicle.control_Hz;
    if (!Number.isInteger(substeps)) fail(['physics_Hz'], `a multiple of control_Hz (${vehicle.control_Hz})`);
    if (vehicle.rotor.maxThrust_N * 4 <= vehicle.mass_kg * GRAVITY)
      fail(['rotor', 'maxThrust_N'], `more than ${((vehicle.mass_kg * GRAVITY) / 4).toPrecision(3)} to lift mass_kg`);
  });

/** One type of aircraft, as its file describes it: the *nominal* vehicle. */
export type Vehicle = z.infer<typeof vehicleSchema>;

/**
 * Reads a vehicle file.
 *
 * @param text its YAML
 * @param file its name, for messages
 * @throws InputError naming the field or line, what was expected and what was found
 */
export function parseVehicle(text: string, file: string): Vehicle {
  return parseYaml(vehicleSchema, text, file);
}
