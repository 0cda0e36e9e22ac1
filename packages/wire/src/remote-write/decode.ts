import {
  type MetricMetadata,
  type MetricType,
  type SampleBatchBuilder,
  type SeriesId,
  type SeriesResolver,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { ProtoReader, WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "./proto-reader.ts";
import { decodeText, readSeriesLabels } from "./series-labels.ts";

export interface RemoteWriteOptions {
  readonly builder: SampleBatchBuilder;
  readonly resolver: SeriesResolver;
  readonly onMetadata?: (family: string, metadata: MetricMetadata) => void;
}

export interface RemoteWriteReport {
  readonly series: number;
  readonly samples: number;
  /** Without a name, with invalid UTF-8, a label name twice, or beyond a limit; none is stored. */
  readonly skippedSeries: number;
  /** Why the first series was skipped, for a person; empty if none was. */
  readonly firstProblem: string;
  /** Read past: the store keeps plain samples only. */
  readonly skippedExemplars: number;
  readonly skippedHistograms: number;
}

/** Numbers of MetricMetadata.type. */
export const METRIC_TYPES: readonly MetricType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];

const TAG_LABEL = (1 << 3) | WIRE_BYTES;
const TAG_SAMPLE = (2 << 3) | WIRE_BYTES;
const TAG_EXEMPLAR = (3 << 3) | WIRE_BYTES;
const TAG_HISTOGRAM = (4 << 3) | WIRE_BYTES;
const TAG_REQUEST_SERIES = (1 << 3) | WIRE_BYTES;
const TAG_REQUEST_METADATA = (3 << 3) | WIRE_BYTES;

const SKIPPED = -1;

/**
 * Reads one prometheus.WriteRequest (remote write 1.0, uncompressed) into the builder. A series
 * that the resolver knows by its raw label bytes costs no string. Throws an OpsError (400) when
 * the message is damaged: the builder then holds rows that must not be stored.
 */
export function readRemoteWrite(bytes: Uint8Array, options: RemoteWriteOptions): RemoteWriteReport {
  const decoder = new RemoteWriteDecoder(bytes, options);
  decoder.run();
  return decoder.report();
}

class RemoteWriteDecoder {
  readonly #reader: ProtoReader;
  readonly #options: RemoteWriteOptions;
  #series = 0;
  #samples = 0;
  #skippedSeries = 0;
  #firstProblem = "";
  #skippedExemplars = 0;
  #skippedHistograms = 0;

  constructor(bytes: Uint8Array, options: RemoteWriteOptions) {
    this.#reader = new ProtoReader(bytes);
    this.#options = options;
  }

  report(): RemoteWriteReport {
    return {
      series: this.#series,
      samples: this.#samples,
      skippedSeries: this.#skippedSeries,
      firstProblem: this.#firstProblem,
      skippedExemplars: this.#skippedExemplars,
      skippedHistograms: this.#skippedHistograms,
    };
  }

  run(): void {
    const reader = this.#reader;
    const end = reader.bytes.length;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_REQUEST_SERIES) this.#readSeries(reader.lengthEnd(end));
      else if (tag === TAG_REQUEST_METADATA) this.#readMetadata(reader.lengthEnd(end));
      else reader.skip(tag & 7, end);
    }
  }

  /** Hot: one call a series. Labels may come after samples, so they are sought first. */
  #readSeries(end: number): void {
    const reader = this.#reader;
    const start = reader.position;
    const id = this.#seriesId(start, end);
    reader.position = start;
    if (id === SKIPPED) this.#skippedSeries++;
    else this.#series++;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_SAMPLE && id !== SKIPPED) this.#readSample(id, reader.lengthEnd(end));
      else {
        if (tag === TAG_EXEMPLAR) this.#skippedExemplars++;
        else if (tag === TAG_HISTOGRAM) this.#skippedHistograms++;
        reader.skip(tag & 7, end);
      }
    }
  }

  #seriesId(start: number, end: number): SeriesId | typeof SKIPPED {
    const reader = this.#reader;
    let labelsStart = -1;
    let labelsEnd = start;
    let scattered = false;
    while (reader.position < end) {
      const fieldStart = reader.position;
      const tag = reader.uint32(end);
      reader.skip(tag & 7, end);
      if (tag !== TAG_LABEL) continue;
      if (labelsStart < 0) labelsStart = fieldStart;
      else if (fieldStart !== labelsEnd) scattered = true;
      labelsEnd = reader.position;
    }
    if (labelsStart < 0) labelsStart = start;
    // Labels with other fields between them have no run of bytes to be known by.
    if (!scattered) {
      const known = this.#options.resolver.find(reader.bytes, labelsStart, labelsEnd);
      if (known !== UNKNOWN_SERIES) return known;
    }
    return this.#declare(labelsStart, labelsEnd, scattered);
  }

  #declare(start: number, end: number, scattered: boolean): SeriesId | typeof SKIPPED {
    const read = readSeriesLabels(this.#reader, start, end);
    if (read.labels === undefined) {
      this.#firstProblem ||= read.problem;
      return SKIPPED;
    }
    const rawKey = this.#reader.bytes.slice(start, end);
    return this.#options.builder.declare(
      scattered ? { labels: read.labels } : { labels: read.labels, rawKey },
    );
  }

  /** Hot: one call a sample. A field that is absent is zero. */
  #readSample(id: SeriesId, end: number): void {
    const reader = this.#reader;
    let timeMs = 0;
    let valueAt = -1;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === ((1 << 3) | WIRE_FIXED_64)) valueAt = reader.fixed64(end);
      else if (tag === ((2 << 3) | WIRE_VARINT)) timeMs = reader.int64(end);
      else reader.skip(tag & 7, end);
    }
    this.#samples++;
    if (valueAt < 0) this.#options.builder.add(id, timeMs, 0);
    else if (
      reader.word(valueAt) === STALE_NAN_LOW &&
      reader.word(valueAt + 4) === STALE_NAN_HIGH
    ) {
      // The marker is told from other NaNs by its bits, before it is a number at all.
      this.#options.builder.addStale(id, timeMs);
    } else this.#options.builder.add(id, timeMs, reader.double(valueAt));
  }

  #readMetadata(end: number): void {
    const reader = this.#reader;
    let type = 0;
    let family = "";
    let help = "";
    let unit = "";
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === ((1 << 3) | WIRE_VARINT)) type = reader.int64(end);
      else if (tag === ((2 << 3) | WIRE_BYTES)) family = this.#text(end);
      else if (tag === ((4 << 3) | WIRE_BYTES)) help = this.#text(end);
      else if (tag === ((5 << 3) | WIRE_BYTES)) unit = this.#text(end);
      else reader.skip(tag & 7, end);
    }
    if (family === "") return;
    this.#options.onMetadata?.(family, { type: METRIC_TYPES[type] ?? "unknown", help, unit });
  }

  #text(end: number): string {
    const reader = this.#reader;
    const textEnd = reader.lengthEnd(end);
    const text = decodeText(reader.bytes, reader.position, textEnd);
    reader.position = textEnd;
    return text ?? "";
  }
}
