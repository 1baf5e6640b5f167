import { positionErrorAt, speedAt } from '../position-error.ts';
import type { Recording } from '../recording.ts';
import { heldAt, indexAt, valueAt } from '../series.ts';
import { byId, clock, element, figure } from './dom.ts';
import { LiveLine, type LiveWords } from './live-line.ts';

/** What the status says of one recording at a time. */
export interface State {
  errorMetres: number;
  speed: number;
  altitude: number;
  voltage: number;
  /** The latest event up to now other than "start". */
  outcome: string | null;
}

export function stateAt(recording: Recording, t: number): State {
  const { pose, battery } = recording.topics;
  const ended = recording.events.filter(({ time, event }) => event !== 'start' && time <= t + 1e-9);
  return {
    errorMetres: positionErrorAt(recording, t),
    speed: speedAt(recording, t),
    altitude: pose ? valueAt(pose, 2, t) : Number.NaN,
    voltage: battery && indexAt(battery.time, t) >= 0 ? heldAt(battery, 0, t) : Number.NaN,
    outcome: ended.at(-1)?.event ?? null,
  };
}

/** The text over the picture: file, time, error, speed, altitude, battery, outcome. */
export class StatusPanel {
  private readonly box = byId('status');
  private readonly title = element('div', { class: 'title', 'data-field': 'title' });
  private readonly badge = element('span', { class: 'badge', 'data-field': 'event', hidden: '' });
  private readonly live = new LiveLine();
  private readonly fields = element('dl');
  private readonly values = new Map<string, HTMLElement>();

  constructor() {
    const head = element('div', { class: 'head' }, this.live.badge, this.title, this.badge);
    this.box.append(head, this.live.root, this.fields);
    for (const [name, label, unit] of [
      ['time', 'Time', ''],
      ['error', 'Position error', 'm'],
      ['error-before', 'before fine-tuning', 'm'],
      ['speed', 'Speed', 'm/s'],
      ['altitude', 'Altitude', 'm'],
      ['voltage', 'Battery', 'V'],
      ['motors', 'Motors', ''],
    ]) {
      const value = element('dd', { 'data-field': name });
      this.values.set(name, value);
      this.fields.append(element('dt', { 'data-of': name }, label), value);
      value.dataset.unit = unit;
    }
  }

  setTitle(title: string): void {
    this.title.textContent = title;
    this.box.hidden = title === '';
  }

  /** @param words null for what did not come from a hub */
  setLive(words: LiveWords | null): void {
    this.live.show(words);
  }

  /** @param ghost the recording before fine-tuning, where a pair is open */
  update(t: number, lead: Recording, ghost: Recording | null): State {
    const state = stateAt(lead, t);
    this.set('time', clock(t));
    this.set('error', lead.topics.setpoint ? figure(state.errorMetres, 3) : null);
    this.set('error-before', ghost ? figure(positionErrorAt(ghost, t), 3) : null);
    this.set('speed', figure(state.speed, 2));
    this.set('altitude', figure(state.altitude, 2));
    this.set('voltage', Number.isFinite(state.voltage) ? state.voltage.toFixed(2) : null);
    this.setMotors(lead, t);
    this.badge.hidden = state.outcome === null;
    this.badge.textContent = state.outcome ?? '';
    this.badge.className = `badge ${state.outcome ?? ''}`;
    return state;
  }

  private set(name: string, text: string | null): void {
    const value = this.values.get(name) as HTMLElement;
    const label = this.fields.querySelector<HTMLElement>(`[data-of="${name}"]`) as HTMLElement;
    value.hidden = label.hidden = text === null;
    value.textContent = text === null ? '' : `${text}${value.dataset.unit ? ` ${value.dataset.unit}` : ''}`;
  }

  private setMotors(recording: Recording, t: number): void {
    const { motors } = recording.topics;
    const value = this.values.get('motors') as HTMLElement;
    this.set('motors', motors ? '' : null);
    if (!motors) return;
    value.className = 'motors';
    value.replaceChildren(
      ...motors.columns.map((_, column) => {
        const share = Math.round(Math.min(Math.max(heldAt(motors, column, t), 0), 1) * 100);
        const bar = element('i', { title: `motor ${column + 1}: ${share} %` });
        bar.style.setProperty('--share', `${share}%`);
        return bar;
      }),
    );
  }
}
