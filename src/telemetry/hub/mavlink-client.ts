import { MavlinkBytes } from '../protocols/mavlink.ts';
import { MavlinkVehicle } from '../protocols/mavlink-vehicle.ts';
import { FrameError } from '../protocols/windhover.ts';
import type { Conversation } from './connection.ts';
import type { FlightSource } from './flight-source.ts';

/** A vehicle's MAVLink, as a companion's bridge sends it. It is told nothing: whatever went back might reach the autopilot. */
export class MavlinkClient implements Conversation {
  readonly listens = false;
  readonly #source: FlightSource;
  readonly #bytes = new MavlinkBytes();
  #vehicle = new MavlinkVehicle();
  readonly #named: boolean;
  readonly #onGone: () => void;

  constructor(source: FlightSource, onGone: () => void) {
    this.#source = source;
    this.#named = source.vehicle !== undefined;
    this.#onGone = onGone;
    source.onSilence = () => {
      this.#vehicle = new MavlinkVehicle(this.#vehicle);
      return [];
    };
  }

  /** @throws FrameError for bytes that are no frames, once those around them are read */
  async handle(data: string | Buffer): Promise<void> {
    if (typeof data === 'string') throw new FrameError('frame', 'expected MAVLink in binary frames, got text');
    const { frames, dropped } = this.#bytes.push(data);
    for (const frame of frames) {
      if (this.#vehicle.rebooted(frame)) await this.#end('the vehicle booted again', false);
      await this.#add(this.#vehicle.take(frame));
    }
    if (dropped > 0)
      throw new FrameError('frame', `${dropped} times bytes that are no MAVLink frame, or a wrong checksum`, dropped);
  }

  complain(): void {}

  async leave(why: string): Promise<void> {
    await this.#end(why, why === 'the hub ended');
    this.#onGone();
  }

  async #add(samples: ReturnType<MavlinkVehicle['take']>): Promise<void> {
    if (!this.#named && this.#vehicle.autopilot) this.#source.vehicle = this.#vehicle.autopilot;
    for (const { stamp, told } of samples) await this.#source.add(stamp, told);
  }

  async #end(why: string, truncated: boolean): Promise<void> {
    await this.#add(this.#vehicle.settle());
    this.#vehicle = new MavlinkVehicle(this.#vehicle);
    await this.#source.end(why, truncated);
  }
}
