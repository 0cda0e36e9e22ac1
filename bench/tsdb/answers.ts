/** An answer as series of points, keyed by their labels. */
export type Answer = ReadonlyMap<string, readonly (readonly [number, number])[]>;

interface AnswerBody {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

export function readAnswer(text: string): Answer {
  const body = JSON.parse(text) as AnswerBody;
  if (body.status !== "success") throw new Error(body.error ?? text.slice(0, 200));
  const answer = new Map<string, readonly (readonly [number, number])[]>();
  for (const { metric, value, values } of body.data?.result ?? []) {
    // The name is left out, VictoriaMetrics keeps it where Prometheus drops it; unless it is all.
    const { __name__: name = "", ...labels } = metric;
    const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = pairs.length > 0 ? JSON.stringify(pairs) : name;
    const points = values ?? (value ? [value] : []);
    answer.set(
      key,
      points.map(([time, number]) => [time, Number(number)] as const),
    );
  }
  return answer;
}

/** Empty when both say the same; else what the first difference is. `tolerance` is relative. */
export function differenceOf(expected: Answer, found: Answer, tolerance: number): string {
  if (expected.size !== found.size) return `${found.size} series instead of ${expected.size}`;
  for (const [key, points] of expected) {
    const others = found.get(key);
    if (others === undefined) return `no series ${key}`;
    if (points.length !== others.length) {
      return `${others.length} points instead of ${points.length} at ${key}`;
    }
    for (const [i, [time, value]] of points.entries()) {
      const [otherTime, other] = others[i] ?? [Number.NaN, Number.NaN];
      if (time !== otherTime) return `a point at ${otherTime} instead of ${time} at ${key}`;
      if (!near(value, other, tolerance))
        return `${other} instead of ${value} at ${time} of ${key}`;
    }
  }
  return "";
}

/** Averages around nought differ by the rounding of what was summed, not of themselves. */
const LEAST = 1e-3;

function near(a: number, b: number, tolerance: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), LEAST);
}
