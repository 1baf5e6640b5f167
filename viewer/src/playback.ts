export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8] as const;

/** The time cursor: where playback is, whether it runs, how fast, and whether it starts again at the end. */
export class Playback {
  time = 0;
  duration = 0;
  playing = false;
  speed = 1;
  loop = false;
  /** Called after every change, of the time or of a setting. */
  onChange: () => void = () => {};

  /** Starts on another recording of `duration` seconds, paused at `time`. */
  load(duration: number, time = 0): void {
    this.duration = duration;
    this.playing = false;
    this.seek(time);
  }

  seek(time: number): void {
    this.time = Math.min(Math.max(Number.isFinite(time) ? time : 0, 0), this.duration);
    this.onChange();
  }

  toggle(): void {
    if (!this.playing && this.time >= this.duration) this.time = 0; // play at the end means again
    this.playing = !this.playing && this.duration > 0;
    this.onChange();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.onChange();
  }

  /** The next slower (-1) or faster (+1) of `SPEEDS`. */
  shiftSpeed(step: -1 | 1): void {
    const index = SPEEDS.findIndex((speed) => speed >= this.speed);
    this.setSpeed(SPEEDS[Math.min(Math.max(index + step, 0), SPEEDS.length - 1)]);
  }

  setLoop(loop: boolean): void {
    this.loop = loop;
    this.onChange();
  }

  /** Moves on by `seconds` of wall time. */
  tick(seconds: number): void {
    if (!this.playing) return;
    this.time += seconds * this.speed;
    if (this.time >= this.duration) {
      this.time = this.loop ? this.time % this.duration : this.duration;
      this.playing = this.loop;
    }
    this.onChange();
  }
}
