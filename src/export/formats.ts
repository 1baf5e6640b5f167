import { c } from './c.ts';
import type { ExportFormat } from './format.ts';
import { onnx } from './onnx.ts';
import { tfjs } from './tfjs.ts';

/** All formats that a policy can be taken away in. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [c, onnx, tfjs];
