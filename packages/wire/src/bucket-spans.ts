import type { BucketSpan } from "@hms-ops/model";

/** Rising indexes of buckets as runs, each told by its distance to the one before. */
export function spansOf(indexes: readonly number[]): readonly BucketSpan[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}
