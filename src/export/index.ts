export { type Budget, budgetOf } from './budget.ts';
export { type ExportReport, exportPolicy } from './export.ts';
export type { ExportedFiles, ExportFormat, ExportOptions } from './format.ts';
export { EXPORT_FORMATS } from './formats.ts';
export { type MotorSetpoint, OnboardPolicy, type RateSetpoint, type Setpoint } from './onboard.ts';
