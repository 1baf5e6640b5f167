/**
 * The messages of a telemetry log that a flight needs, of MAVLink's common set.
 *
 * Fields lie in the order of the wire: larger types first. `crcExtra` is what the checksum of a frame adds for its message.
 *
 * @see https://mavlink.io/en/messages/common.html
 */
export interface MessageLayout {
  name: string;
  crcExtra: number;
  /** Bytes, without those that later versions add. */
  length: number;
}

export const MESSAGES: Readonly<Record<number, MessageLayout>> = {
  0: { name: 'HEARTBEAT', crcExtra: 50, length: 9 },
  1: { name: 'SYS_STATUS', crcExtra: 124, length: 31 },
  22: { name: 'PARAM_VALUE', crcExtra: 220, length: 25 },
  24: { name: 'GPS_RAW_INT', crcExtra: 24, length: 30 },
  26: { name: 'SCALED_IMU', crcExtra: 170, length: 22 },
  27: { name: 'RAW_IMU', crcExtra: 144, length: 26 },
  30: { name: 'ATTITUDE', crcExtra: 39, length: 28 },
  31: { name: 'ATTITUDE_QUATERNION', crcExtra: 246, length: 32 },
  32: { name: 'LOCAL_POSITION_NED', crcExtra: 185, length: 28 },
  33: { name: 'GLOBAL_POSITION_INT', crcExtra: 104, length: 28 },
  36: { name: 'SERVO_OUTPUT_RAW', crcExtra: 222, length: 21 },
  74: { name: 'VFR_HUD', crcExtra: 20, length: 20 },
  83: { name: 'ATTITUDE_TARGET', crcExtra: 22, length: 37 },
  85: { name: 'POSITION_TARGET_LOCAL_NED', crcExtra: 140, length: 51 },
  105: { name: 'HIGHRES_IMU', crcExtra: 93, length: 62 },
  253: { name: 'STATUSTEXT', crcExtra: 83, length: 51 },
};

/** CRC-16/MCRF4XX, as MAVLink checks its frames, over these bytes and one more. */
export function frameChecksum(bytes: Uint8Array, extra: number): number {
  let crc = 0xffff;
  for (let i = 0; i <= bytes.length; i++) {
    let low = (i < bytes.length ? bytes[i] : extra) ^ (crc & 0xff);
    low = (low ^ (low << 4)) & 0xff;
    crc = ((crc >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)) & 0xffff;
  }
  return crc;
}
