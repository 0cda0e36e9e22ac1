import { readTime } from "../head/chunk.ts";
import { FIRST_TIME, LAST_TIME, OPEN_COUNT, PLACE_WORDS } from "../head/head-state.ts";
import { DAY_MS } from "./compaction-plan.ts";

/** A flush makes no more blocks than this, however far apart its samples are. */
export const FLUSH_BLOCKS_MAX = 64;

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The stretches of whole days, rising, into which a head's samples are split; days between two
 * samples of one series count, whether it has others there or not. Widened where they were too many.
 */
export function flushWindows(places: Uint32Array): readonly Window[] {
  for (let windowMs = DAY_MS; ; windowMs *= 2) {
    const numbers = windowNumbers(places, windowMs);
    if (numbers === undefined) continue;
    return numbers.map((number) => ({
      fromMs: number * windowMs,
      toMs: (number + 1) * windowMs - 1,
    }));
  }
}

/** Undefined if there are too many. */
function windowNumbers(places: Uint32Array, windowMs: number): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (let at = 0; at < places.length; at += PLACE_WORDS) {
    if (places[at + OPEN_COUNT] === 0) continue;
    const first = Math.floor(readTime(places, at + FIRST_TIME) / windowMs);
    const last = Math.floor(readTime(places, at + LAST_TIME) / windowMs);
    if (last - first >= FLUSH_BLOCKS_MAX) return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
    if (numbers.size > FLUSH_BLOCKS_MAX) return undefined;
  }
  return [...numbers].sort((a, b) => a - b);
}
