import type { SampleBatchBuilder, SeriesId } from "@hms-ops/model";
import { readHistogram } from "../prompb/histogram.ts";
import { exemplarLabels, type RawPair } from "../prompb/labels.ts";
import { type ProtoReader, WIRE_FIXED_64, WIRE_VARINT } from "../prompb/proto-reader.ts";

/** Reads the rows of series into a builder; both versions of remote write have the same rows. */
export class RowReader {
  readonly #reader: ProtoReader;
  readonly #builder: SampleBatchBuilder;
  samples = 0;
  histograms = 0;
  /** Of the histograms: they are rows of the builder. */
  staleHistograms = 0;
  exemplars = 0;
  skippedExemplars = 0;

  constructor(reader: ProtoReader, builder: SampleBatchBuilder) {
    this.#reader = reader;
    this.#builder = builder;
  }

  /** Hot: one call a sample. A field that is absent is zero. */
  sample(id: SeriesId, end: number): void {
    const reader = this.#reader;
    let timeMs = 0;
    let valueAt = -1;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === ((1 << 3) | WIRE_FIXED_64)) valueAt = reader.fixed64(end);
      else if (tag === ((2 << 3) | WIRE_VARINT)) timeMs = reader.int64(end);
      else reader.skip(tag & 7, end);
    }
    this.samples++;
    if (valueAt < 0) this.#builder.add(id, timeMs, 0);
    else if (reader.isStaleMarker(valueAt)) this.#builder.addStale(id, timeMs);
    else this.#builder.add(id, timeMs, reader.double(valueAt));
  }

  /** Answers why the histogram cannot be taken. */
  histogram(id: SeriesId, end: number): string | undefined {
    const read = readHistogram(this.#reader, end);
    const { timeMs } = read;
    if ("problem" in read) return `${read.problem} (at ${timeMs} ms)`;
    this.histograms++;
    if ("isStale" in read) {
      this.staleHistograms++;
      this.#builder.addStale(id, timeMs);
    } else this.#builder.addHistogram({ id, timeMs, histogram: read.histogram });
    return undefined;
  }

  /** A bad one is counted: exemplars never fail a request. */
  exemplar(id: SeriesId, pairs: readonly RawPair[], timeMs: number, value: number): void {
    const { labels } = exemplarLabels(pairs);
    if (labels === undefined) {
      this.skippedExemplars++;
      return;
    }
    this.exemplars++;
    this.#builder.addExemplar({ id, labels, timeMs, value });
  }
}
