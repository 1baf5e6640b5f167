// Rows picked from a table, for minibatches in random order.

/**
 * to[i] = from[order[i]] for `count` rows of `bytes` bytes, a multiple of 4; `order` points to uint32 row numbers.
 */
export function gatherRows(from: usize, order: usize, to: usize, count: i32, bytes: i32): void {
  const width = <usize>bytes;
  for (let i = 0; i < count; i++) {
    const row = from + <usize>load<u32>(order) * width;
    let k: usize = 0;
    for (; k + 16 <= width; k += 16) v128.store(to + k, v128.load(row + k));
    for (; k < width; k += 4) store<u32>(to + k, load<u32>(row + k));
    order += 4;
    to += width;
  }
}
