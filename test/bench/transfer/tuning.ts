import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinetuneOptions, FinetuneReport } from '../../../src/transfer/report.ts';
import { compiled } from '../figures.ts';

/** The policy of the zoo that is made to be fine-tuned on real flights. */
export const CALM_POLICY = 'waypoint-motors-pilot';
/** What is held against learning by heart, and nothing of it; the default chooses one of the two. */
export const REGULARISED = { jitter: 1.6, trims: 12 };
export const BY_HEART: typeof REGULARISED = { jitter: 0, trims: 0 };

/** Fine-tunes in a folder of its own; `use` may read the run, which is gone afterwards. */
export async function tuned<T = void>(
  options: Omit<FinetuneOptions, 'out'>,
  use?: (report: FinetuneReport) => Promise<T>,
): Promise<{ report: FinetuneReport; used: T | undefined }> {
  const { finetune } = await compiled<typeof import('../../../src/transfer/finetune.ts')>('src/transfer/finetune.js');
  const folder = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
  try {
    const report = await finetune({ ...options, out: join(folder, 'run') });
    return { report, used: await use?.(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
