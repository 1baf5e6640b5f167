/** One setting that is not the same in all runs: its key, as `--set` takes it, and its value in each. */
export interface Difference {
  key: string;
  /** In the order of the runs; undefined where a run has no such setting. */
  values: unknown[];
}

/** The settings in which runs differ, in the order in which they stand. Lists count as one value. */
export function differingSettings(settings: readonly Record<string, unknown>[]): Difference[] {
  const flat = settings.map((each) => new Map(flatten(each)));
  const keys = new Set(flat.flatMap((each) => [...each.keys()]));
  return [...keys]
    .map((key) => ({ key, values: flat.map((each) => each.get(key)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

function flatten(settings: Record<string, unknown>, prefix = ''): [string, unknown][] {
  return Object.entries(settings).flatMap(([name, value]): [string, unknown][] => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isMap) return flatten(value as Record<string, unknown>, `${prefix}${name}.`);
    return [[`${prefix}${name}`, value]];
  });
}
