import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../envs/input-error.ts';
import { parseVehicle } from '../../../envs/vehicle.ts';
import type { Flight } from '../../../src/telemetry/flight.ts';
import { motionOf } from '../../../src/transfer/identify/candidate.ts';
import { identify, vehicleText } from '../../../src/transfer/identify/index.ts';
import { drawTwin, flyTwin, vehicleOfTwin } from '../../../src/transfer/twins.ts';
import { givenVehicle, near } from '../../given.ts';

const nominal = givenVehicle('crazyflie');
const twin = drawTwin(nominal, 2);
const excited = identify(flyTwin(twin, { seed: 2, excited: true, flights: 4, seconds: 15 }), nominal);
const calm = identify(flyTwin(twin, { seed: 2, excited: false, flights: 4, seconds: 15 }), nominal);
const truth = (centre: typeof excited.centre) =>
  motionOf(vehicleOfTwin(twin), centre) as unknown as Record<string, number>;

test('an excited twin is found: thrust, drag, gains, delays within a few per cent', () => {
  const found = Object.fromEntries(excited.parameters.map(({ name, value }) => [name, value]));
  const is = truth(excited.centre);
  for (const [name, share] of Object.entries({
    specificThrust_m_s2: 0.03,
    dragHorizontal_per_s: 0.15,
    gainRoll: 0.1,
    gainPitch: 0.1,
    lag_s: 0.15,
  }))
    near(found[name] / is[name], 1, share, name);
  near(found.lagPlusLatency_s, is.lag_s + is.latency_s, 0.006);
});

test('stated intervals cover the truth of the twin, excited and calm', () => {
  for (const { parameters, centre } of [excited, calm]) {
    const is = truth(centre);
    is.lagPlusLatency_s = is.lag_s + is.latency_s;
    is.sagAtFullThrust_V = twin.airframe.sagAtFullThrust_V;
    const outside = parameters.filter(({ name, interval: [low, high] }) => is[name] < low || is[name] > high);
    assert.ok(outside.length <= 1, outside.map(({ name }) => name).join());
  }
});

test('calm flights state gains weakly or refuse them, with the manoeuvre, and do not split lag from latency', () => {
  for (const name of ['gainRoll', 'gainPitch', 'gainYaw']) {
    const stated = calm.parameters.find((each) => each.name === name);
    const refused = calm.refused.find((each) => each.name === name);
    assert.ok(stated?.verdict === 'weak' || refused?.manoeuvre.includes('rate steps'), name);
  }
  assert.ok(calm.refused.some(({ name }) => name === 'lag_s'));
  assert.ok(calm.combinations.some(({ numbers }) => numbers.includes('latency_s')));
  assert.not(excited.refused.some(({ name }) => name === 'lag_s'));
});

test('what is refused stays as the vehicle file has it', () => {
  const yaw = calm.refused.some(({ name }) => name === 'gainYaw');
  assert.ok(yaw, 'the yaw gain of a calm flight is refused');
  const file = motionOf(nominal, calm.centre);
  const written = motionOf(calm.vehicle, calm.centre);
  near(written.gainYaw, file.gainYaw, 1e-6 * file.gainYaw);
});

test('the vehicle file can be read again, intervals included, and says what it was found from', () => {
  const text = vehicleText(excited, 'crazyflie');
  const vehicle = parseVehicle(text, 'twin.yaml');
  near(vehicle.rotor.maxThrust_N / excited.vehicle.rotor.maxThrust_N, 1, 1e-4);
  const [low, high] = vehicle.intervals!.inertia_ratio!;
  assert.ok(low < 1 && high > 1 && high - low < 0.5);
  assert.equal(vehicle.intervals!.mass_ratio, [1, 1]);
  assert.match(text, /gainRoll \d+/);
  assert.match(vehicleText(calm, 'crazyflie'), /Not told by these flights: gainYaw/);
});

test('motors that lose thrust as they warm are told from a battery that drains', () => {
  const given = flyTwin(twin, { seed: 2, excited: true, flights: 4, seconds: 30 });
  const { parameters, vehicle } = identify(given.map(coldStart), nominal);
  const of = (name: string) => parameters.find((each) => each.name === name)!;
  near(of('coldThrust').value, COLD, 0.02);
  const [low, high] = of('batteryExponent').interval;
  assert.ok(low < twin.vehicle.battery.thrustExponent && twin.vehicle.battery.thrustExponent < high);
  near(vehicle.rotor.cold!.more, COLD, 0.02);
  assert.ok(excited.refused.some(({ name }) => name === 'coldThrust'));
});

const COLD = 0.08;

/** A flight by motors that start cold half a second into the log: the same thrust, by smaller commands. */
function coldStart(flight: Flight): Flight {
  const { time, columns } = flight.topics.motors!;
  const cold = Float64Array.from(time, (t) => 1 + COLD * Math.exp(-Math.max(0, t - time[0] - 0.5) / 15));
  const smaller = columns.map((column) =>
    column.map((c, k) => (time[k] - time[0] < 0.5 ? 0 : c / cold[k] ** (1 / twin.curve.exponent))),
  );
  return { ...flight, topics: { ...flight.topics, motors: { time, columns: smaller } } };
}

test('tells how far it is, and is nearly done before it ends', () => {
  const told: number[] = [];
  let total = 0;
  identify(flyTwin(twin, { seed: 2, excited: true, flights: 1, seconds: 8 }), nominal, (done, all) => {
    told.push(done);
    total = all;
  });
  assert.ok(told.length >= 5, `told ${told.length} times`);
  assert.equal(
    told,
    told.toSorted((a, b) => a - b),
  );
  assert.is(told.at(-1), total);
});

test('a flight given twice counts once, and flights that never fly are refused', () => {
  const [flight] = flyTwin(twin, { seed: 2, excited: true, flights: 1, seconds: 8 });
  const { flights, warnings } = identify([flight, { ...flight, name: 'copy' }], nominal);
  assert.is(flights.length, 1);
  assert.match(warnings.join(), /copy holds the same data/);
  const motors = {
    ...flight.topics.motors!,
    columns: flight.topics.motors!.columns.map((column) => column.map(() => 0)),
  };
  assert.throws(
    () => identify([{ ...flight, topics: { ...flight.topics, motors } }], nominal),
    (error: unknown) => error instanceof InputError && /every motor on/.test(error.message),
  );
  assert.throws(
    () => identify([{ ...flight, topics: { pose: flight.topics.pose } }], nominal),
    (error: unknown) => error instanceof InputError && /expected samples of this topic/.test(error.message),
  );
});

const [single] = flyTwin(twin, { seed: 2, excited: true, flights: 1, seconds: 8 });
/** The flight with one topic's columns changed. */
function changed(flight: Flight, topic: 'motors' | 'battery' | 'rates' | 'pose', by: (x: number, c: number) => number) {
  const { time, columns } = flight.topics[topic]!;
  const other = columns.map((column, c) => column.map((x) => by(x, c)));
  return { ...flight, topics: { ...flight.topics, [topic]: { time, columns: other } } };
}

test('a flight on another battery than the vehicle file’s is refused before the fit, with what to do', () => {
  assert.throws(
    () => identify([changed(single, 'battery', (volts) => 6 * volts)], nominal),
    (error: unknown) =>
      error instanceof InputError &&
      error.message.startsWith(`${single.source}: battery: expected about 3.7 V, the nominal voltage of crazyflie`) &&
      /got about 2\d(\.\d)? V in the air; give .* --vehicle, or change battery.nominal_V/.test(error.message),
  );
});

test('a log in another body frame than it says contradicts its commands, and is refused before the fit', () => {
  // half a turn about body x: forward, right, down
  const { time, columns } = single.topics.pose!;
  const [px, py, pz, x, y, z, w] = columns;
  const negative = (column: Float64Array) => column.map((value) => -value);
  const pose = { time, columns: [px, py, pz, w, z, negative(y), negative(x)] };
  const turned = changed(single, 'rates', (rate, c) => (c === 0 ? rate : -rate));
  const { acceleration: _, ...topics } = turned.topics;
  assert.throws(
    () => identify([{ ...turned, topics: { ...topics, pose } }], nominal),
    (error: unknown) =>
      error instanceof InputError && /motors: expected motion that follows .* body frame/.test(error.message),
  );
});

test('a fit that no vehicle of the file’s kind has is said to be one, with the field', () => {
  const { rotor } = excited.vehicle;
  const weak = { ...excited, vehicle: { ...excited.vehicle, rotor: { ...rotor, maxThrust_N: rotor.maxThrust_N / 9 } } };
  assert.throws(
    () => vehicleText(weak, 'crazyflie'),
    (error: unknown) =>
      error instanceof InputError &&
      /^these flights do not fit a vehicle like crazyflie, .*: rotor.maxThrust_N: /.test(error.message),
  );
});

test('what is refused is refused for the true reason', () => {
  const why = (flights: Flight[], name: string) =>
    identify(flights, nominal).refused.find((each) => each.name === name)?.why ?? '';
  assert.is(why([single], 'velocityMoment_s_per_m'), 'one flight tells no interval');
  assert.match(why([single], 'batteryExponent'), /^only one flight has a battery voltage/);
  const { battery: _, ...topics } = single.topics;
  assert.is(why([{ ...single, topics }], 'batteryExponent'), 'the log has no battery voltage');
  const { pose: __, ...unposed } = single.topics;
  assert.is(why([{ ...single, topics: unposed }], 'velocityMoment_s_per_m'), 'the log has no pose and velocity');
});

test('a number without an interval is refused, not determined', () => {
  const { parameters, refused, vehicle } = identify([changed(single, 'motors', () => 1)], nominal);
  for (const { name, value, interval } of parameters)
    assert.ok([value, ...interval].every(Number.isFinite), `${name} ${value} ${interval}`);
  assert.match(refused.find(({ name }) => name === 'commandExponent')?.why ?? '', /no finite interval/);
  assert.is(vehicle.command.exponent, nominal.command.exponent);
});

test.run();
