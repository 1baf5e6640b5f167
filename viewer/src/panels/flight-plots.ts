import type { TopicName } from '../../../src/episode/flight.ts';
import { positionErrorAt, speedAt } from '../position-error.ts';
import type { Recording } from '../recording.ts';
import { heldAt, valueAt } from '../series.ts';
import { GHOST, SOLID } from '../stage/colours.ts';
import type { Curve, TimePlotSpec } from './time-plot.ts';

const GOAL = '#52d273';
const AXES = ['#ff6b7a', '#5fe08a', '#5b9dff'];
const MOTORS = ['#4cc9f0', '#f4a261', '#c77dff', '#52d273'];

/** A recording with its name in the legends. */
export interface Plotted {
  recording: Recording;
  label: string;
  ghost: boolean;
}

/** The plots worth showing for these recordings, the most telling first; the first that is no ghost leads. */
export function flightPlots(plotted: readonly Plotted[]): TimePlotSpec[] {
  if (plotted.length === 0) return [];
  const leader = plotted.find(({ ghost }) => !ghost) ?? plotted[0];
  const lead = leader.recording;
  const has = (topic: TopicName) => lead.topics[topic] !== undefined;
  const specs: TimePlotSpec[] = [];
  if (has('pose') && has('setpoint')) specs.push(errorPlot(plotted));
  else if (has('pose')) specs.push(vectorPlot(lead, 'pose', 'Position', 'm', 2));
  if (has('pose')) specs.push(altitudePlot(plotted, lead));
  if (has('pose') || has('velocity')) specs.push(perRecording('speed', 'Speed', 'm/s', 2, plotted, speedAt));
  if (has('motors')) specs.push(motorPlot(lead));
  if (has('battery')) specs.push(batteryPlot(lead));
  if (has('rates')) specs.push(vectorPlot(lead, 'rates', 'Body rates', 'rad/s', 2));
  if (!has('pose') && has('acceleration')) specs.push(vectorPlot(lead, 'acceleration', 'Specific force', 'm/s²', 1));
  // What is drawn of one recording alone says whose it is.
  const alone = plotted.length > 1 ? leader.label : '';
  const shared = ['error', 'altitude', 'speed'];
  return specs.map((spec) => (shared.includes(spec.id) || !alone ? spec : { ...spec, of: alone }));
}

function perRecording(
  id: string,
  title: string,
  unit: string,
  digits: number,
  plotted: readonly Plotted[],
  quantity: (recording: Recording, t: number) => number,
): TimePlotSpec {
  const curves = plotted.map(({ recording, label, ghost }) => ({
    label: plotted.length > 1 ? label : '',
    colour: ghost ? GHOST : SOLID,
    at: (t: number) => (t <= recording.durationSeconds + 1e-9 ? quantity(recording, t) : Number.NaN),
  }));
  return { id, title, unit, digits, height: 104, curves };
}

function errorPlot(plotted: readonly Plotted[]): TimePlotSpec {
  return { ...perRecording('error', 'Position error', 'm', 3, plotted, positionErrorAt), height: 168 };
}

function altitudePlot(plotted: readonly Plotted[], lead: Recording): TimePlotSpec {
  const altitude = (recording: Recording, t: number) =>
    recording.topics.pose ? valueAt(recording.topics.pose, 2, t) : Number.NaN;
  const spec = perRecording('altitude', 'Altitude', 'm', 2, plotted, altitude);
  const { setpoint } = lead.topics;
  if (setpoint) spec.curves.push({ label: 'goal', colour: GOAL, dashed: true, at: (t) => heldAt(setpoint, 2, t) });
  return spec;
}

function motorPlot(lead: Recording): TimePlotSpec {
  const { motors } = lead.topics;
  const curves: Curve[] = MOTORS.map((colour, column) => ({
    label: `M${column + 1}`,
    colour,
    at: (t) => (motors ? heldAt(motors, column, t) : Number.NaN),
  }));
  return { id: 'motors', title: 'Motors', unit: '', digits: 2, height: 116, curves };
}

function batteryPlot(lead: Recording): TimePlotSpec {
  const { battery } = lead.topics;
  const at = (t: number) => (battery ? heldAt(battery, 0, t) : Number.NaN);
  return {
    id: 'battery',
    title: 'Battery',
    unit: 'V',
    digits: 2,
    height: 92,
    curves: [{ label: '', colour: SOLID, at }],
  };
}

function vectorPlot(lead: Recording, topic: TopicName, title: string, unit: string, digits: number): TimePlotSpec {
  const series = lead.topics[topic];
  const curves: Curve[] = AXES.map((colour, column) => ({
    label: 'xyz'[column],
    colour,
    at: (t) => (series ? valueAt(series, column, t) : Number.NaN),
  }));
  return { id: topic, title, unit, digits, height: 104, curves };
}
