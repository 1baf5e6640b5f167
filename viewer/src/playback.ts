export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8] as const;

/** The time cursor: where playback is, whether it runs, how fast, and whether it starts again at the end. */
export class Playback {
  time = 0;
  duration = 0;
  playing = false;
  speed = 1;
  loop = false;
  /** The recording is still being flown: its end moves on. */
  growing = false;
  /** The cursor moves along with the end of a growing recording. */
  following = false;
  /** Called after every change, of the time or of a setting. */
  onChange: () => void = () => {};

  /** Starts on another recording of `duration` seconds, paused at `time`; at the end of a growing one it follows. */
  load(duration: number, time = 0, growing = false): void {
    this.duration = duration;
    this.playing = false;
    this.growing = growing;
    this.seek(time);
  }

  /** Goes to a time; whoever goes to the end of a growing recording stays at its end. */
  seek(time: number): void {
    this.time = Math.min(Math.max(Number.isNaN(time) ? 0 : time, 0), this.duration);
    this.following = this.growing && time >= this.duration;
    this.onChange();
  }

  /** A growing recording has become longer, or begins anew. */
  extend(duration: number): void {
    this.duration = duration;
    this.time = this.following ? duration : Math.min(this.time, duration);
    this.onChange();
  }

  /** The recording grows no more. */
  settle(): void {
    this.growing = this.following = false;
    this.onChange();
  }

  toggle(): void {
    const atEnd = !this.playing && this.time >= this.duration;
    if (this.growing && (this.following || atEnd)) this.following = !this.following;
    else {
      if (atEnd) this.time = 0; // play at the end means again
      this.playing = !this.playing && this.duration > 0;
    }
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
    if (this.time >= this.duration) this.reachEnd();
    this.onChange();
  }

  private reachEnd(): void {
    const again = this.loop && !this.growing;
    this.time = again ? this.time % this.duration : this.duration;
    this.playing = again;
    this.following = this.growing; // playing has caught up with the flight
  }
}
