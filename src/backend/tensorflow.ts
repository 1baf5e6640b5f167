import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { askChild } from './ask-child.ts';
import type { Backend, Probe } from './names.ts';
import { hasNativeBinding, packageFolder } from './packages.ts';

/** tfjs-node calls functions that Node 23 removed. */
const FIRST_NODE_TOO_NEW = 23;
/** Loading CUDA's libraries takes seconds on a cold disk. */
const PROBE_TIMEOUT_MS = 30_000;

/** What is asked of {@link probeTensorflow}; tests put their own here. */
export interface TensorflowPackage {
  name: string;
  /** Where it lies, null where it is not installed. */
  folder: string | null;
  gpu: boolean;
  nodeVersion: string;
  timeoutMs?: number;
}

/**
 * Whether a package of the tfjs-node family works here.
 *
 * Cheap checks first; the package itself is loaded in a child process only, since it may throw, print or exit.
 */
export async function probeTensorflow(of: TensorflowPackage): Promise<Probe> {
  const obstacle = obstacleOf(of);
  if (obstacle) return { available: false, reason: obstacle };
  const script =
    `const tf = require(${JSON.stringify(of.folder)}); const b = tf.backend(); ` +
    `tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).dataSync(); ` +
    `console.log(JSON.stringify({ version: tf.version['tfjs-node'], gpu: Boolean(b.isUsingGpuDevice) }));`;
  type Answer = { version: string; gpu: boolean };
  const { answer, problem } = await askChild<Answer>(['-e', script], of.timeoutMs ?? PROBE_TIMEOUT_MS);
  if (!answer?.version)
    return { available: false, reason: `its native library does not load: ${problem || 'no answer'}` };
  if (of.gpu && !answer.gpu)
    return { available: false, reason: 'it loads, but finds no usable CUDA GPU (driver, CUDA and cuDNN)' };
  return { available: true, reason: `${of.name} ${answer.version}` };
}

function obstacleOf({ name, folder, gpu, nodeVersion }: TensorflowPackage): string | null {
  if (gpu && process.platform === 'darwin') return 'CUDA does not exist on macOS';
  if (gpu && process.platform === 'linux' && !hasNvidiaDriver())
    return 'no NVIDIA GPU found (no driver in /dev or /proc)';
  if (Number(nodeVersion.split('.')[0]) >= FIRST_NODE_TOO_NEW)
    return `Node ${FIRST_NODE_TOO_NEW} and newer are not supported by tfjs-node (this is Node ${nodeVersion})`;
  if (!folder) return `package ${name} is not installed`;
  if (hasNativeBinding(folder)) return null;
  return (
    'its native library is missing: npm refused its install script or it failed; ' +
    `"npm run install --prefix ${relative(process.cwd(), folder) || '.'}" installs it`
  );
}

function hasNvidiaDriver(): boolean {
  return ['/dev/nvidia0', '/dev/nvidiactl', '/dev/dxg', '/proc/driver/nvidia/version'].some((path) => existsSync(path));
}

async function activate(name: string): Promise<void> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  await import(name); // registers the backend `tensorflow` and sets it
}

function backend(name: 'cuda' | 'native', packageName: string): Backend {
  return {
    name,
    probe: () =>
      probeTensorflow({
        name: packageName,
        folder: packageFolder(packageName),
        gpu: name === 'cuda',
        nodeVersion: process.versions.node,
      }),
    activate: () => activate(packageName),
  };
}

/** TensorFlow on an NVIDIA GPU. */
export const cuda = backend('cuda', '@tensorflow/tfjs-node-gpu');
/** TensorFlow on the processor. */
export const native = backend('native', '@tensorflow/tfjs-node');
