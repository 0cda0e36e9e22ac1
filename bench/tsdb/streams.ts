/** What is sent: `instances` × 100 series, a sample each at every step. */
export interface Stream {
  readonly name: string;
  readonly instances: number;
  readonly stepMs: number;
  readonly steps: number;
  /** Steps after which one instance gives way to a new one; 0 = never. */
  readonly replaceEvery: number;
}

export const STEP_MS = 15_000;
export const CONNECTIONS = 4;
export const SERIES_A_INSTANCE = 100;

const MINUTE_STEPS = 60_000 / STEP_MS;

/** The streams of the promise, with instances scaled by `scale`; times are never scaled. */
export function makeStreams(scale: number): readonly Stream[] {
  const instances = (full: number) => Math.max(CONNECTIONS, Math.round(full * scale));
  const stream = (name: string, full: number, minutes: number, replaceEvery = 0): Stream => ({
    name,
    instances: instances(full),
    stepMs: STEP_MS,
    steps: minutes * MINUTE_STEPS,
    replaceEvery,
  });
  const small = instances(100);
  // A tenth of the instances goes in an hour.
  const hourSteps = 60 * MINUTE_STEPS;
  return [
    stream("10k x 6h", 100, 360),
    stream("100k x 1h", 1_000, 60),
    stream("1M x 4m", 10_000, 4),
    stream("churn 10k x 6h", 100, 360, Math.max(1, Math.round(hourSteps / (small / 10)))),
  ];
}

export function spanMs({ steps, stepMs }: Stream): number {
  return steps * stepMs;
}

/** Samples of the values; stale markers of replaced instances come on top. */
export function samplesOf({ instances, steps }: Stream): number {
  return instances * SERIES_A_INSTANCE * steps;
}

/** How many instances have been replaced by the last step. */
export function replacedOf({ replaceEvery, steps, instances }: Stream): number {
  return replaceEvery === 0 ? 0 : Math.min(instances, Math.floor((steps - 1) / replaceEvery));
}
