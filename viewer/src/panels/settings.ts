import GUI from 'lil-gui';
import type { Stage, StageOptions } from '../stage/stage.ts';
import { byId } from './dom.ts';

/** The panel of drawing options, closed at first. */
export function buildSettings(stage: Stage, onChange: () => void): GUI {
  const gui = new GUI({ container: byId('settings'), title: 'View' });
  const { options } = stage;
  const apply = () => {
    stage.applyOptions();
    onChange();
  };
  const scales = { 'to be seen': 0, 'true size': 1, '2×': 2, '5×': 5, '10×': 10, '20×': 20 };
  gui.add(options, 'vehicleScale', scales).name('Vehicle size').onChange(apply);
  const colours = { 'position error': 'error', time: 'time', plain: 'plain' };
  gui.add(options, 'trailColour', colours).name('Trail colour').onChange(apply);
  const switches: [keyof StageOptions, string][] = [
    ['vehicle', 'Vehicle'],
    ['trail', 'Trail'],
    ['goal', 'Goal'],
    ['axes', 'Body axes'],
    ['grid', 'Ground grid'],
    ['shadows', 'Shadows'],
  ];
  for (const [key, label] of switches) gui.add(options, key).name(label).onChange(apply);
  gui.close();
  return gui;
}
