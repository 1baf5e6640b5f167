import { constants, createGunzip, gunzipSync } from 'node:zlib';

/** Whether bytes are gzip. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Gunzips as far as it goes: a download cut in the middle still gives everything before the cut.
 *
 * @returns `truncated` when the stream ended early or was damaged
 */
export async function gunzipAsFarAsItGoes(bytes: Uint8Array): Promise<{ bytes: Uint8Array; truncated: boolean }> {
  try {
    return { bytes: gunzipSync(bytes), truncated: false };
  } catch {
    return { bytes: cutShort(bytes) ?? (await beforeDamage(bytes)), truncated: true };
  }
}

/** All that a stream holds which merely ends early; null when its bytes are wrong. */
function cutShort(bytes: Uint8Array): Uint8Array | null {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return null;
  }
}

/** What comes out before the first wrong byte. */
function beforeDamage(bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 1024 });
    gunzip.on('data', (chunk: Buffer) => chunks.push(chunk));
    gunzip.on('error', () => resolve(Buffer.concat(chunks)));
    gunzip.on('end', () => resolve(Buffer.concat(chunks)));
    gunzip.end(bytes);
  });
}
