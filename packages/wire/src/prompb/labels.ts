import { type Labels, labelsFromPairs, labelValue, METRIC_NAME } from "@hms-ops/model";
import { labelLimitProblem, shorten } from "../label-limits.ts";
import {
  EXEMPLAR_LABELS_MAX_CHARS,
  LABEL_NAME_MAX_BYTES,
  LABEL_VALUE_MAX_BYTES,
  LABELS_READ_MAX,
} from "../limits.ts";
import { type ProtoReader, WIRE_BYTES } from "./proto-reader.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined when the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return UTF8.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

export type ReadLabels =
  | { readonly labels: Labels }
  | { readonly labels: undefined; readonly problem: string };

/** Texts as they came; undefined = not UTF-8. */
export type RawPair = readonly [name: string | undefined, value: string | undefined];

/** Reads the Label fields (number 1) of a message between two offsets, at most LABELS_READ_MAX. */
export function readPairs(reader: ProtoReader, start: number, end: number): RawPair[] {
  const pairs: RawPair[] = [];
  reader.position = start;
  while (reader.position < end && pairs.length < LABELS_READ_MAX) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_BYTES)) pairs.push(readPair(reader, reader.lengthEnd(end)));
    else reader.skip(tag & 7, end);
  }
  return pairs;
}

/** The labels of a series: sorted, empty ones dropped; or why they can be none. */
export function seriesLabels(pairs: readonly RawPair[]): ReadLabels {
  const tooLong = lengthProblem(pairs);
  if (tooLong !== undefined) return problem(tooLong);
  const read = labelsOfPairs(pairs);
  if (read.labels === undefined) return read;
  const limit = labelLimitProblem(read.labels);
  if (limit !== undefined) return problem(limit);
  if (labelValue(read.labels, METRIC_NAME) !== "") return read;
  return problem("the series has no __name__");
}

/** The labels of an exemplar, none among them. */
export function exemplarLabels(pairs: readonly RawPair[]): ReadLabels {
  const texts = pairs.flat();
  const tooLong = `an exemplar's labels are longer than ${EXEMPLAR_LABELS_MAX_CHARS} characters`;
  // A character is two units at most: longer ones need not be looked through.
  const units = texts.reduce((sum, text = "") => sum + text.length, 0);
  if (units > 2 * EXEMPLAR_LABELS_MAX_CHARS) return problem(tooLong);
  const length = texts.reduce((sum, text = "") => sum + [...text].length, 0);
  return length <= EXEMPLAR_LABELS_MAX_CHARS ? labelsOfPairs(pairs) : problem(tooLong);
}

/** Told before anything is sorted or compared: of 2.0, many series may name one endless text. */
function lengthProblem(pairs: readonly RawPair[]): string | undefined {
  const metric = () => shorten(pairs.find(([name]) => name === METRIC_NAME)?.[1] || "a series");
  for (const [name = "", value = ""] of pairs) {
    if (name.length > LABEL_NAME_MAX_BYTES) {
      return `${metric()}: the label name ${shorten(name)} is longer than ${LABEL_NAME_MAX_BYTES} bytes`;
    }
    if (value.length > LABEL_VALUE_MAX_BYTES) {
      return `${metric()}: the value of label ${shorten(name)} is longer than ${LABEL_VALUE_MAX_BYTES} bytes`;
    }
  }
  return undefined;
}

function labelsOfPairs(pairs: readonly RawPair[]): ReadLabels {
  const valid: [string, string][] = [];
  const names = new Set<string>();
  for (const [name, value] of pairs) {
    if (name === undefined || value === undefined) return problem("a label is not valid UTF-8");
    if (name === "") return problem("a label has no name");
    if (names.has(name)) return problem(`the label ${shorten(name)} stands twice`);
    names.add(name);
    valid.push([name, value]);
  }
  return { labels: labelsFromPairs(valid) };
}

function problem(text: string): ReadLabels {
  return { labels: undefined, problem: text };
}

/** Of one Label message, which ends at `end`. */
export function readPair(reader: ProtoReader, end: number): RawPair {
  let name: string | undefined = "";
  let value: string | undefined = "";
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_BYTES)) name = readText(reader, end);
    else if (tag === ((2 << 3) | WIRE_BYTES)) value = readText(reader, end);
    else reader.skip(tag & 7, end);
  }
  return [name, value];
}

/** A text field; undefined when it is not UTF-8. */
export function readText(reader: ProtoReader, end: number): string | undefined {
  const textEnd = reader.lengthEnd(end);
  const text = decodeText(reader.bytes, reader.position, textEnd);
  reader.position = textEnd;
  return text;
}
