import type { LiveFlightState, LiveHubState } from '../../../src/episode/live.ts';
import { element } from './dom.ts';

/** What is said of an open flight that came from a hub. */
export interface LiveWords {
  badge: 'LIVE' | 'ENDED' | 'CUT OFF' | 'NO LINK';
  /** How its messages come in. */
  figures: string;
  /** Why nothing comes; empty where all is well. */
  problem: string;
}

const NO_SERVER = '`windhover watch` does not answer; the page tries again.';

/** @param served whether the page's own server answers */
export function liveWords(flight: LiveFlightState, hub: LiveHubState, served: boolean): LiveWords {
  const { state, truncated } = flight;
  if (!served) return { badge: 'NO LINK', figures: '', problem: NO_SERVER };
  const badge = state === 'live' ? 'LIVE' : state === 'lost' || truncated ? 'CUT OFF' : 'ENDED';
  return { badge, figures: figuresOf(flight), problem: hubProblem(hub) };
}

/** Why a hub is not connected, as a sentence; empty where it is. */
export function hubProblem({ url, connected, problem, retrySeconds }: LiveHubState): string {
  if (connected) return '';
  const next = retrySeconds ? `next try in ${retrySeconds} s` : 'trying again';
  return `No connection to ${url}: ${problem ?? 'no answer yet'}; ${next}.`;
}

/** What to say where no flight is open. */
export function waitingWords(hubs: readonly LiveHubState[], served: boolean): { title: string; text: string } {
  if (!served) return { title: 'No connection', text: NO_SERVER };
  const problems = hubs.map(hubProblem).filter(Boolean);
  if (problems.length > 0) return { title: 'Waiting for the hub', text: problems.join(' ') };
  const urls = hubs.map(({ url }) => url).join(' and ');
  return { title: 'Waiting for a flight', text: `Connected to ${urls}: what is streamed into it appears here.` };
}

function figuresOf(flight: LiveFlightState): string {
  const { state, received, messagesPerSecond, silentSeconds, gaps, dropped, missedBefore } = flight;
  const lost = [
    gaps > 0 ? `${gaps} missing` : 'no gaps',
    ...(dropped > 0 ? [`${dropped} unusable`] : []),
    ...(missedBefore > 0 ? ['joined in mid-flight'] : []),
  ];
  if (state !== 'live') return [`${received} messages`, ...lost].join(' · ');
  if (silentSeconds > 1) return [`nothing for ${Math.floor(silentSeconds)} s`, ...lost].join(' · ');
  return [`${Math.round(messagesPerSecond)} messages/s`, ...lateness(flight), ...lost].join(' · ');
}

function lateness({ delaySeconds, pace }: LiveFlightState): string[] {
  if (delaySeconds !== null) return [`${Math.round(1000 * delaySeconds)} ms late`];
  return pace === null ? [] : [`played ${pace < 10 ? pace.toFixed(1) : Math.round(pace)}×`];
}

/** The badge and the line about a flight that came from a hub. */
export class LiveLine {
  readonly badge = element('span', { class: 'badge', 'data-field': 'live', hidden: '' });
  readonly root = element('div', { class: 'live', hidden: '' });
  private readonly figures = element('p', { 'data-field': 'stream' });
  private readonly problem = element('p', { 'data-field': 'problem' });

  constructor() {
    this.root.append(this.figures, this.problem);
  }

  show(words: LiveWords | null): void {
    this.badge.hidden = this.root.hidden = words === null;
    if (!words) return;
    this.badge.textContent = words.badge;
    this.badge.className = `badge ${words.badge === 'LIVE' ? 'live' : words.badge === 'ENDED' ? '' : 'timeout'}`;
    this.figures.textContent = words.figures;
    this.problem.textContent = words.problem;
    this.figures.hidden = words.figures === '';
    this.problem.hidden = words.problem === '';
  }
}
