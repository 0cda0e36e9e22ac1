import { formatLabels, type SeriesId, UNKNOWN_SERIES } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import { readPairs, readText, seriesLabels } from "../prompb/labels.ts";
import { METRIC_TYPES } from "../prompb/metric-types.ts";
import { ProtoReader, WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "../prompb/proto-reader.ts";
import { SeriesLabelReader } from "../prompb/series-label-reader.ts";
import { ProblemList, type RemoteWriteOptions, type RemoteWriteReport } from "./report.ts";
import { RowReader } from "./rows.ts";

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
  readonly #rows: RowReader;
  readonly #labels: SeriesLabelReader;
  readonly #problems = new ProblemList();
  #series = 0;
  #skippedSeries = 0;
  /** Why the last skipped series was skipped. */
  #problem = "";

  constructor(bytes: Uint8Array, options: RemoteWriteOptions) {
    this.#reader = new ProtoReader(bytes, WIRE_ERRORS.remoteWriteUnreadable);
    this.#options = options;
    this.#labels = new SeriesLabelReader(this.#reader);
    this.#rows = new RowReader(this.#reader, options.builder);
  }

  report(): RemoteWriteReport {
    return {
      ...this.#rows.counts(),
      series: this.#series,
      skippedSeries: this.#skippedSeries,
      problems: this.#problems.list(),
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
    if (this.#readExpected(start, end)) return;
    const id = this.#seriesId(start, end);
    reader.position = start;
    if (id === SKIPPED) {
      this.#skipSeries(end);
      return;
    }
    this.#readRows(id, start, end);
  }

  /** As most senders repeat it: the labels of the series that is expected, then its rows. */
  #readExpected(start: number, end: number): boolean {
    const { resolver } = this.#options;
    const reader = this.#reader;
    const labelsEnd = resolver.expect?.(reader.bytes, start, end) ?? -1;
    if (labelsEnd < 0 || this.#hasLabel(labelsEnd, end)) return false;
    reader.position = labelsEnd;
    this.#readRows(resolver.expected ?? UNKNOWN_SERIES, start, end);
    return true;
  }

  /** Whether a label stands among the fields from here on. */
  #hasLabel(from: number, end: number): boolean {
    const reader = this.#reader;
    reader.position = from;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_LABEL) return true;
      reader.skip(tag & 7, end);
    }
    return false;
  }

  /** From where the reader is. */
  #readRows(id: SeriesId, seriesStart: number, end: number): void {
    const reader = this.#reader;
    this.#series++;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_SAMPLE) this.#rows.sample(id, reader.lengthEnd(end));
      else if (tag === TAG_HISTOGRAM) {
        this.#readHistogram(id, reader.lengthEnd(end), seriesStart, end);
      } else if (tag === TAG_EXEMPLAR) this.#readExemplar(id, reader.lengthEnd(end));
      else reader.skip(tag & 7, end);
    }
  }

  #skipSeries(end: number): void {
    const reader = this.#reader;
    let rows = 0;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === TAG_SAMPLE || tag === TAG_HISTOGRAM) rows++;
      reader.skip(tag & 7, end);
    }
    this.#skippedSeries++;
    this.#problems.add("invalid-labels", rows, () => this.#problem);
  }

  #seriesId(start: number, end: number): SeriesId | typeof SKIPPED {
    const reader = this.#reader;
    let labelsStart = -1;
    let labelsEnd = start;
    let scattered = false;
    // What was expected may have been read up to a further label.
    reader.position = start;
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
    const read = scattered
      ? seriesLabels(readPairs(this.#reader, start, end))
      : this.#labels.read(start, end);
    if (read.labels === undefined) {
      this.#problem = read.problem;
      return SKIPPED;
    }
    const rawKey = this.#reader.bytes.slice(start, end);
    return this.#rows.declare(
      scattered ? { labels: read.labels } : { labels: read.labels, rawKey },
    );
  }

  #readHistogram(id: SeriesId, end: number, seriesStart: number, seriesEnd: number): void {
    const problem = this.#rows.histogram(id, end);
    if (problem === undefined) return;
    this.#problems.add("invalid-histogram", 1, () => {
      const { labels = [] } = seriesLabels(readPairs(this.#reader, seriesStart, seriesEnd));
      return `${formatLabels(labels)}: ${problem}`;
    });
    this.#reader.position = end;
  }

  #readExemplar(id: SeriesId, end: number): void {
    const reader = this.#reader;
    const start = reader.position;
    let timeMs = 0;
    let value = 0;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      if (tag === ((2 << 3) | WIRE_FIXED_64)) value = reader.double(reader.fixed64(end));
      else if (tag === ((3 << 3) | WIRE_VARINT)) timeMs = reader.int64(end);
      else reader.skip(tag & 7, end);
    }
    this.#rows.exemplar(id, readPairs(reader, start, end), timeMs, value);
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
      else if (tag === ((2 << 3) | WIRE_BYTES)) family = readText(reader, end) ?? "";
      else if (tag === ((4 << 3) | WIRE_BYTES)) help = readText(reader, end) ?? "";
      else if (tag === ((5 << 3) | WIRE_BYTES)) unit = readText(reader, end) ?? "";
      else reader.skip(tag & 7, end);
    }
    if (family === "") return;
    this.#options.onMetadata?.(family, { type: METRIC_TYPES[type] ?? "unknown", help, unit });
  }
}
