import type { Matcher, MatchOperator, TimeRange } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import { MATCHERS_PER_READ_MAX, QUERIES_PER_READ_MAX } from "../limits.ts";
import { readText } from "../prompb/labels.ts";
import { ProtoReader, WIRE_BYTES, WIRE_VARINT } from "../prompb/proto-reader.ts";
import { ProtoWriter } from "../prompb/proto-writer.ts";

/** "samples" = one message with plain samples; "chunks" = a stream of frames with chunks. */
export type ReadResponseKind = "samples" | "chunks";

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** The first of the accepted kinds that is known; "samples" where none was named. */
  readonly kind: ReadResponseKind;
}

export interface ReadQuery {
  /** Both ends belong to it. */
  readonly range: TimeRange;
  readonly matchers: readonly Matcher[];
}

/** By number of LabelMatcher.type. */
const OPERATORS: readonly MatchOperator[] = ["=", "!=", "=~", "!~"];
/** By number of ReadRequest.ResponseType. */
const KINDS: readonly ReadResponseKind[] = ["samples", "chunks"];

/** Reads one prometheus.ReadRequest (uncompressed). Throws an OpsError (400) when it cannot. */
export function readReadRequest(bytes: Uint8Array): ReadRequest {
  const reader = new ProtoReader(bytes, WIRE_ERRORS.remoteReadUnreadable);
  const end = bytes.length;
  const queries: ReadQuery[] = [];
  const accepted: number[] = [];
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_BYTES)) {
      if (queries.length === QUERIES_PER_READ_MAX) {
        reader.fail(`it has more than ${QUERIES_PER_READ_MAX} queries`);
      }
      queries.push(readQuery(reader, reader.lengthEnd(end)));
    } else if (tag === ((2 << 3) | WIRE_VARINT)) accepted.push(reader.uint32(end));
    else if (tag === ((2 << 3) | WIRE_BYTES)) {
      const packedEnd = reader.lengthEnd(end);
      while (reader.position < packedEnd) accepted.push(reader.uint32(packedEnd));
    } else reader.skip(tag & 7, end);
  }
  const known = accepted.find((kind) => KINDS[kind] !== undefined);
  if (known === undefined && accepted.length > 0) {
    reader.fail("it accepts neither SAMPLES nor STREAMED_XOR_CHUNKS");
  }
  return { queries, kind: KINDS[known ?? 0]! };
}

/** Hints are passed over: they allow less to be answered, never ask for more. */
function readQuery(reader: ProtoReader, end: number): ReadQuery {
  let fromMs = 0;
  let toMs = 0;
  const matchers: Matcher[] = [];
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_VARINT)) fromMs = reader.int64(end);
    else if (tag === ((2 << 3) | WIRE_VARINT)) toMs = reader.int64(end);
    else if (tag === ((3 << 3) | WIRE_BYTES)) {
      if (matchers.length === MATCHERS_PER_READ_MAX) {
        reader.fail(`a query has more than ${MATCHERS_PER_READ_MAX} matchers`);
      }
      matchers.push(readMatcher(reader, reader.lengthEnd(end)));
    } else reader.skip(tag & 7, end);
  }
  return { range: { fromMs: exact(fromMs), toMs: exact(toMs) }, matchers };
}

function readMatcher(reader: ProtoReader, end: number): Matcher {
  let type = 0;
  let name: string | undefined = "";
  let value: string | undefined = "";
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_VARINT)) type = reader.uint32(end);
    else if (tag === ((2 << 3) | WIRE_BYTES)) name = readText(reader, end);
    else if (tag === ((3 << 3) | WIRE_BYTES)) value = readText(reader, end);
    else reader.skip(tag & 7, end);
  }
  const operator = OPERATORS[type];
  if (operator === undefined) return reader.fail(`a matcher has the unknown type ${type}`);
  if (name === undefined || value === undefined) reader.fail("a matcher is not valid UTF-8");
  return { name, operator, value };
}

/** Go clients send the ends of time as the ends of 64 bits. */
function exact(timeMs: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, timeMs));
}

/** Writes one prometheus.ReadRequest, not yet compressed. */
export function writeReadRequest({
  queries,
  accepted = [],
}: {
  readonly queries: readonly ReadQuery[];
  readonly accepted?: readonly ReadResponseKind[];
}): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  for (const { range, matchers } of queries) {
    writer.message(1, () => {
      writer.number(1, range.fromMs);
      writer.number(2, range.toMs);
      for (const { name, operator, value } of matchers) {
        writer.message(3, () => {
          writer.number(1, OPERATORS.indexOf(operator));
          writer.text(2, name);
          writer.text(3, value);
        });
      }
    });
  }
  writer.packedNumbers(
    2,
    accepted.map((kind) => KINDS.indexOf(kind)),
  );
  return writer.finish();
}
