import type { Clock, LimitHit } from "@hms-ops/model";

/** Remembered, the latest ones: a sender that makes up metric names must not fill memory. */
const HITS_MAX = 100;

/** How reading a body words what passes a limit of labels; the metric's name comes first. */
const PROBLEM =
  /(?:^|line \d+: )([^\s:]+(?::[^\s:]+)*)(?: has \d+ (labels); at most|: the (label name|value of label) )/;

const LIMITS: Readonly<Record<string, string>> = {
  labels: "labelsPerSeriesMax",
  "label name": "labelNameBytesMax",
  "value of label": "labelValueBytesMax",
};

/** Whose labels were too many or too long to be read at all: the store never sees them. */
export class RefusedLabels {
  readonly #clock: Clock;
  /** The latest is the last. */
  readonly #hits = new Map<string, LimitHit>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The latest first. */
  get hits(): readonly LimitHit[] {
    return [...this.#hits.values()].reverse();
  }

  /** What a body's reader said; anything but a limit is left alone. */
  note(problem: string, source: string, count: number): void {
    const [, metric = "", labels, text = ""] = PROBLEM.exec(problem) ?? [];
    const limit = LIMITS[labels ?? text];
    if (limit === undefined) return;
    const key = JSON.stringify([limit, metric, source]);
    const before = this.#hits.get(key)?.count ?? 0;
    this.#hits.delete(key);
    const lastMs = this.#clock.now();
    const example = problem.slice(problem.indexOf(metric));
    this.#hits.set(key, { limit, metric, source, count: before + count, lastMs, example });
    const [oldest] = this.#hits.keys();
    if (this.#hits.size > HITS_MAX && oldest !== undefined) this.#hits.delete(oldest);
  }
}

/** Both, the latest first. */
export function joinHits(a: readonly LimitHit[], b: readonly LimitHit[]): readonly LimitHit[] {
  return [...a, ...b].sort((one, other) => other.lastMs - one.lastMs);
}
