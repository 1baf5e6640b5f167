import { type Airframe, nominalAirframe } from './airframe.ts';
import { InputError } from './input-error.ts';
import type { Randomisation } from './randomisation.ts';
import type { Rng } from './rng.ts';
import { USUAL_RANGES } from './usual-ranges.ts';
import type { Vehicle } from './vehicle.ts';
import { armLength, GRAVITY } from './weight.ts';

/**
 * The ranges to draw a vehicle's airframes from: where they are the defaults, what is known of the vehicle takes their
 * place.
 */
export function rangesFor(vehicle: Vehicle, randomisation: Randomisation): Randomisation {
  const known = Object.entries(vehicle.intervals ?? {}).filter(([key, range]) => {
    const given = randomisation[key as keyof NonNullable<Vehicle['intervals']>];
    const usual = USUAL_RANGES[key as keyof NonNullable<Vehicle['intervals']>];
    return range !== undefined && given[0] === usual[0] && given[1] === usual[1];
  });
  return { ...randomisation, ...aroundOwnLatency(vehicle, randomisation), ...Object.fromEntries(known) };
}

/** Alone of the ranges latency's is no ratio: where it is the default, it lies about the vehicle's own as the default about 10 ms. */
function aroundOwnLatency({ latency_s }: Vehicle, { latency_s: [low, high] }: Randomisation) {
  const [least, most] = USUAL_RANGES.latency_s;
  if (low !== least || high !== most) return {};
  const by = latency_s - (least + most) / 2;
  return { latency_s: [Math.max(0, least + by), most + by] as [number, number] };
}

/**
 * Draws the airframe of one episode; without ranges, the nominal one.
 *
 * An airframe too weak to hover with some margin teaches nothing, so it is drawn again: the drawn distribution is the
 * ranges' product, cut at `minThrustToWeight`.
 *
 * @throws InputError when 1000 draws find no airframe that can fly
 */
export function drawAirframe(vehicle: Vehicle, randomisation: Randomisation | null, rng: Rng): Airframe {
  if (randomisation === null) return nominalAirframe(vehicle);
  for (let attempt = 0; attempt < 1000; attempt++) {
    const airframe = drawOnce(vehicle, randomisation, rng);
    if (thrustToWeight(vehicle, airframe) >= randomisation.minThrustToWeight) return airframe;
  }
  throw new InputError(
    `randomisation.minThrustToWeight: expected a ratio that ${vehicle.name} can reach, got ${randomisation.minThrustToWeight}`,
  );
}

/** How much of its weight an airframe lifts at full throttle, if each motor were as weak as the weakest. */
export function thrustToWeight(vehicle: Vehicle, airframe: Airframe): number {
  const voltage = Math.max(0, airframe.rest_V - airframe.sagAtFullThrust_V);
  const battery = (voltage / vehicle.battery.nominal_V) ** vehicle.battery.thrustExponent;
  const weakest = vehicle.rotor.maxThrust_N * airframe.thrust_ratio * Math.min(...airframe.motor_ratio) * battery;
  return (4 * weakest) / (airframe.mass_kg * GRAVITY);
}

function drawOnce(vehicle: Vehicle, ranges: Randomisation, rng: Rng): Airframe {
  const even = ([low, high]: readonly [number, number]) => rng.uniform(low, high);
  const logarithmic = ([low, high]: readonly [number, number]) => Math.exp(rng.uniform(Math.log(low), Math.log(high)));
  const bias = (halfRange: number) => halfRange * even(ranges.bias_ratio);
  const bias3 = (halfRange: number): [number, number, number] => [bias(halfRange), bias(halfRange), bias(halfRange)];
  const inertia = even(ranges.inertia_ratio);
  const { battery, sensors, rotor, estimator } = vehicle;
  const [dx, dy, dz] = vehicle.drag_Ns_per_m;
  const drag = logarithmic(ranges.drag_ratio);
  const arm = armLength(vehicle);
  const shift = () => arm * even(ranges.centreOfMass_ratio);
  return {
    mass_kg: vehicle.mass_kg * even(ranges.mass_ratio),
    inertia_kgm2: vehicle.inertia_kgm2.map((moment) => moment * inertia) as Airframe['inertia_kgm2'],
    thrust_ratio: even(ranges.thrust_ratio),
    motor_ratio: [0, 1, 2, 3].map(() => even(ranges.motor_ratio)) as Airframe['motor_ratio'],
    torquePerThrust_m: rotor.torquePerThrust_m * even(ranges.torquePerThrust_ratio),
    lag_s: rotor.lag_s * logarithmic(ranges.lag_ratio),
    drag_Ns_per_m: [dx * drag, dy * drag, dz * drag],
    velocityMoment_Ns: vehicle.velocityMoment_Ns * drag,
    latency_s: even(ranges.latency_s),
    rest_V: battery.empty_V + (battery.full_V - battery.empty_V) * even(ranges.charge),
    sagAtFullThrust_V: battery.sagAtFullThrust_V * even(ranges.sag_ratio),
    drain_ratio: even(ranges.drain_ratio),
    centreOfMass_m: [shift(), shift(), shift()],
    wind_m_s: [even(ranges.windHorizontal_m_s), even(ranges.windHorizontal_m_s), even(ranges.windVertical_m_s)],
    gust_m_s: even(ranges.gust_m_s),
    noise_ratio: even(ranges.noise_ratio),
    sensorDelay_ratio: even(ranges.sensorDelay_ratio),
    estimatorLag_s: estimator.lag_s * logarithmic(ranges.estimatorLag_ratio),
    bias: {
      position_m: bias3(sensors.position_m.bias),
      velocity_m_s: bias3(sensors.velocity_m_s.bias),
      attitude_rad: misaligned(bias3(sensors.attitude_rad.bias), vehicle),
      rates_rad_s: bias3(sensors.rates_rad_s.bias),
      voltage_V: bias(sensors.voltage_V.bias),
    },
  };
}

function misaligned(bias: [number, number, number], { misalignment_rad: [x, y] }: Vehicle): [number, number, number] {
  return [bias[0] + x, bias[1] + y, bias[2]];
}
