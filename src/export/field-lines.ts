import type { Contract } from '../../policies/contract.ts';

/** The observation for people, one line a field: its numbers, name, frame, unit and meaning. */
export function fieldLines({ observation }: Contract): string[] {
  let at = 0;
  return observation.fields.map(({ name, size, frame, unit, meaning }) => {
    const place = `${at}${size > 1 ? `-${at + size - 1}` : ''}`;
    at += size;
    return `${place.padEnd(6)} ${name.padEnd(24)} ${frame === 'none' ? '' : `${frame}, `}${unit}: ${meaning}`;
  });
}
