import { type Labels, OpsError } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import { READ_FRAME_BYTES } from "../limits.ts";
import {
  type EncodedChunk,
  encodeSeriesChunks,
  type SampleColumns,
} from "../prometheus-chunks/index.ts";
import { readPairs, seriesLabels } from "../prompb/labels.ts";
import { writeLabels } from "../prompb/messages.ts";
import { ProtoReader, WIRE_BYTES, WIRE_VARINT } from "../prompb/proto-reader.ts";
import { ProtoWriter } from "../prompb/proto-writer.ts";
import { crc32c } from "./crc32c.ts";

/**
 * Writes frames of a streamed remote read: varint length, CRC-32C (big-endian), one
 * prometheus.ChunkedReadResponse. Each holds one series, as Prometheus' own readers look at the
 * first one only; a series whose chunks are larger than a frame goes on in the next.
 */
export class ChunkedReadWriter {
  readonly #frameBytes: number;
  readonly #frames = new ProtoWriter();
  readonly #payload = new ProtoWriter();

  constructor(frameBytes = READ_FRAME_BYTES) {
    this.#frameBytes = frameBytes;
  }

  /** What `take` would answer. */
  get sizeBytes(): number {
    return this.#frames.length;
  }

  /** Rows `from` to `to` (not included), rising in time. */
  add(query: number, labels: Labels, columns: SampleColumns, from: number, to: number): void {
    const chunks = encodeSeriesChunks(columns, from, to);
    let start = 0;
    let sizeBytes = 0;
    for (let i = 0; i < chunks.length; i++) {
      const next = chunks[i]!.data.length;
      if (i > start && sizeBytes + next > this.#frameBytes) {
        this.#frame(query, labels, chunks.slice(start, i));
        start = i;
        sizeBytes = 0;
      }
      sizeBytes += next;
    }
    if (chunks.length > 0) this.#frame(query, labels, chunks.slice(start));
  }

  /** The frames since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#frames.finish();
  }

  #frame(query: number, labels: Labels, chunks: readonly EncodedChunk[]): void {
    const writer = this.#payload;
    writer.message(1, () => {
      writeLabels(writer, labels);
      for (const { minTimeMs, maxTimeMs, encoding, data } of chunks) {
        writer.message(2, () => {
          writer.number(1, minTimeMs);
          writer.number(2, maxTimeMs);
          writer.number(3, encoding);
          writer.bytes(4, data);
        });
      }
    });
    writer.number(2, query);
    const payload = writer.finish();
    this.#frames.raw(frameHead(payload));
    this.#frames.raw(payload);
  }
}

function frameHead(payload: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = payload.length;
  while (rest >= 0x80) {
    head.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  head.push(rest);
  const sum = crc32c(payload);
  return Uint8Array.of(...head, sum >>> 24, sum >>> 16, sum >>> 8, sum);
}

export interface ReadFrame {
  readonly query: number;
  readonly labels: Labels;
  readonly chunks: readonly ReadChunk[];
}

export interface ReadChunk {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  /** 1 floats, 2 histograms, 3 float histograms; see prometheus-chunks. */
  readonly encoding: number;
  readonly data: Uint8Array;
}

/** Reads the frames of a streamed remote read. Throws an OpsError where one is damaged. */
export function readFrames(bytes: Uint8Array): ReadFrame[] {
  const stream = new ProtoReader(bytes, WIRE_ERRORS.remoteReadUnreadable);
  const frames: ReadFrame[] = [];
  while (stream.position < bytes.length) {
    const length = stream.uint32(bytes.length);
    const start = stream.position + 4;
    if (start + length > bytes.length) stream.fail("it is cut short");
    const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(stream.position);
    const payload = bytes.subarray(start, start + length);
    if (crc32c(payload) !== sum) {
      const inputs = { reason: "the checksum of a frame is wrong", offset: start };
      throw new OpsError(WIRE_ERRORS.remoteReadUnreadable, inputs);
    }
    frames.push(...readPayload(payload));
    stream.position = start + length;
  }
  return frames;
}

function readPayload(payload: Uint8Array): ReadFrame[] {
  const reader = new ProtoReader(payload, WIRE_ERRORS.remoteReadUnreadable);
  const end = payload.length;
  const series: Omit<ReadFrame, "query">[] = [];
  let query = 0;
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_BYTES)) series.push(readSeries(reader, reader.lengthEnd(end)));
    else if (tag === ((2 << 3) | WIRE_VARINT)) query = reader.int64(end);
    else reader.skip(tag & 7, end);
  }
  return series.map((one) => ({ query, ...one }));
}

function readSeries(reader: ProtoReader, end: number): Omit<ReadFrame, "query"> {
  const start = reader.position;
  const chunks: ReadChunk[] = [];
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((2 << 3) | WIRE_BYTES)) chunks.push(readChunk(reader, reader.lengthEnd(end)));
    else reader.skip(tag & 7, end);
  }
  const { labels = [] } = seriesLabels(readPairs(reader, start, end));
  reader.position = end;
  return { labels, chunks };
}

function readChunk(reader: ProtoReader, end: number): ReadChunk {
  let minTimeMs = 0;
  let maxTimeMs = 0;
  let encoding = 0;
  let data = new Uint8Array(0) as Uint8Array;
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_VARINT)) minTimeMs = reader.int64(end);
    else if (tag === ((2 << 3) | WIRE_VARINT)) maxTimeMs = reader.int64(end);
    else if (tag === ((3 << 3) | WIRE_VARINT)) encoding = reader.uint32(end);
    else if (tag === ((4 << 3) | WIRE_BYTES)) {
      const dataEnd = reader.lengthEnd(end);
      data = reader.bytes.subarray(reader.position, dataEnd);
      reader.position = dataEnd;
    } else reader.skip(tag & 7, end);
  }
  return { minTimeMs, maxTimeMs, encoding, data };
}
