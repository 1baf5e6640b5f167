// Started by measure.ts: activates the named backend, measures, prints one line of JSON, ends.
import { activateBackend } from './activate.ts';
import type { BackendName } from './names.ts';
import { measureTraining } from './training-step.ts';

const [, , name, seconds, workload] = process.argv;
await activateBackend(name as BackendName);
const samplesPerSecond = await measureTraining(Number(seconds), JSON.parse(workload));
process.stdout.write(`${JSON.stringify({ samplesPerSecond })}\n`, () => process.exit(0));
