/** The few lines at the bottom of a terminal that are drawn over again. */
class LiveLine {
  #text = '';

  /** Shows `text`, one line or several, for what was there; nothing else may write to stderr until `end`. */
  show(text: string): void {
    this.clear();
    this.#text = text;
    this.draw();
  }

  clear(): void {
    const above = this.#text.split('\n').length - 1;
    if (above > 0)
      process.stderr.write(`\r\u001b[${above}A\u001b[J`); // up to the first line, and all below away
    else if (this.#text) process.stderr.write('\r\u001b[2K');
  }

  draw(): void {
    if (this.#text) process.stderr.write(this.#text);
  }

  /** Leaves the lines as they stand and starts a new one. */
  end(): void {
    if (this.#text) process.stderr.write('\n');
    this.#text = '';
  }
}

/** Shared, since there is one terminal: whoever writes to stderr meanwhile clears and redraws it. */
export const liveLine = new LiveLine();
