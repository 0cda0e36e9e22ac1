import {
  type Labels,
  labelValue,
  METRIC_NAME,
  type MetricMetadata,
  type SampleBatchBuilder,
  type SeriesId,
  type SeriesResolver,
  UNKNOWN_SERIES,
  withLabels,
} from "@hms-ops/model";
import { shorten } from "../label-limits.ts";
import { formatBucketBound } from "../number-text.ts";
import { seriesTextEnd, skipBlanks, tokenEnd } from "./bytes.ts";
import { MetadataLines } from "./metadata-lines.ts";
import { NumberReader } from "./number-reader.ts";
import {
  type ExpositionFormat,
  type ExpositionReason,
  type ExpositionReport,
  ProblemList,
} from "./report.ts";
import { readSeriesText } from "./series-text.ts";

export interface ExpositionReadOptions {
  readonly builder: SampleBatchBuilder;
  /** May also answer DROPPED_SERIES: the line is counted as a sample and not added. */
  readonly resolver: SeriesResolver;
  /** For samples without a time of their own. */
  readonly defaultTimeMs: number;
  readonly honorTimestamps: boolean;
  /** The labels to store: target labels added, relabelled; undefined = drop the sample. */
  readonly labelsOf: (labels: Labels, rawKey: Uint8Array) => Labels | undefined;
  readonly onMetadata?: (family: string, metadata: MetricMetadata) => void;
  /** As the content type said. Absent: OpenMetrics if the last line is `# EOF`, else text. */
  readonly format?: ExpositionFormat;
}

/** A resolver's answer for raw label bytes whose series relabelling drops. */
export const DROPPED_SERIES = 0xffff_fffe;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const HASH = 0x23;
const SPACE = 0x20;
const TAB = 0x09;
const OPEN = 0x7b;
const SKIPPED = -1;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const UTF8_LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads Prometheus text 0.0.4 or OpenMetrics 1.0 into the builder. A line that cannot be read is
 * counted and described, all others are kept. A series that the resolver knows by the raw bytes
 * of its `name{labels}` costs no string.
 */
export function readExposition(
  bytes: Uint8Array,
  options: ExpositionReadOptions,
): ExpositionReport {
  return new ExpositionReader(bytes, options).run();
}

class ExpositionReader {
  readonly #bytes: Uint8Array;
  readonly #options: ExpositionReadOptions;
  readonly #format: ExpositionFormat;
  readonly #number = new NumberReader();
  readonly #metadata: MetadataLines;
  readonly #problems = new ProblemList();
  #line = 0;
  #samples = 0;
  #kept = 0;
  #explicitTimes = 0;
  #ended = false;
  /** The time of the line that is being read, where it has one. */
  #timeMs = 0;
  /** The series text that the resolver expected, while its line is being read, and its series. */
  #expectedStart = -1;
  #expectedEnd = -1;
  #expectedId: SeriesId = UNKNOWN_SERIES;

  constructor(bytes: Uint8Array, options: ExpositionReadOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#format = options.format ?? (endsWithEof(bytes) ? "openmetrics" : "text");
    this.#metadata = new MetadataLines(this.#format);
  }

  run(): ExpositionReport {
    this.#readLines();
    const { onMetadata } = this.#options;
    if (onMetadata) this.#metadata.forEach(onMetadata);
    return {
      format: this.#format,
      samples: this.#samples,
      kept: this.#kept,
      explicitTimes: this.#explicitTimes,
      skippedLines: this.#problems.skippedLines,
      reasons: this.#problems.reasons,
      problems: this.#problems.problems,
      complete: this.#ended || this.#format === "text",
    };
  }

  /** Hot. */
  #readLines(): void {
    const bytes = this.#bytes;
    let start = startsWithByteOrderMark(bytes) ? 3 : 0;
    while (start < bytes.length) {
      const expectedNext = this.#readExpected(start);
      if (expectedNext > start) {
        start = expectedNext;
        continue;
      }
      let end = bytes.indexOf(LINE_FEED, start);
      if (end < 0) end = bytes.length;
      const next = end + 1;
      while (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
      this.#line++;
      const first = skipBlanks(bytes, start, end);
      if (first < end) this.#readLine(first, end);
      start = next;
    }
  }

  /**
   * Hot. Reads the line that begins at `start` and answers where the next one does, if it is plain
   * and of the series that followed the last one when both were declared: its end then need not be
   * looked for. Answers `start`, with nothing added, where it must be read in full.
   */
  #readExpected(start: number): number {
    const { resolver, builder, defaultTimeMs } = this.#options;
    const bytes = this.#bytes;
    const seriesEnd = resolver.expect?.(bytes, start, bytes.length) ?? -1;
    if (seriesEnd < 0) return start;
    const id = resolver.expected ?? UNKNOWN_SERIES;
    const next = bytes[seriesEnd + 1];
    if (bytes[seriesEnd] !== SPACE || next === SPACE || next === TAB || next === OPEN) return start;
    this.#expectedStart = start;
    this.#expectedEnd = seriesEnd;
    this.#expectedId = id;
    const valueEnd = this.#number.scan(bytes, seriesEnd + 1, bytes.length);
    if (valueEnd < 0 || bytes[valueEnd] !== LINE_FEED || this.#ended) return start;
    this.#line++;
    this.#samples++;
    this.#kept++;
    builder.add(id, defaultTimeMs, this.#number.value);
    return valueEnd + 1;
  }

  #readLine(start: number, end: number): void {
    if (this.#ended) this.#problem("after-end", "a line stands behind # EOF");
    else if (this.#bytes[start] === HASH) this.#readComment(start, end);
    else this.#readSample(start, end);
  }

  #readComment(start: number, end: number): void {
    const line = UTF8_LENIENT.decode(this.#bytes.subarray(start, end));
    if (this.#format === "openmetrics" && line === "# EOF") {
      this.#ended = true;
      return;
    }
    const problem = this.#metadata.read(line);
    if (problem !== undefined) this.#problem("metadata", problem);
  }

  /** Hot. Value and time are judged first, so that a bad line never declares a series. */
  #readSample(start: number, end: number): void {
    const bytes = this.#bytes;
    const isExpected = start === this.#expectedStart;
    const seriesEnd = isExpected ? this.#expectedEnd : seriesTextEnd(bytes, start, end);
    if (seriesEnd < 0) {
      this.#problem("labels", `${this.#shown(start, end)}: the label block has no closing }`);
      return;
    }
    const valueStart = skipBlanks(bytes, seriesEnd, end);
    const valueEnd = tokenEnd(bytes, valueStart, end);
    if (!this.#number.read(bytes, valueStart, valueEnd)) {
      this.#valueProblem(start, seriesEnd, valueStart, end);
      return;
    }
    const value = this.#number.value;
    this.#timeMs = this.#options.defaultTimeMs;
    const restStart = skipBlanks(bytes, valueEnd, end);
    const explicit = restStart < end && this.#readRest(start, seriesEnd, restStart, end);
    if (explicit === undefined) return;
    const id = isExpected ? this.#expectedId : this.#seriesId(start, seriesEnd);
    if (id === SKIPPED) return;
    this.#samples++;
    if (id === DROPPED_SERIES) return;
    this.#kept++;
    if (explicit) this.#explicitTimes++;
    this.#options.builder.add(id, this.#timeMs, value);
  }

  /**
   * What stands behind the value: a time, an exemplar, or both. Whether there was a time that
   * counts; undefined = the line is bad.
   */
  #readRest(start: number, seriesEnd: number, restStart: number, end: number): boolean | undefined {
    const bytes = this.#bytes;
    let at = restStart;
    let explicit = false;
    if (bytes[at] !== HASH) {
      const timeEnd = tokenEnd(bytes, at, end);
      const timeMs = this.#readTime(at, timeEnd);
      if (timeMs === undefined) {
        const shown = this.#shown(at, timeEnd);
        this.#problem("timestamp", `${this.#shown(start, seriesEnd)}: ${shown} is not a time`);
        return undefined;
      }
      explicit = this.#options.honorTimestamps;
      if (explicit) this.#timeMs = timeMs;
      at = skipBlanks(bytes, timeEnd, end);
    }
    if (at < end && !this.#isExemplar(at, end)) {
      const shown = this.#shown(at, end);
      this.#problem("trailing", `${this.#shown(start, seriesEnd)}: ${shown} does not belong there`);
      return undefined;
    }
    return explicit;
  }

  /** Milliseconds in text, seconds in OpenMetrics. */
  #readTime(start: number, end: number): number | undefined {
    if (!this.#number.read(this.#bytes, start, end)) return undefined;
    const written = this.#number.value;
    const timeMs = this.#format === "text" ? written : Math.round(written * 1_000);
    return Number.isSafeInteger(timeMs) ? timeMs : undefined;
  }

  /** ` # {trace_id="…"} 0.67 1520879607.789`: read past, the store has no place for it. */
  #isExemplar(start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (bytes[start] !== HASH) return false;
    const open = skipBlanks(bytes, start + 1, end);
    if (bytes[open] !== 0x7b) return false;
    const close = seriesTextEnd(bytes, open, end);
    if (close < 0) return false;
    const valueStart = skipBlanks(bytes, close, end);
    const valueEnd = tokenEnd(bytes, valueStart, end);
    if (!this.#number.read(bytes, valueStart, valueEnd)) return false;
    const timeStart = skipBlanks(bytes, valueEnd, end);
    if (timeStart === end) return true;
    const timeEnd = tokenEnd(bytes, timeStart, end);
    return this.#number.read(bytes, timeStart, timeEnd) && skipBlanks(bytes, timeEnd, end) === end;
  }

  #seriesId(start: number, end: number): SeriesId | typeof SKIPPED {
    const known = this.#options.resolver.find(this.#bytes, start, end);
    return known === UNKNOWN_SERIES ? this.#declare(start, end) : known;
  }

  #declare(start: number, end: number): SeriesId | typeof SKIPPED {
    // A copy: the slice of a Buffer is a view.
    const rawKey = Uint8Array.from(this.#bytes.subarray(start, end));
    const text = decode(rawKey);
    if (text === undefined) {
      this.#problem("encoding", `${this.#shown(start, end)} is not UTF-8`);
      return SKIPPED;
    }
    const read = readSeriesText(text);
    if (read.labels === undefined) {
      this.#problem(read.reason, read.message);
      return SKIPPED;
    }
    const labels = this.#options.labelsOf(this.#canonical(read.labels), rawKey);
    return labels === undefined
      ? DROPPED_SERIES
      : this.#options.builder.declare({ labels, rawKey });
  }

  /** `le="1"` and `le="1.0"` name one bucket: bounds get one spelling. */
  #canonical(labels: Labels): Labels {
    const name = labelValue(labels, METRIC_NAME);
    const bound = name.endsWith("_bucket")
      ? isHistogram(this.#metadata, name.slice(0, -"_bucket".length)) && "le"
      : this.#metadata.typeOf(name) === "summary" && "quantile";
    if (!bound) return labels;
    const written = new TextEncoder().encode(labelValue(labels, bound));
    if (!this.#number.read(written, 0, written.length)) return labels;
    return withLabels(labels, { [bound]: formatBucketBound(this.#number.value) });
  }

  #valueProblem(start: number, seriesEnd: number, valueStart: number, end: number): void {
    const series = this.#shown(start, seriesEnd);
    const shown = this.#shown(valueStart, end);
    const message = shown === "" ? `${series} has no value` : `${series}: ${shown} is not a number`;
    this.#problem("value", message);
  }

  #problem(reason: ExpositionReason, message: string): void {
    this.#problems.add(this.#line, reason, message);
  }

  #shown(start: number, end: number): string {
    return shorten(UTF8_LENIENT.decode(this.#bytes.subarray(start, Math.min(end, start + 200))));
  }
}

function isHistogram(metadata: MetadataLines, family: string): boolean {
  const type = metadata.typeOf(family);
  return type === "histogram" || type === "gaugehistogram";
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Whether the last line that is not blank is `# EOF`. */
function endsWithEof(bytes: Uint8Array): boolean {
  const tail = UTF8_LENIENT.decode(bytes.subarray(Math.max(0, bytes.length - 64)));
  return /(^|\n)# EOF\s*$/.test(tail);
}
