/**
 * As much of the protocol buffers encoding as writing ONNX takes: each function gives one field of a message, and a
 * message is its fields one after the other.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const encoder = new TextEncoder();

/** A whole number, 0 or more, as a field of any integer or enum type. */
export function integer(field: number, value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`protobuf field ${field}: expected a whole number of at least 0, got ${value}`);
  return Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]);
}

/** A string field. */
export function text(field: number, value: string): Uint8Array {
  return bytes(field, encoder.encode(value));
}

/** A bytes field. */
export function bytes(field: number, value: Uint8Array): Uint8Array {
  return joined([Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(value.length)]), value]);
}

/** A field that holds a message of these fields. */
export function message(field: number, fields: Uint8Array[]): Uint8Array {
  return bytes(field, joined(fields));
}

/** Bytes one after the other: the fields of an outermost message. */
export function joined(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Seven bits a byte, the lowest first; all but the last with the high bit set. */
function varint(value: number): number[] {
  const low: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) low.push((rest % 128) + 128);
  return [...low, rest];
}
