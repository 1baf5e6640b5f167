/** What a backend is to learn: which is fastest depends on it. */
export interface Workload {
  /** Of the network, input first. */
  sizes: number[];
  /** Samples of a minibatch. */
  batch: number;
  /** In which our kernels on wasm learn: actor beside critic where there are two. */
  threads: number;
}

/** What `doctor` measures. */
export const DEFAULT_WORKLOAD: Workload = { sizes: [24, 64, 64, 4], batch: 512, threads: 1 };

/** Such as `24-64-64-4 in minibatches of 512`. */
export function workloadText({ sizes, batch }: Workload): string {
  return `${sizes.join('-')} in minibatches of ${batch}`;
}
