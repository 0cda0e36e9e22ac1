import type { ByteWriter } from "./byte-writer.ts";
import { slotAt } from "./pages.ts";
import { planesOf, readPlanes, writePlanes } from "./planes.ts";

/**
 * A column of rising times: the first one, the least difference, and what each difference has above
 * it as byte planes; drawn in docs/formats/block.md. Chunks of many series share one.
 */
export function encodeTimes(
  timesMs: Float64Array,
  from: number,
  count: number,
  out: ByteWriter,
): void {
  const deltas = new Float64Array(count - 1);
  let least = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let i = 0; i + 1 < count; i++) {
    const delta = timesMs[from + i + 1]! - timesMs[from + i]!;
    if (delta < least) least = delta;
    if (delta > greatest) greatest = delta;
    deltas[i] = delta;
  }
  if (count === 1) least = 0;
  for (let i = 0; i + 1 < count; i++) deltas[i]! -= least;
  const planes = planesOf(greatest - least);
  out.u32(count);
  out.f64(timesMs[from]!);
  out.f64(least);
  out.u8(planes);
  const at = out.room(planes * (count - 1));
  writePlanes(deltas, count - 1, planes, out.buffer, at);
}

/** All columns of a page of slots, with their size for a cache. */
export function decodeTimePage(page: Uint8Array): { value: Float64Array[]; bytes: number } {
  const slots = new DataView(page.buffer, page.byteOffset).getUint32(0, true);
  const value = Array.from({ length: slots }, (_, i) => decodeTimes(page, slotAt(page, i)));
  return { value, bytes: value.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

function decodeTimes(bytes: Uint8Array, at: number): Float64Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 21);
  const count = view.getUint32(0, true);
  const times = new Float64Array(count);
  times[0] = view.getFloat64(4, true);
  readPlanes(bytes, at + 21, view.getUint8(20), view.getFloat64(12, true), times, 1, count - 1);
  let timeMs = times[0]!;
  for (let i = 1; i < count; i++) {
    timeMs += times[i]!;
    times[i] = timeMs;
  }
  return times;
}
