import { STALE_NAN_HIGH, STALE_NAN_LOW } from "@hms-ops/model";
import { BitReader, XorReader } from "./bit-reader.ts";
import { BitWriter, fitsSigned, XorWriter } from "./bit-writer.ts";

/** Samples as columns of equal length; the bits of a NaN are kept. */
export interface FloatSamples {
  readonly count: number;
  /** Whole milliseconds since the epoch. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** 1 = staleness marker; the value beside it is NaN. */
  readonly stale: Uint8Array;
}

/** Widths of a change in the step between times, behind 1, 2, 3 and 4 set bits. */
const TIME_WIDTHS: readonly number[] = [14, 17, 20, 64];
const HEADER_BYTES = 2;
const LOW_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/**
 * Reads the data of a float chunk (encoding 1), without length, encoding and checksum. Throws an
 * OpsError when it is damaged. Source: Prometheus' tsdb/docs/format/chunks.md.
 */
export function decodeXorChunk(data: Uint8Array): FloatSamples {
  const reader = new BitReader(data, 0);
  const count = reader.bits(16);
  // A sample takes two bits at least.
  if (count > data.length * 4) reader.fail("it claims more samples than it can hold");
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  const stale = new Uint8Array(count);
  const words = new Uint32Array(values.buffer);
  const value = new XorReader();
  let timeMs = 0;
  let stepMs = 0;
  for (let i = 0; i < count; i++) {
    if (i === 0) timeMs = reader.varint();
    else {
      stepMs = i === 1 ? reader.uvarint() : stepMs + stepChange(reader);
      if (stepMs <= 0) reader.fail("its times do not rise");
      timeMs += stepMs;
    }
    if (i === 0) value.start(reader);
    else value.next(reader);
    timesMs[i] = timeMs;
    words[2 * i + LOW_WORD] = value.low;
    words[2 * i + 1 - LOW_WORD] = value.high;
    if (value.high === STALE_NAN_HIGH && value.low === STALE_NAN_LOW) stale[i] = 1;
  }
  return { count, timesMs, values, stale };
}

function stepChange(reader: BitReader): number {
  const prefix = reader.prefix(4);
  return prefix === 0 ? 0 : reader.signed(TIME_WIDTHS[prefix - 1]!);
}

/** Rows `from` to `to` (not included) of the columns, at most 65,535, rising in time. */
export function encodeXorChunk(
  { timesMs, values, stale }: Omit<FloatSamples, "count">,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  const writer = new BitWriter(HEADER_BYTES);
  writer.setByte(0, (to - from) >>> 8);
  writer.setByte(1, (to - from) & 0xff);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const value = new XorWriter();
  let stepMs = 0;
  for (let i = from; i < to; i++) {
    if (i === from) writer.varint(timesMs[i]!);
    else {
      const nextStepMs = timesMs[i]! - timesMs[i - 1]!;
      if (i === from + 1) writer.uvarint(nextStepMs);
      else writeStepChange(writer, nextStepMs - stepMs);
      stepMs = nextStepMs;
    }
    const isStale = stale[i] === 1;
    const high = isStale ? STALE_NAN_HIGH : words[2 * i + 1 - LOW_WORD]!;
    const low = isStale ? STALE_NAN_LOW : words[2 * i + LOW_WORD]!;
    if (i === from) value.start(writer, high, low);
    else value.next(writer, high, low);
  }
  return writer.finish();
}

function writeStepChange(writer: BitWriter, change: number): void {
  if (change === 0) {
    writer.bits(0, 1);
    return;
  }
  let index = 0;
  while (index < 3 && !fitsSigned(change, TIME_WIDTHS[index]!)) index++;
  writer.prefix(index + 1, 4);
  writer.wide(change, TIME_WIDTHS[index]!);
}
