/**
 * What to add to a sender's clock to get the receiver's, from the stamps and arrival times of its messages.
 *
 * A message arrives after it was stamped, by the offset of the clocks plus a delay that is never negative: the smallest
 * difference seen is the offset plus the shortest delay. The jitter of the network is gone from it; its shortest delay
 * (a fraction of a millisecond on a loopback, a few on Wi-Fi) stays in, and a drift of the clocks is not followed.
 *
 * @see Cristian 1989, https://doi.org/10.1007/BF01784024, on the message with the shortest delay
 */
export class ClockOffset {
  /** Receiver's clock minus sender's [s]; Infinity before the first message. */
  seconds = Number.POSITIVE_INFINITY;

  observe(stampedSeconds: number, arrivedSeconds: number): void {
    this.seconds = Math.min(this.seconds, arrivedSeconds - stampedSeconds);
  }
}
