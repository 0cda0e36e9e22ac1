import type { Labels, MatrixSeries, QueryAnswer, QueryValue, VectorElement } from "@hms-ops/model";
import { ANNOTATIONS_MAX } from "../limits.ts";
import { formatPlainNumber, formatSampleValue } from "../number-text.ts";
import { histogramText } from "./histogram-text.ts";
import { JsonBytes } from "./json-bytes.ts";
import { formatShortTimestamp, formatTimestamp } from "./numbers.ts";

const ENVELOPE_BYTES = 512;
const SERIES_BYTES = 256;
const POINT_BYTES = 36;
/** A piece ends behind the series that makes it long enough. */
const OVERSHOOT = 1.1;

/** What stands beside `data` in an answer. */
export interface AnswerNotes {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/**
 * The whole JSON answer of /api/v1/query and /api/v1/query_range, as UTF-8. With `withStats` the
 * `stats` member is filled as `stats=true` asks for it.
 */
export function writeQueryAnswer(answer: QueryAnswer, withStats = false): Uint8Array<ArrayBuffer> {
  const [whole] = queryAnswerPieces(answer, withStats, Number.POSITIVE_INFINITY);
  return whole ?? new Uint8Array(0);
}

/** The same in pieces that end behind an element or a series, of at least `pieceBytes`. */
export function* queryAnswerPieces(
  answer: QueryAnswer,
  withStats: boolean,
  pieceBytes: number,
): Generator<Uint8Array<ArrayBuffer>, void> {
  const expected = expectedBytes(answer.value);
  const json = new JsonBytes(Math.min(expected, pieceBytes * OVERSHOOT));
  json.write(`{"status":"success","data":{"resultType":"${answer.value.kind}","result":`);
  for (const _ of writeValue(json, answer.value)) {
    if (json.length >= pieceBytes) yield json.take();
  }
  if (withStats) json.write(`,"stats":${JSON.stringify(statsOf(answer))}`);
  json.write(`}${notesText(answer)}}`);
  yield json.take();
}

/** What most answers are a little less than. */
function expectedBytes(value: QueryValue): number {
  if (value.kind === "vector") return ENVELOPE_BYTES + value.elements.length * SERIES_BYTES;
  if (value.kind !== "matrix") return ENVELOPE_BYTES;
  const points = value.series.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  return ENVELOPE_BYTES + value.series.length * SERIES_BYTES + points * POINT_BYTES;
}

/**
 * The answer of /api/v1/{series,labels,label/…/values}: label sets or texts, in pieces that end
 * behind one of them, of at least `pieceBytes`.
 */
export function* listAnswerPieces(
  items: readonly (string | Labels)[],
  notes: AnswerNotes,
  pieceBytes: number,
): Generator<Uint8Array<ArrayBuffer>, void> {
  const json = new JsonBytes();
  json.write('{"status":"success","data":[');
  for (const [i, item] of items.entries()) {
    if (i > 0) json.write(",");
    if (typeof item === "string") json.writeString(item);
    else writeLabels(json, item);
    if (json.length >= pieceBytes) yield json.take();
  }
  json.write(`]${notesText(notes)}}`);
  yield json.take();
}

/** The answer of every other endpoint: `data` as JSON writes it, notes where there are any. */
export function writeDataAnswer(data: unknown, notes: AnswerNotes = {}): string {
  return `{"status":"success","data":${JSON.stringify(data)}${notesText(notes)}}`;
}

/** Stops behind each element and series. */
function* writeValue(json: JsonBytes, value: QueryValue): Generator<void, void> {
  if (value.kind === "scalar") {
    json.write(`[${formatShortTimestamp(value.timeMs)},"${formatPlainNumber(value.value)}"]`);
  } else if (value.kind === "string") {
    json.write(`[${formatShortTimestamp(value.timeMs)},${JSON.stringify(value.value)}]`);
  } else if (value.kind === "vector") yield* writeVector(json, value.elements);
  else yield* writeMatrix(json, value.series);
}

function* writeVector(json: JsonBytes, elements: readonly VectorElement[]): Generator<void, void> {
  let separator = "[";
  for (const { labels, timeMs, value, histogram } of elements) {
    json.write(`${separator}{"metric":`);
    writeLabels(json, labels);
    const time = formatTimestamp(timeMs);
    if (histogram) json.write(`,"histogram":[${time},${histogramText(histogram)}]}`);
    else json.write(`,"value":[${time},"${formatSampleValue(value)}"]}`);
    separator = ",";
    yield;
  }
  json.write(elements.length === 0 ? "[]" : "]");
}

function* writeMatrix(json: JsonBytes, series: readonly MatrixSeries[]): Generator<void, void> {
  let separator = "[";
  for (const { labels, timesMs, values, histograms = [] } of series) {
    json.write(`${separator}{"metric":`);
    writeLabels(json, labels);
    if (timesMs.length > 0 || histograms.length === 0) {
      json.write(',"values":[');
      json.writePoints(timesMs, values);
    }
    if (histograms.length > 0) {
      json.write(',"histograms":[');
      for (const [i, [timeMs, histogram]] of histograms.entries()) {
        const comma = i === 0 ? "" : ",";
        json.write(`${comma}[${formatTimestamp(timeMs)},${histogramText(histogram)}]`);
      }
      json.write("]");
    }
    json.write("}");
    separator = ",";
    yield;
  }
  json.write(series.length === 0 ? "[]" : "]");
}

function writeLabels(json: JsonBytes, labels: Labels): void {
  let separator = "{";
  for (let i = 0; i < labels.length; i += 2) {
    json.write(separator);
    json.writeString(labels[i]!);
    json.write(":");
    json.writeString(labels[i + 1]!);
    separator = ",";
  }
  json.write(labels.length === 0 ? "{}" : "}");
}

function notesText({ warnings = [], infos = [] }: AnswerNotes): string {
  const parts = [
    warnings.length > 0 ? `,"warnings":${JSON.stringify(bounded(warnings, "warning"))}` : "",
    infos.length > 0 ? `,"infos":${JSON.stringify(bounded(infos, "info"))}` : "",
  ];
  return parts.join("");
}

function bounded(notes: readonly string[], kind: string): readonly string[] {
  const rest = notes.length - ANNOTATIONS_MAX;
  if (rest <= 0) return notes;
  const line = `${rest} more ${kind} annotations omitted`;
  return [...notes.slice(0, ANNOTATIONS_MAX), line];
}

function statsOf({ stats }: QueryAnswer): unknown {
  const seconds = (ms: number) => ms / 1_000;
  const evaluation = seconds(stats.readMs + stats.evaluateMs);
  return {
    timings: {
      evalTotalTime: evaluation,
      resultSortTime: 0,
      queryPreparationTime: seconds(stats.parseMs),
      innerEvalTime: evaluation,
      execQueueTime: 0,
      execTotalTime: seconds(stats.parseMs) + evaluation,
    },
    samples: {
      totalQueryableSamples: stats.samplesRead,
      samplesRead: stats.samplesRead,
      peakSamples: stats.samplesRead,
    },
  };
}
