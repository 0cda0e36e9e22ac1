import type { SharedSeries } from "../ports.ts";
import { sharedCopy } from "../shared.ts";
import type { PlacedSeries } from "./join.ts";
import type { OpenBlock } from "./open-blocks.ts";

/** Of what a snapshot was opened. */
export type Origin = Pick<SharedSeries, "ticket" | "sampleSlabs" | "blocksVersion">;

/** Where a snapshot's samples are, for readers in other threads. */
export function shareSeries(
  { count, head, blocks, parts }: PlacedSeries,
  origin: Origin,
): SharedSeries {
  const { rows, places, frozenPlaces } = head;
  return {
    ...origin,
    count,
    blocks: blocks.map(({ ref }) => ref),
    head: {
      rows: sharedCopy(rows),
      places: sharedCopy(places),
      frozenPlaces: frozenPlaces && sharedCopy(frozenPlaces),
    },
    parts: parts && {
      starts: sharedCopy(parts.starts),
      sources: sharedCopy(parts.sources),
      rows: sharedCopy(parts.rows),
    },
  };
}

/** The same in the thread that it was handed to, whose own `blocks` are those that it names. */
export function placedSeries(
  { count, head, parts }: SharedSeries,
  blocks: readonly OpenBlock[],
): PlacedSeries {
  return { count, head, parts, blocks };
}
