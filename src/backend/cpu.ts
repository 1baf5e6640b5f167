import * as tf from '@tensorflow/tfjs';
import type { Backend } from './names.ts';

/** Plain JavaScript: slow, always there. */
export const cpu: Backend = {
  name: 'cpu',
  probe: async () => ({ available: true, reason: 'plain JavaScript, always there' }),
  activate: async () => {
    await tf.setBackend('cpu');
  },
};
