import { CAMERA_MODES, type CameraMode } from '../stage/cameras.ts';
import { byId, element } from './dom.ts';

const HINTS = {
  orbit: 'Around the flight: drag to turn, wheel to zoom (c)',
  follow: 'Along with the vehicle (f)',
  top: 'From above, north up (c)',
} as const;

/** The buttons that choose how the camera moves. */
export class CameraBar {
  private readonly buttons = new Map<CameraMode, HTMLButtonElement>();

  constructor(onPick: (mode: CameraMode) => void) {
    for (const mode of CAMERA_MODES) {
      const button = element('button', { type: 'button', 'data-camera': mode, title: HINTS[mode] }, mode);
      button.addEventListener('click', () => onPick(mode));
      this.buttons.set(mode, button);
    }
    byId('cameras').append(...this.buttons.values());
  }

  show(mode: CameraMode): void {
    for (const [name, button] of this.buttons) button.setAttribute('aria-pressed', String(name === mode));
  }
}
