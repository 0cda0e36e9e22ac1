import type { ByteWriter } from "./byte-writer.ts";
import { planesOf, readPlanes, writePlanes } from "./planes.ts";

/** Where in a column its parts are; the planes follow. */
export const TIME_COLUMN = { count: 0, first: 4, least: 12, planes: 20, headerBytes: 21 } as const;

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

/** The column that stands there. */
export function decodeTimes(bytes: Uint8Array, at: number): Float64Array<ArrayBuffer> {
  const { headerBytes } = TIME_COLUMN;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, headerBytes);
  const count = view.getUint32(TIME_COLUMN.count, true);
  const least = view.getFloat64(TIME_COLUMN.least, true);
  const planes = view.getUint8(TIME_COLUMN.planes);
  const times = new Float64Array(count);
  times[0] = view.getFloat64(TIME_COLUMN.first, true);
  readPlanes(bytes, at + headerBytes, planes, least, times, 1, count - 1);
  let timeMs = times[0]!;
  for (let i = 1; i < count; i++) {
    timeMs += times[i]!;
    times[i] = timeMs;
  }
  return times;
}
