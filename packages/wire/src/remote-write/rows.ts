import { type NewSeries, OpsError, type SampleBatchBuilder, type SeriesId } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import {
  EXEMPLARS_PER_WRITE_MAX,
  HISTOGRAMS_PER_WRITE_MAX,
  NEW_SERIES_PER_WRITE_MAX,
  SAMPLES_PER_WRITE_MAX,
} from "../limits.ts";
import { readHistogram } from "../prompb/histogram.ts";
import { exemplarLabels, type RawPair } from "../prompb/labels.ts";
import { type ProtoReader, WIRE_FIXED_64, WIRE_VARINT } from "../prompb/proto-reader.ts";
import type { RemoteWriteReport } from "./report.ts";

type RowCounts = Pick<
  RemoteWriteReport,
  "samples" | "histograms" | "staleHistograms" | "exemplars" | "skippedExemplars"
>;

/** Reads the rows of series into a builder; both versions of remote write have the same rows. */
export class RowReader {
  readonly #reader: ProtoReader;
  readonly #builder: SampleBatchBuilder;
  #declared = 0;
  #samples = 0;
  #histograms = 0;
  #staleHistograms = 0;
  #exemplars = 0;
  #skippedExemplars = 0;

  constructor(reader: ProtoReader, builder: SampleBatchBuilder) {
    this.#reader = reader;
    this.#builder = builder;
  }

  /** What was read so far. */
  counts(): RowCounts {
    return {
      samples: this.#samples,
      histograms: this.#histograms,
      staleHistograms: this.#staleHistograms,
      exemplars: this.#exemplars,
      skippedExemplars: this.#skippedExemplars,
    };
  }

  /** Answers the id in the batch. */
  declare(series: NewSeries): SeriesId {
    if (++this.#declared > NEW_SERIES_PER_WRITE_MAX) {
      refuseTooMany("new series", NEW_SERIES_PER_WRITE_MAX);
    }
    return this.#builder.declare(series);
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
    if (++this.#samples > SAMPLES_PER_WRITE_MAX) refuseTooMany("samples", SAMPLES_PER_WRITE_MAX);
    if (valueAt < 0) this.#builder.add(id, timeMs, 0);
    else if (reader.isStaleMarker(valueAt)) this.#builder.addStale(id, timeMs);
    else this.#builder.add(id, timeMs, reader.double(valueAt));
  }

  /** Answers why the histogram cannot be taken. */
  histogram(id: SeriesId, end: number): string | undefined {
    const read = readHistogram(this.#reader, end);
    const { timeMs } = read;
    if ("problem" in read) return `${read.problem} (at ${timeMs} ms)`;
    if (++this.#histograms > HISTOGRAMS_PER_WRITE_MAX) {
      refuseTooMany("histograms", HISTOGRAMS_PER_WRITE_MAX);
    }
    if ("isStale" in read) {
      this.#staleHistograms++;
      this.#builder.addStale(id, timeMs);
    } else this.#builder.addHistogram({ id, timeMs, histogram: read.histogram });
    return undefined;
  }

  /** A bad one is counted: exemplars never fail a request. */
  exemplar(id: SeriesId, pairs: readonly RawPair[], timeMs: number, value: number): void {
    const { labels } = exemplarLabels(pairs);
    if (labels === undefined) {
      this.skipExemplar();
      return;
    }
    if (++this.#exemplars > EXEMPLARS_PER_WRITE_MAX) {
      refuseTooMany("exemplars", EXEMPLARS_PER_WRITE_MAX);
    }
    this.#builder.addExemplar({ id, labels, timeMs, value });
  }

  skipExemplar(): void {
    this.#skippedExemplars++;
  }
}

function refuseTooMany(what: string, limit: number): never {
  throw new OpsError(WIRE_ERRORS.remoteWriteTooMany, { what, limit });
}
