import type { AckFrame } from '../protocols/windhover.ts';

/** What was sent and what the hub has said about it. */
export class Outbox {
  sent = 0;
  /** Messages that the hub took: recorded, where it records. */
  acknowledged = 0;
  /** Why the connection ended, or null while it stands. */
  lost: string | null = null;
  /** What the hub complained of, the first few. */
  readonly complaints: string[] = [];
  #received = 0;
  readonly #acks = new Map<string, AckFrame>();
  #wake: (() => void)[] = [];

  ack(frame: AckFrame): void {
    const before = this.#acks.get(frame.flight);
    this.#received += frame.received - (before?.received ?? 0);
    this.acknowledged += frame.accepted - (before?.accepted ?? 0);
    this.#acks.set(frame.flight, frame);
    this.#changed();
  }

  lose(why: string): void {
    this.lost ??= why;
    this.#changed();
  }

  complain(message: string): void {
    if (this.complaints.length < 10) this.complaints.push(message);
  }

  ackOf(flight: string): AckFrame | undefined {
    return this.#acks.get(flight);
  }

  /** Resolves when at most `window` messages are unacknowledged. */
  room(window: number, patienceMs: number): Promise<void> {
    return this.#until(() => this.sent - this.#received <= window, patienceMs);
  }

  /** Resolves when the hub has closed the flight. */
  final(flight: string, patienceMs: number): Promise<void> {
    return this.#until(() => this.#acks.get(flight)?.final ?? false, patienceMs);
  }

  /** Also ends when the connection is lost, or when nothing was heard for so long, which counts as lost. */
  async #until(ready: () => boolean, patienceMs: number): Promise<void> {
    while (!ready() && this.lost === null) {
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          this.lose(`the hub acknowledged nothing for ${patienceMs / 1000} s`);
          resolve();
        }, patienceMs);
      });
      await Promise.race([new Promise<void>((resolve) => this.#wake.push(resolve)), silence]);
      clearTimeout(timer);
    }
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
