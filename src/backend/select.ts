import { InputError } from '../../envs/input-error.ts';
import { activateBackend, backends } from './activate.ts';
import { mayHaveGpu } from './gpu-present.ts';
import { measureBackend } from './measure.ts';
import { type Availability, BACKENDS, type BackendName, type Speeds } from './names.ts';
import { forget, recall, remember } from './remembered.ts';
import { DEFAULT_WORKLOAD, type Workload } from './workload.ts';

/** The backend that was chosen, why, and what else was looked at. */
export interface Selection {
  name: BackendName;
  reason: string;
  tried: Availability[];
  /** What it was chosen by; empty where nothing had to be measured. */
  measured: Speeds;
}

/** Training samples a second on one thread, null where it cannot be measured. */
export type Measure = (name: BackendName) => Promise<number | null>;

/** Whether one backend can be used on this machine. */
export async function probeBackend(name: BackendName): Promise<Availability> {
  return { name, ...(await backends[name].probe()) };
}

/**
 * Selects TF.js's backend for this process.
 *
 * @param name a backend, or `auto`: the one that was measured fastest on this machine where it has a GPU, else wasm
 * @param workload what it is to learn
 * @throws InputError when the named one cannot be used here, with the reason
 */
export async function selectBackend(
  name: BackendName | 'auto',
  workload: Workload = DEFAULT_WORKLOAD,
): Promise<Selection> {
  if (name !== 'auto') return activated(await choose(name));
  const choice = mayHaveGpu() ? recall(workload) : null;
  try {
    if (choice) return await activated({ ...choice, tried: [] });
  } catch {
    forget(); // it worked once: what has changed does not show in the key
  }
  return activated(await chooseAutomatically(workload));
}

async function activated(selection: Selection): Promise<Selection> {
  await activateBackend(selection.name);
  return selection;
}

async function choose(name: BackendName): Promise<Selection> {
  if (!BACKENDS.includes(name))
    throw new InputError(`--backend: expected auto, ${BACKENDS.join(', ')}, got ${JSON.stringify(name)}`);
  const found = await probeBackend(name);
  if (!found.available) throw new InputError(`--backend ${name}: not available: ${found.reason}`);
  return { name, reason: `asked for; ${found.reason}`, tried: [found], measured: {} };
}

/** What `auto` picks, looked at and measured afresh, without activating it; remembered where there may be a GPU. */
export async function chooseAutomatically(workload: Workload = DEFAULT_WORKLOAD): Promise<Selection> {
  const gpu = mayHaveGpu();
  const cuda = await probeBackend('cuda');
  const webgpu: Availability = gpu
    ? await probeBackend('webgpu')
    : { name: 'webgpu', available: false, reason: 'no GPU found in /dev' };
  const processor = await Promise.all([probeBackend('native'), probeBackend('wasm'), probeBackend('cpu')]);
  const measure: Measure = async (name) => (await measureBackend(name, workload)).samplesPerSecond;
  const selection = await pick([cuda, webgpu, ...processor], measure, workload.threads);
  if (gpu) remember(workload, selection);
  return selection;
}

/**
 * The rule of `auto`. Without a GPU wasm with our kernels: every machine has it, so runs can be compared. With one, the
 * fastest of all that work, by measurement: small networks spend a GPU's time on launching kernels, and whether it
 * makes up for that depends on the machine, the network and the minibatch. Software adapters never.
 *
 * @param measure asked only where there is a GPU to compare with
 * @param threads in which our kernels learn at once, the others in one: wasm counts that many times
 */
export async function pick(tried: Availability[], measure: Measure, threads = 1): Promise<Selection> {
  const usable = tried.filter(({ available, software }) => available && !software).map(({ name }) => name);
  const processor = (['wasm', 'native', 'cpu'] as const).find((name) => usable.includes(name)) ?? 'cpu';
  if (!usable.includes('cuda') && !usable.includes('webgpu'))
    return { name: processor, reason: processorReason(tried, processor), tried, measured: {} };
  const measured: Speeds = {};
  for (const name of usable) if (name !== 'cpu' || processor === 'cpu') measured[name] = await measure(name);
  const speed = (name: BackendName) => (measured[name] ?? 0) * (name === 'wasm' ? threads : 1);
  const name = BACKENDS.filter((one) => one in measured).reduce((a, b) => (speed(b) > speed(a) ? b : a), processor);
  const gpus = tried.filter((one) => usable.includes(one.name) && (one.name === 'cuda' || one.name === 'webgpu'));
  const reason = `measured: ${speedsText(measured, threads)} (${gpus.map((gpu) => gpu.reason).join('; ')})`;
  return { name, reason, tried, measured };
}

function processorReason(tried: Availability[], name: BackendName): string {
  const software = tried.find((one) => one.software);
  const noGpu = software ? `no GPU, only ${software.reason}` : 'no usable GPU';
  if (name !== 'wasm') return `${noGpu}, and wasm is not available`;
  return `${noGpu}; wasm, which every machine has, ${tried.find((one) => one.name === name)?.reason}`;
}

function speedsText(measured: Speeds, threads: number): string {
  const each = Object.entries(measured).map(([name, speed]) => {
    const times = name === 'wasm' && threads > 1 ? ` in each of ${threads} threads` : '';
    return `${name} ${speed === null ? 'failed' : `${Math.round(speed / 1000)} k${times}`}`;
  });
  return `${each.join(', ')} training samples/s`;
}
