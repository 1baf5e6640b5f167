export { activateBackend } from './activate.ts';
export { kernelBytes, kernelsFile } from './kernels.ts';
export { measureBackend } from './measure.ts';
export { type Availability, BACKENDS, type BackendName } from './names.ts';
export { chooseAutomatically, probeBackend, type Selection, selectBackend } from './select.ts';
