/** What can be told to stop sending: a WebSocket. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** Beyond this many waiting frames the connection is not read any further, so that TCP holds the sender back. */
const PAUSE_ABOVE = 64;
const RESUME_BELOW = 16;

/**
 * Frames of one connection, handled one after the other in the order they came.
 * Nothing is dropped: a connection that sends faster than its frames are handled is paused.
 */
export class Inbox<T> {
  #waiting: T[] = [];
  #running: Promise<void> | null = null;
  #paused = false;
  readonly #handle: (item: T) => Promise<void>;
  readonly #source: Pausable;

  /** @param handle must not reject: what can go wrong with a frame is its own affair */
  constructor(source: Pausable, handle: (item: T) => Promise<void>) {
    this.#source = source;
    this.#handle = handle;
  }

  push(item: T): void {
    this.#waiting.push(item);
    if (this.#waiting.length > PAUSE_ABOVE) this.#pause(true);
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Resolves when everything pushed so far has been handled. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      await this.#handle(item);
      if (this.#waiting.length < RESUME_BELOW) this.#pause(false);
    }
  }

  #pause(pause: boolean): void {
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#source.pause();
    else this.#source.resume();
  }
}
