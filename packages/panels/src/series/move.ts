import { median, type Points } from "./points.ts";

/** What one line did in the range. */
export interface Move {
  readonly kind: "rose" | "fell" | "steady";
  /** The level at the beginning. */
  readonly from: number;
  /** The value furthest from it. */
  readonly to: number;
  /** When it began to leave its level; NaN when steady. */
  readonly sinceMs: number;
  readonly last: number;
  readonly lastMs: number;
  /** Whether the last value is back near the level. */
  readonly returned: boolean;
}

/** Fewer points have no level to move from. */
const LEAST_POINTS = 4;
/** A move is at least this share of the level … */
const LEAST_SHARE = 0.3;
/** … and this many times what the level wobbles by itself. */
const LEAST_WOBBLES = 5;

/** Undefined when there are too few values to speak of. */
export function findMove(points: Points): Move | undefined {
  const { timesMs, values } = finitePoints(points);
  const count = values.length;
  if (count < LEAST_POINTS) return undefined;
  const opening = values.subarray(0, Math.max(3, Math.floor(count / 4)));
  const from = median(opening);
  const wobble = median(opening.map((value) => Math.abs(value - from)));
  const extreme = furthestIndex(values, from);
  const to = values[extreme] ?? from;
  const last = values[count - 1] ?? from;
  const lastMs = timesMs[count - 1] ?? Number.NaN;
  const distance = Math.abs(to - from);
  const needed = Math.max(LEAST_SHARE * Math.abs(from), LEAST_WOBBLES * wobble);
  if (distance === 0 || distance < needed) {
    return { kind: "steady", from, to, sinceMs: Number.NaN, last, lastMs, returned: true };
  }
  let onset = extreme;
  while (onset > 0 && Math.abs((values[onset - 1] ?? from) - from) > 0.15 * distance) onset--;
  return {
    kind: to > from ? "rose" : "fell",
    from,
    to,
    sinceMs: timesMs[onset] ?? Number.NaN,
    last,
    lastMs,
    returned: Math.abs(last - from) < 0.35 * distance,
  };
}

function furthestIndex(values: Float64Array, from: number): number {
  let furthest = 0;
  let distance = -1;
  for (let i = 0; i < values.length; i++) {
    const here = Math.abs((values[i] ?? from) - from);
    if (here > distance) {
      distance = here;
      furthest = i;
    }
  }
  return furthest;
}

function finitePoints({ timesMs, values }: Points): Points {
  if (values.every((value) => Number.isFinite(value))) return { timesMs, values };
  const isKept = (_: number, i: number) => Number.isFinite(values[i]);
  return { timesMs: timesMs.filter(isKept), values: values.filter(isKept) };
}
