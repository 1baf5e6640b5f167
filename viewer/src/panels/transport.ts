import { type Playback, SPEEDS } from '../playback.ts';
import type { EpisodeEvent } from '../recording.ts';
import { byId, clock, element } from './dom.ts';
import { icon } from './icons.ts';

/** The bar at the bottom: play and pause, the scrubber with the episode's events, speed, loop. */
export class Transport {
  private readonly playback: Playback;
  private readonly play = element('button', { id: 'play', class: 'primary', type: 'button' });
  private readonly scrub = element('input', {
    id: 'scrub',
    type: 'range',
    min: '0',
    max: '1',
    step: 'any',
    value: '0',
  });
  private readonly now = element('output', { id: 'now' });
  private readonly total = element('span', { class: 'muted' });
  private readonly speed = element('select', { id: 'speed', title: 'Playback speed ([ and ])' });
  private readonly loop = element('button', { id: 'loop', type: 'button', title: 'Start again at the end (l)' });
  private readonly marks = element('div', { class: 'marks' });
  private readonly live = element(
    'button',
    { id: 'live', class: 'go-live', type: 'button', hidden: '' },
    element('i'),
    'LIVE',
  );
  private playing: boolean | null = null;

  /** @param onLive called for the flight under way */
  constructor(playback: Playback, onLive: () => void) {
    this.playback = playback;
    const start = element('button', { id: 'start', type: 'button', title: 'To the start (Home)' }, icon('start'));
    start.setAttribute('aria-label', 'To the start');
    this.loop.append(icon('loop'));
    this.loop.setAttribute('aria-label', 'Loop');
    this.scrub.setAttribute('aria-label', 'Time');
    for (const speed of SPEEDS) this.speed.append(element('option', { value: String(speed) }, `${speed}×`));
    const track = element('div', { class: 'track' }, this.marks, this.scrub);
    const clocks = element('div', { class: 'clocks' }, this.now, this.total);
    byId('transport').append(start, this.play, clocks, track, this.live, this.speed, this.loop);
    this.live.addEventListener('click', onLive);
    start.addEventListener('click', () => playback.seek(0));
    this.play.addEventListener('click', () => playback.toggle());
    this.loop.addEventListener('click', () => playback.setLoop(!playback.loop));
    this.scrub.addEventListener('input', () => playback.seek(Number(this.scrub.value)));
    this.speed.addEventListener('change', () => playback.setSpeed(Number(this.speed.value)));
  }

  /** Marks the events of an episode on the scrubber; a click on one goes there. */
  setEvents(events: readonly EpisodeEvent[]): void {
    const { duration } = this.playback;
    const shown = events.filter(({ event, time }) => duration > 0 && (event !== 'start' || time > 0));
    this.marks.replaceChildren(
      ...shown.map(({ time, event }) => {
        const mark = element('i', { class: event, title: `${event} at ${clock(time)}` });
        mark.style.left = `${(100 * time) / duration}%`;
        return mark;
      }),
    );
  }

  /** Offers the flight under way, where there is one. */
  offerLive(there: boolean): void {
    this.live.hidden = !there;
  }

  update(): void {
    const { time, duration, speed, loop, growing, following } = this.playback;
    const playing = this.playback.playing || following;
    this.live.setAttribute('aria-pressed', String(following));
    this.live.title = following
      ? 'Moves along with the flight; space or a look back stops it'
      : 'To the flight under way (v)';
    this.scrub.max = String(duration || 1);
    this.scrub.value = String(time);
    this.scrub.style.setProperty('--done', `${duration > 0 ? (100 * time) / duration : 0}%`);
    this.now.textContent = clock(time);
    // The end of a flight under way says nothing; how far one is behind it does.
    const behind = following ? '' : ` −${(duration - time).toFixed(1)} s`;
    this.total.textContent = growing ? behind : ` / ${clock(duration)}`;
    this.speed.value = String(speed);
    this.loop.setAttribute('aria-pressed', String(loop));
    if (playing === this.playing) return;
    this.playing = playing;
    this.play.replaceChildren(icon(playing ? 'pause' : 'play'));
    this.play.title = playing ? 'Pause (space)' : 'Play (space)';
    this.play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
  }
}
