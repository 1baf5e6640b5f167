import { fileURLToPath } from 'node:url';
import { askChild } from './ask-child.ts';
import type { BackendName } from './names.ts';
import { DEFAULT_WORKLOAD, type Workload } from './workload.ts';

const TIMEOUT_MS = 60_000;

/**
 * Training samples a second of one backend on this machine, in a process of its own, so that what one backend loads
 * does not disturb the next.
 *
 * @param seconds length of the measurement itself; starting adds about one
 * @returns null with the problem where it could not be measured
 */
export async function measureBackend(
  name: BackendName,
  workload: Workload = DEFAULT_WORKLOAD,
  seconds = 0.3,
): Promise<{ samplesPerSecond: number | null; problem: string }> {
  const url = new URL(import.meta.url.endsWith('.ts') ? './measure-child.ts' : './measure-child.js', import.meta.url);
  const loader = url.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
  const args = [...loader, fileURLToPath(url), name, String(seconds), JSON.stringify(workload)];
  const { answer, problem } = await askChild<{ samplesPerSecond: number }>(args, TIMEOUT_MS);
  return { samplesPerSecond: answer?.samplesPerSecond ?? null, problem };
}
