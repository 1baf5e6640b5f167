import { InputError } from '../../envs/input-error.ts';
import { activateBackend, backends } from './activate.ts';
import { measureBackend } from './measure.ts';
import { type Availability, BACKENDS, type BackendName } from './names.ts';
import { mayHaveGpu } from './gpu-present.ts';

/** The backend that was chosen, why, and what else was looked at. */
export interface Selection {
  name: BackendName;
  reason: string;
  tried: Availability[];
}

/** Training samples a second, null where it cannot be measured. */
export type Measure = (name: BackendName) => Promise<number | null>;

/** Whether one backend can be used on this machine. */
export async function probeBackend(name: BackendName): Promise<Availability> {
  return { name, ...(await backends[name].probe()) };
}

/**
 * Selects TF.js's backend for this process.
 *
 * @param name a backend, or `auto`: a GPU where there is one and it is measured faster, else wasm
 * @throws InputError when the named one cannot be used here, with the reason
 */
export async function selectBackend(name: BackendName | 'auto'): Promise<Selection> {
  const selection = name === 'auto' ? await chooseAutomatically() : await choose(name);
  await activateBackend(selection.name);
  return selection;
}

async function choose(name: BackendName): Promise<Selection> {
  if (!BACKENDS.includes(name))
    throw new InputError(`--backend: expected auto, ${BACKENDS.join(', ')}, got ${JSON.stringify(name)}`);
  const found = await probeBackend(name);
  if (!found.available) throw new InputError(`--backend ${name}: not available: ${found.reason}`);
  return { name, reason: `asked for; ${found.reason}`, tried: [found] };
}

/** What `auto` picks, without activating it. */
export async function chooseAutomatically(): Promise<Selection> {
  const cuda = await probeBackend('cuda');
  const webgpu: Availability = mayHaveGpu()
    ? await probeBackend('webgpu')
    : { name: 'webgpu', available: false, reason: 'no GPU found in /dev' };
  const processor = await Promise.all([probeBackend('native'), probeBackend('wasm'), probeBackend('cpu')]);
  return pick([cuda, webgpu, ...processor], async (name) => (await measureBackend(name)).samplesPerSecond);
}

/**
 * The rule of `auto`. On the processor wasm with our kernels: every machine has it, so runs can be compared, and no
 * network of this size gains by a large library. A GPU only where it is measured faster, since small networks spend
 * their time on launching kernels, and whether a GPU makes up for that depends on the machine. Software adapters never.
 *
 * @param measure asked only where there is a GPU to compare with
 */
export async function pick(tried: Availability[], measure: Measure): Promise<Selection> {
  const available = (name: BackendName) => tried.some((one) => one.name === name && one.available);
  const processor = (['wasm', 'native', 'cpu'] as const).find(available) ?? 'cpu';
  const gpu = tried.find(
    ({ name, available, software }) => available && !software && (name === 'cuda' || name === 'webgpu'),
  );
  if (!gpu) return { name: processor, reason: processorReason(tried, processor), tried };
  const [gpuSpeed, processorSpeed] = [await measure(gpu.name), await measure(processor)];
  const name = (gpuSpeed ?? 0) > (processorSpeed ?? 0) ? gpu.name : processor;
  const reason = `measured: ${gpu.name} ${thousands(gpuSpeed)}, ${processor} ${thousands(processorSpeed)} training samples/s (${gpu.reason})`;
  return { name, reason, tried };
}

function processorReason(tried: Availability[], name: BackendName): string {
  const software = tried.find((one) => one.software);
  const noGpu = software ? `no GPU, only ${software.reason}` : 'no usable GPU';
  if (name !== 'wasm') return `${noGpu}, and wasm is not available`;
  return `${noGpu}; wasm, which every machine has, ${tried.find((one) => one.name === name)?.reason}`;
}

function thousands(speed: number | null): string {
  return speed === null ? 'failed' : `${Math.round(speed / 1000)} k`;
}
