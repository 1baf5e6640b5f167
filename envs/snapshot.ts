/** Bytes that the views hold together. */
export function packedSize(views: readonly ArrayBufferView[]): number {
  return views.reduce((sum, view) => sum + view.byteLength, 0);
}

/** Copies views one behind the other into `bytes`, which has room for them. */
export function packViews(views: readonly ArrayBufferView[], bytes: Uint8Array): Uint8Array {
  let at = 0;
  for (const view of views) {
    bytes.set(asBytes(view), at);
    at += view.byteLength;
  }
  return bytes;
}

/** Writes back what {@link packViews} made of the same views. */
export function unpackViews(views: readonly ArrayBufferView[], bytes: Uint8Array): void {
  let at = 0;
  for (const view of views) {
    asBytes(view).set(bytes.subarray(at, at + view.byteLength));
    at += view.byteLength;
  }
}

function asBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
