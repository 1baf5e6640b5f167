import { MEASURED_SIZE, type PilotedFlight, SETPOINT_SIZE } from '../../envs/piloted-flight.ts';
import { SeriesBuilder } from '../episode/index.ts';
import type { Flight, TopicName } from '../telemetry/flight.ts';

/** From a thrust asked for to the command that the electronics log, `c = (u / level)^(1 / exponent)`. */
export interface CommandCurve {
  level: number;
  exponent: number;
}

/** A simulated flight as telemetry, as a real vehicle would log it. */
export function logOf(flown: PilotedFlight, name: string, vehicle: string, curve: CommandCurve): Flight {
  const { time, measured, commands, setpoints } = flown;
  const topic = (rows: Float64Array, width: number, from: number, topicName: TopicName, size: number) => {
    const builder = new SeriesBuilder(topicName);
    time.forEach((t, k) => {
      builder.push(t, rows.subarray(k * width + from, k * width + from + size));
    });
    return builder.finish();
  };
  // the electronics turn a thrust asked for into a command without looking at the battery, as the simulation does
  const logged = commands.map((u) => Math.min(1, (Math.max(0, u) / curve.level) ** (1 / curve.exponent)));
  return {
    name,
    source: `${name} (simulated)`,
    format: 'stream',
    vehicle,
    durationSeconds: time.at(-1) ?? 0,
    topics: {
      pose: topic(measured, MEASURED_SIZE, 0, 'pose', 7),
      velocity: topic(measured, MEASURED_SIZE, 7, 'velocity', 3),
      rates: topic(measured, MEASURED_SIZE, 10, 'rates', 3),
      battery: topic(measured, MEASURED_SIZE, 13, 'battery', 1),
      motors: topic(logged, 4, 0, 'motors', 4),
      setpoint: topic(setpoints, SETPOINT_SIZE, 0, 'setpoint', 3),
    },
    truncated: flown.crashed,
    droppedRows: 0,
    warnings: flown.crashed ? ['the simulated pilot crashed'] : [],
  };
}
