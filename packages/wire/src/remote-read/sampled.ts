import { type Labels, type NativeHistogram, OpsError } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import { SAMPLED_READ_MAX_BYTES } from "../limits.ts";
import type { SampleColumns } from "../prometheus-chunks/index.ts";
import { readHistogram } from "../prompb/histogram.ts";
import { readPairs, seriesLabels } from "../prompb/labels.ts";
import { writeHistogram, writeLabels, writeSample } from "../prompb/messages.ts";
import { ProtoReader, WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "../prompb/proto-reader.ts";
import { ProtoWriter } from "../prompb/proto-writer.ts";

/**
 * Writes one prometheus.ReadResponse: query by query, series by series. It is held whole, since a
 * snappy block begins with its length.
 */
export class SampledReadWriter {
  readonly #maxBytes: number;
  readonly #writer = new ProtoWriter();
  #openQuery: number | undefined;

  constructor(maxBytes = SAMPLED_READ_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  startQuery(): void {
    this.#endQuery();
    this.#openQuery = this.#writer.open(1);
  }

  /** Rows `from` to `to` (not included). Throws OPS-1107 when the answer becomes too large. */
  add(labels: Labels, columns: SampleColumns, from: number, to: number): void {
    const writer = this.#writer;
    const { histograms, timesMs, stale } = columns;
    writer.message(1, () => {
      writeLabels(writer, labels);
      let before: NativeHistogram | undefined;
      for (let row = from; row < to; row++) {
        const isHistogram = histograms?.isHistogram[row] === 1;
        // A marker after a histogram is one of its kind.
        if (isHistogram || (before && stale[row] === 1)) {
          const histogram = isHistogram ? histograms.at(row) : "stale";
          before = histogram === "stale" ? before : histogram;
          writeHistogram(writer, 4, { timeMs: timesMs[row]!, histogram });
        } else {
          before = undefined;
          writeSample(writer, columns, row);
        }
        if (writer.length > this.#maxBytes) this.#refuse();
      }
    });
  }

  /** Not a copy: valid as long as this writer is not used again. */
  finish(): Uint8Array {
    this.#endQuery();
    return this.#writer.view();
  }

  #endQuery(): void {
    if (this.#openQuery !== undefined) this.#writer.close(this.#openQuery);
    this.#openQuery = undefined;
  }

  #refuse(): never {
    throw new OpsError(WIRE_ERRORS.remoteReadTooLarge, { limit: this.#maxBytes });
  }
}

export interface SampledSeries {
  readonly labels: Labels;
  /** Rising; a histogram that says that the series ended is "stale". */
  readonly rows: readonly (readonly [timeMs: number, value: SampledValue])[];
}

/** "stale" = the series ended. */
export type SampledValue = number | NativeHistogram | "stale";

/** Reads one prometheus.ReadResponse (uncompressed): the series of each query. */
export function readSampledResponse(bytes: Uint8Array): readonly (readonly SampledSeries[])[] {
  const reader = new ProtoReader(bytes, WIRE_ERRORS.remoteReadUnreadable);
  return lists(reader, bytes.length, (end) =>
    lists(reader, end, (seriesEnd) => readSeries(reader, seriesEnd)),
  );
}

/** The messages in field 1. */
function lists<One>(reader: ProtoReader, end: number, read: (end: number) => One): One[] {
  const found: One[] = [];
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_BYTES)) found.push(read(reader.lengthEnd(end)));
    else reader.skip(tag & 7, end);
  }
  return found;
}

function readSeries(reader: ProtoReader, end: number): SampledSeries {
  const start = reader.position;
  const rows: (readonly [number, SampledValue])[] = [];
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((2 << 3) | WIRE_BYTES)) rows.push(readSample(reader, reader.lengthEnd(end)));
    else if (tag === ((4 << 3) | WIRE_BYTES)) {
      const read = readHistogram(reader, reader.lengthEnd(end));
      if ("problem" in read) reader.fail(read.problem);
      rows.push([read.timeMs, "isStale" in read ? "stale" : read.histogram]);
    } else reader.skip(tag & 7, end);
  }
  const { labels = [] } = seriesLabels(readPairs(reader, start, end));
  return { labels, rows: rows.sort(([a], [b]) => a - b) };
}

function readSample(reader: ProtoReader, end: number): readonly [number, SampledValue] {
  let timeMs = 0;
  let value: SampledValue = 0;
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_FIXED_64)) {
      const at = reader.fixed64(end);
      value = reader.isStaleMarker(at) ? "stale" : reader.double(at);
    } else if (tag === ((2 << 3) | WIRE_VARINT)) timeMs = reader.int64(end);
    else reader.skip(tag & 7, end);
  }
  return [timeMs, value];
}
