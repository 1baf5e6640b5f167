import { compiled } from '../figures.ts';
import { type BenchContext, nanobenchFlights } from './context.ts';

type Identify = typeof import('../../../src/transfer/identify/index.ts');
type Predictor = InstanceType<Identify['Predictor']>;
type Vehicle = import('../../../envs/vehicle.ts').Vehicle;

/** A Crazyflie identified on some NanoBench flights, and others to foretell. */
export interface Identified {
  nominal: Vehicle;
  vehicle: Vehicle;
  predictor: Predictor;
  flights: { learnt: number; foretold: number };
  seconds: number;
}

let done: Promise<Identified> | null = null;

/** Identifies once for all figures that need it. */
export function identified(context: BenchContext): Promise<Identified> {
  done ??= identifyOnce(context);
  return done;
}

async function identifyOnce(context: BenchContext): Promise<Identified> {
  const { identify, Predictor } = await compiled<Identify>('src/transfer/identify/index.js');
  const { readVehicle } = await compiled<typeof import('../../../src/vehicle-file.ts')>('src/vehicle-file.js');
  const { train, test } = await nanobenchFlights(context);
  const nominal = readVehicle('crazyflie');
  const started = performance.now();
  const { vehicle } = identify(train, nominal);
  const seconds = (performance.now() - started) / 1000;
  const flights = { learnt: train.length, foretold: test.length };
  return { nominal, vehicle, predictor: new Predictor(test, nominal), flights, seconds };
}
