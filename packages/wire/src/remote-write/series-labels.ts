import { type Labels, labelsFromPairs, labelValue, METRIC_NAME } from "@hms-ops/model";
import { labelLimitProblem, shorten } from "../label-limits.ts";
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

export type SeriesLabels =
  | { readonly labels: Labels }
  | { readonly labels: undefined; readonly problem: string };

/** Reads the Label fields of a TimeSeries between two offsets; other fields are passed over. */
export function readSeriesLabels(reader: ProtoReader, start: number, end: number): SeriesLabels {
  const pairs: [string, string][] = [];
  const names = new Set<string>();
  reader.position = start;
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag !== ((1 << 3) | WIRE_BYTES)) {
      reader.skip(tag & 7, end);
      continue;
    }
    const [name, value] = readLabel(reader, reader.lengthEnd(end));
    if (name === undefined || value === undefined) return problem("a label is not valid UTF-8");
    if (name === "") return problem("a label has no name");
    if (names.has(name)) return problem(`the label ${shorten(name)} stands twice`);
    names.add(name);
    pairs.push([name, value]);
  }
  const labels = labelsFromPairs(pairs);
  const limit = labelLimitProblem(labels);
  if (limit !== undefined) return problem(limit);
  return labelValue(labels, METRIC_NAME) !== ""
    ? { labels }
    : problem("the series has no __name__");
}

function problem(text: string): SeriesLabels {
  return { labels: undefined, problem: text };
}

function readLabel(reader: ProtoReader, end: number): [string | undefined, string | undefined] {
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

function readText(reader: ProtoReader, end: number): string | undefined {
  const textEnd = reader.lengthEnd(end);
  const text = decodeText(reader.bytes, reader.position, textEnd);
  reader.position = textEnd;
  return text;
}
