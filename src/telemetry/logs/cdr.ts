/**
 * Reads the fields of a message in CDR, as ROS 2 writes them: each number aligned to its size, counted from behind the four bytes that
 * tell the byte order.
 *
 * Reading past the end throws RangeError, as DataView does.
 *
 * @see OMG DDS-XTypes 1.3, section 7.4
 */
export class CdrReader {
  readonly #view: DataView;
  readonly #little: boolean;
  /** Version 2 aligns to four bytes at most. */
  readonly #widest: 4 | 8;
  #at = 4;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const kind = this.#view.getUint8(1);
    this.#little = (kind & 1) === 1;
    this.#widest = kind >= 6 ? 4 : 8;
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), this.#little);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), this.#little);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), this.#little);
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), this.#little);
  }

  /** So many numbers of eight bytes, one after the other. */
  float64s(count: number): number[] {
    return Array.from({ length: count }, () => this.#view.getFloat64(this.#take(8), this.#little));
  }

  text(): string {
    const length = this.uint32(); // with the zero at its end
    const start = this.#view.byteOffset + this.#at;
    this.#at += length;
    if (this.#at > this.#view.byteLength) throw new RangeError('text: expected within the message, its end is beyond');
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, start, Math.max(0, length - 1)));
  }

  #take(size: number): number {
    const aligned = Math.min(size, this.#widest);
    const at = this.#at + ((aligned - ((this.#at - 4) % aligned)) % aligned);
    this.#at = at + size;
    return at;
  }
}
