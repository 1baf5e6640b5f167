import type { Playback } from './playback.ts';

/** What keys do beside playback. */
export interface KeyActions {
  nextCamera(): void;
  followCamera(): void;
  openFile(): void;
  step(items: -1 | 1): void;
  goLive(): void;
}

/** Space plays; arrows step 0.1 s, with shift 1 s; f follows, c changes the camera; n and p change the item; v goes to the flight under way. */
export function listenToKeys(playback: Playback, actions: KeyActions): void {
  const step = (seconds: number) => playback.seek(playback.time + seconds);
  const keys: Record<string, (event: KeyboardEvent) => void> = {
    ' ': () => playback.toggle(),
    ArrowLeft: ({ shiftKey }) => step(shiftKey ? -1 : -0.1),
    ArrowRight: ({ shiftKey }) => step(shiftKey ? 1 : 0.1),
    Home: () => playback.seek(0),
    End: () => playback.seek(playback.duration),
    '[': () => playback.shiftSpeed(-1),
    ']': () => playback.shiftSpeed(1),
    l: () => playback.setLoop(!playback.loop),
    f: () => actions.followCamera(),
    c: () => actions.nextCamera(),
    o: () => actions.openFile(),
    n: () => actions.step(1),
    p: () => actions.step(-1),
    v: () => actions.goLive(),
  };
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = event.target as HTMLElement;
    // A focused text field keeps its keys; a focused button would otherwise be pressed by space as well.
    if (from instanceof HTMLSelectElement || (from instanceof HTMLInputElement && from.type === 'text')) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
  window.addEventListener('keyup', (event) => {
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) event.preventDefault();
  });
}
