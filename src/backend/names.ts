/** The backends in the order in which `doctor` shows them. */
export const BACKENDS = ['cuda', 'webgpu', 'native', 'wasm', 'cpu'] as const;

export type BackendName = (typeof BACKENDS)[number];

/** Training samples a second, null where measuring failed. */
export type Speeds = Partial<Record<BackendName, number | null>>;

/** Whether a backend can be used on this machine, and why not (or what it is) in one line. */
export interface Availability {
  name: BackendName;
  available: boolean;
  reason: string;
  /** A processor playing a GPU (SwiftShader, llvmpipe): works, but `auto` leaves it alone. */
  software?: boolean;
}

/** What {@link Backend.probe} finds. */
export type Probe = Omit<Availability, 'name'>;

/** One way to run TF.js. */
export interface Backend {
  name: BackendName;
  /** Looks without loading anything into this process that could crash, hang or print. */
  probe(): Promise<Probe>;
  /** Makes it TF.js's current backend; call it only after a probe that found it available. */
  activate(): Promise<void>;
}
