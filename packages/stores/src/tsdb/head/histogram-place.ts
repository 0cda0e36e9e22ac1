import { type Arena, UNIT_WORDS, viewOf, wordOf } from "../memory/arena.ts";
import { HISTOGRAM_HIGH } from "../memory/columns.ts";
import type { SlabView } from "../memory/slabs.ts";

/** An encoded histogram in a slab: | length in bytes | bytes … |. A row's low word is its place. */
export function storeHistogram(
  arena: Arena,
  views: readonly SlabView[],
  blob: Uint8Array,
): { readonly place: number; readonly units: number } {
  const units = Math.ceil((1 + Math.ceil(blob.length / 4)) / UNIT_WORDS);
  const place = arena.take(units);
  const { words, bytes } = viewOf(views, place);
  words[wordOf(place)] = blob.length;
  bytes.set(blob, wordOf(place) * 4 + 4);
  return { place, units };
}

/** Not a copy: valid as long as the place is. */
export function histogramAt(views: readonly SlabView[], place: number): Uint8Array {
  const { words, bytes } = viewOf(views, place);
  const at = wordOf(place);
  return bytes.subarray(at * 4 + 4, at * 4 + 4 + words[at]!);
}

/** Whether two rows' values are one: the same words, or histograms of the same bytes. */
export function isSameValue(
  views: readonly SlabView[],
  valueWords: Uint32Array,
  at: number,
  low: number,
  high: number,
): boolean {
  if (valueWords[at + 1] !== high) return false;
  if (valueWords[at] === low) return true;
  if (high !== HISTOGRAM_HIGH) return false;
  const left = histogramAt(views, valueWords[at]!);
  const right = histogramAt(views, low);
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
