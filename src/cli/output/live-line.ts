/** The one line at the bottom of a terminal that is drawn over again. */
class LiveLine {
  #text = '';

  /** Shows `text` instead of what was there; nothing but `clear` and `draw` may write to stderr until `end`. */
  show(text: string): void {
    this.#text = text;
    this.clear();
    this.draw();
  }

  clear(): void {
    if (this.#text) process.stderr.write('\r\u001b[2K');
  }

  draw(): void {
    if (this.#text) process.stderr.write(this.#text);
  }

  /** Leaves the line as it stands and starts a new one. */
  end(): void {
    if (this.#text) process.stderr.write('\n');
    this.#text = '';
  }
}

/** Shared, since there is one terminal: whoever writes to stderr meanwhile clears and redraws it. */
export const liveLine = new LiveLine();
