import type { LiveRecording } from './live-recording.ts';

/** What is brought up with a recording that grows. */
export interface Growing {
  /** The recording has topics that it did not have: everything is made anew. */
  rebuild(): void;
  /** The recording has become longer; at every frame. */
  extend(): void;
  /** The picture takes in what has come. */
  stage(): void;
  /** So do the plots. */
  plots(): void;
}

/** Least time [ms] between two pictures of the trail, and of the plots. */
const STAGE_MS = 30;
const PLOTS_MS = 100;
/** A job rests this many times as long as it took, so that a slow machine still draws the vehicle. */
const REST = 3;

/** Follows a recording that grows, frame by frame, and has each part redrawn as often as the machine has time for. */
export class Growth {
  private readonly parts: Growing;
  private recording: LiveRecording | null = null;
  private seen = 0;
  private topics = 0;
  private readonly jobs: Job[];

  constructor(parts: Growing) {
    this.parts = parts;
    this.jobs = [new Job(STAGE_MS, () => parts.stage()), new Job(PLOTS_MS, () => parts.plots())];
  }

  /** Follows this one from now on, as it is shown already; null follows none. */
  follow(recording: LiveRecording | null): void {
    this.recording = recording;
    this.seen = recording?.revision ?? 0;
    this.topics = recording?.topicsRevision ?? 0;
  }

  /** @param now time of the frame [ms] */
  tick(now: number): void {
    const { recording, parts } = this;
    if (!recording) return;
    if (recording.topicsRevision !== this.topics) {
      this.topics = recording.topicsRevision;
      parts.rebuild();
    }
    if (recording.revision !== this.seen) {
      this.seen = recording.revision;
      for (const job of this.jobs) job.wanted = true;
      parts.extend();
    }
    for (const job of this.jobs) job.run(now);
  }

  /** Has the plots drawn anew although nothing has come. */
  wantPlots(): void {
    this.jobs[1].wanted = true;
  }
}

class Job {
  wanted = false;
  private due = 0;
  private readonly pause: number;
  private readonly work: () => void;

  constructor(pause: number, work: () => void) {
    this.pause = pause;
    this.work = work;
  }

  run(now: number): void {
    if (!this.wanted || now < this.due) return;
    this.wanted = false;
    const began = performance.now();
    this.work();
    this.due = now + Math.max(this.pause, REST * (performance.now() - began));
  }
}
