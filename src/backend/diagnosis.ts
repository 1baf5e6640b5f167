import { existsSync } from 'node:fs';
import { mayHaveGpu } from './gpu-present.ts';
import { kernelsFile } from './kernels.ts';
import { findBrowser, type Machine, readMachine } from './machine.ts';
import { measureBackend } from './measure.ts';
import { type Availability, BACKENDS, type BackendName } from './names.ts';
import { forget, remember } from './remembered.ts';
import { pick, probeBackend } from './select.ts';
import { DEFAULT_WORKLOAD } from './workload.ts';

/** Node versions that Windhover is tested with: the major, and from which minor on. */
const NODE_VERSIONS = [
  [20, 19],
  [22, 12],
  [24, 0],
];
const NODE_EXPECTED = '20 (from 20.19), 22 (from 22.12) or 24';

/** A backend as `doctor` shows it. */
export interface BackendDiagnosis {
  name: BackendName;
  available: boolean;
  reason: string;
  /** Training samples a second of a 24→64→64→4 network in minibatches of 512; null where not available. */
  samplesPerSecond: number | null;
}

/** All that `doctor` finds out. */
export interface Diagnosis {
  node: { version: string; ok: boolean; expected: string };
  machine: Machine;
  backends: BackendDiagnosis[];
  auto: { name: BackendName; reason: string };
  /** Chrome's or Chromium's executable. */
  browser: string | null;
  kernels: { available: boolean; file: string };
}

/**
 * Examines this machine: probes every backend and measures those that work, one after another. Where there may be a
 * GPU, what `auto` remembers is renewed.
 *
 * @param onStep is told what comes next; all in all it takes about two seconds for each backend
 */
export async function diagnose(onStep: (what: string) => void = () => {}): Promise<Diagnosis> {
  const found: Availability[] = [];
  const backends: BackendDiagnosis[] = [];
  for (const name of BACKENDS) {
    onStep(name);
    const availability = await probeBackend(name);
    found.push(availability);
    backends.push(await measured(availability));
  }
  const speed = (name: BackendName) => backends.find((one) => one.name === name)?.samplesPerSecond ?? null;
  const selection = await pick(found, async (name) => speed(name));
  if (mayHaveGpu()) {
    forget(); // of other networks too: they are measured again when they are next learnt
    remember(DEFAULT_WORKLOAD, selection);
  }
  const { name, reason } = selection;
  return {
    node: nodeDiagnosis(process.versions.node),
    machine: readMachine(),
    backends,
    auto: { name, reason },
    browser: findBrowser(),
    kernels: { available: existsSync(kernelsFile()), file: kernelsFile() },
  };
}

async function measured({ name, available, reason }: Availability): Promise<BackendDiagnosis> {
  if (!available) return { name, available, reason, samplesPerSecond: null };
  const { samplesPerSecond, problem } = await measureBackend(name);
  if (samplesPerSecond !== null) return { name, available, reason, samplesPerSecond };
  return { name, available: false, reason: `${reason}, but a training step fails: ${problem}`, samplesPerSecond: null };
}

/** Whether Windhover is tested with a version of Node, such as `20.19.4`. */
export function nodeDiagnosis(version: string): Diagnosis['node'] {
  const [major, minor] = version.split('.').map(Number);
  const ok = NODE_VERSIONS.some(([tested, from]) => major === tested && minor >= from);
  return { version, ok, expected: NODE_EXPECTED };
}
