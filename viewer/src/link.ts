import { CAMERA_MODES, type CameraMode } from './stage/cameras.ts';

/** What an address opens: `?item=ID&t=SECONDS&camera=top`. */
export interface DeepLink {
  item: string | null;
  time: number;
  camera: CameraMode;
}

export function readLink(search: string): DeepLink {
  const query = new URLSearchParams(search);
  const time = Number(query.get('t'));
  const camera = CAMERA_MODES.find((mode) => mode === query.get('camera')) ?? 'orbit';
  return { item: query.get('item'), time: Number.isFinite(time) ? time : 0, camera };
}

/** Keeps the address in step, so that it can be copied at any moment. */
export function writeLink({ item, time, camera }: DeepLink): void {
  const query = new URLSearchParams();
  if (item) query.set('item', item);
  if (time > 0) query.set('t', time.toFixed(2));
  if (camera !== 'orbit') query.set('camera', camera);
  const text = query.toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
}
