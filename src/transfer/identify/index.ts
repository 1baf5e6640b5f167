export { type Foretold, type ForetoldError, foretell, type HeldOut, holdOut } from './foretell.ts';
export { type Identification, identify } from './identify.ts';
export { type Correction, type Prediction, Predictor } from './predict.ts';
export type { Combination, Refused, Stated } from './statements.ts';
export type { FlightTrim } from './trims.ts';
export { vehicleText } from './vehicle-text.ts';
