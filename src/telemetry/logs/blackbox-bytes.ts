/**
 * The number encodings of Betaflight's blackbox, by the numbers that its headers call them.
 *
 * Reading past the end throws RangeError.
 */
export class BlackboxBytes {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new RangeError('byte: expected one more, the log ends');
    return this.bytes[this.at++];
  }

  /** Seven bits a byte, the lowest first; the eighth says that more follow. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('unsigned: expected at most five bytes');
  }

  /** Small ones of either sign are short: 0, -1, 1, -2, … */
  signed(): number {
    const value = this.unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  /**
   * The values of the fields from one on that are encoded together.
   *
   * @param encoding as the header numbers it
   * @param alike how many fields from this one on have this encoding
   * @returns null for an encoding that is not known
   */
  group(encoding: number, alike: number): number[] | null {
    switch (encoding) {
      case 0:
        return [this.signed()];
      case 1:
        return [this.unsigned()];
      case 3:
        return [-extend(this.unsigned(), 14)];
      case 6:
        return this.#upToEight(Math.min(8, alike));
      case 7:
        return this.#three(false);
      case 8:
        return this.#four();
      case 9:
        return [0];
      case 10:
        return this.#three(true);
      default:
        return null;
    }
  }

  /** A byte tells which of them are not zero; one alone has no such byte. */
  #upToEight(count: number): number[] {
    if (count === 1) return [this.signed()];
    const present = this.byte();
    return Array.from({ length: count }, (_, k) => ((present >> k) & 1 ? this.signed() : 0));
  }

  /** Three of 2, 4, 6 bits, or of whole bytes; or, where `uneven`, of 2, of 5, 5 and 4, of 8, 7 and 7, or of whole bytes. */
  #three(uneven: boolean): number[] {
    const lead = this.byte();
    const kind = lead >> 6;
    if (kind === 0) return [extend(lead >> 4, 2), extend(lead >> 2, 2), extend(lead, 2)];
    if (kind === 3) return [lead, lead >> 2, lead >> 4].map((size) => this.#whole((size & 3) + 1));
    const second = this.byte();
    if (kind === 1 && !uneven) return [extend(lead, 4), extend(second >> 4, 4), extend(second, 4)];
    if (kind === 1) return [extend(lead >> 1, 5), extend(((lead & 1) << 4) | (second >> 4), 5), extend(second, 4)];
    const third = this.byte();
    if (!uneven) return [extend(lead, 6), extend(second, 6), extend(third, 6)];
    return [extend((lead << 2) | (second >> 6), 8), extend((second << 1) | (third >> 7), 7), extend(third, 7)];
  }

  #whole(bytes: number): number {
    let value = 0;
    for (let k = 0; k < bytes; k++) value |= this.byte() << (8 * k);
    return extend(value, 8 * bytes);
  }

  /** Four of 0, 4, 8 or 16 bits, packed by half bytes, the higher half first. */
  #four(): number[] {
    const sizes = this.byte();
    let half: number | null = null;
    const nibble = () => {
      if (half !== null) {
        const low = half;
        half = null;
        return low;
      }
      const byte = this.byte();
      half = byte & 15;
      return byte >> 4;
    };
    return [0, 2, 4, 6].map((shift) => {
      const nibbles = [0, 1, 2, 4][(sizes >> shift) & 3];
      let value = 0;
      for (let k = 0; k < nibbles; k++) value = (value << 4) | nibble();
      return nibbles === 0 ? 0 : extend(value, 4 * nibbles);
    });
  }
}

/** The lowest bits as a number with sign. */
function extend(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}
