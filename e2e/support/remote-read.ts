import { formatLabels, type Matcher, type TimeRange } from "@hms-ops/model";
import { decodeHistogramChunk, decodeXorChunk } from "@hms-ops/wire/prometheus-chunks";
import {
  type ReadChunk,
  type ReadResponseKind,
  readFrames,
  readSampledResponse,
  type SampledValue,
  writeReadRequest,
} from "@hms-ops/wire/remote-read";
import { compressSnappy, uncompressSnappy } from "@hms-ops/wire/snappy";

/** Samples by series, as text that is equal for equal values. */
export type SeriesText = ReadonlyMap<string, readonly string[]>;

/** What a server answers to a remote read of one query. */
export async function remoteRead(
  url: string,
  kind: ReadResponseKind,
  range: TimeRange,
  matchers: readonly Matcher[],
): Promise<SeriesText> {
  const bytes = await answerBytes(url, kind, range, matchers);
  return kind === "chunks" ? ofFrames(bytes, range) : ofSamples(bytes);
}

/** Every chunk of a streamed answer. */
export async function remoteChunks(
  url: string,
  range: TimeRange,
  matchers: readonly Matcher[],
): Promise<readonly ReadChunk[]> {
  const frames = readFrames(await answerBytes(url, "chunks", range, matchers));
  return frames.flatMap(({ chunks }) => chunks);
}

async function answerBytes(
  url: string,
  kind: ReadResponseKind,
  range: TimeRange,
  matchers: readonly Matcher[],
): Promise<Uint8Array> {
  const request = writeReadRequest({ queries: [{ range, matchers }], accepted: [kind] });
  const response = await fetch(`${url}/api/v1/read`, {
    method: "POST",
    body: compressSnappy(request),
    headers: {
      "Content-Type": "application/x-protobuf",
      "Content-Encoding": "snappy",
      "X-Prometheus-Remote-Read-Version": "0.1.0",
    },
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("streamed") !== (kind === "chunks")) throw new Error(`answered as ${type}`);
  return new Uint8Array(await response.arrayBuffer());
}

function ofSamples(bytes: Uint8Array): SeriesText {
  const [series = []] = readSampledResponse(uncompressSnappy(bytes, 1024 * 1024 * 1024));
  return new Map(
    series.map(({ labels, rows }) => [
      formatLabels(labels),
      rows.map(([timeMs, value]) => `${timeMs} ${valueText(value)}`),
    ]),
  );
}

/** Chunks may begin before the range and end behind it. */
function ofFrames(bytes: Uint8Array, { fromMs, toMs }: TimeRange): SeriesText {
  const found = new Map<string, string[]>();
  for (const { labels, chunks } of readFrames(bytes)) {
    const name = formatLabels(labels);
    const lines = found.get(name) ?? [];
    found.set(name, lines);
    for (const { encoding, data } of chunks) {
      const { timesMs, values } = chunkValues(encoding, data);
      for (const [i, value] of values.entries()) {
        const timeMs = timesMs[i] ?? 0;
        if (timeMs >= fromMs && timeMs <= toMs) lines.push(`${timeMs} ${valueText(value)}`);
      }
    }
  }
  for (const [name, lines] of found) if (lines.length === 0) found.delete(name);
  return found;
}

function chunkValues(encoding: number, data: Uint8Array) {
  if (encoding === 1) {
    const { timesMs, values, stale } = decodeXorChunk(data);
    const shown = [...values].map((value, i): SampledValue => (stale[i] === 1 ? "stale" : value));
    return { timesMs, values: shown };
  }
  const { timesMs, histograms } = decodeHistogramChunk(data, encoding === 2);
  return { timesMs, values: histograms.map((one): SampledValue => one ?? "stale") };
}

/** Reset hints are left out: they depend on where a chunk begins. So are empty buckets at the edges. */
function valueText(value: SampledValue): string {
  if (typeof value !== "object") return Object.is(value, -0) ? "-0" : String(value);
  const { isInteger, schema, zeroThreshold, zeroCount, count, sum } = value;
  const { positive, negative, customBounds } = value;
  const buckets = [positive, negative].map(({ spans, counts }) => {
    const filled: string[] = [];
    let index = 0;
    let at = 0;
    for (const { offset, length } of spans) {
      index += offset;
      for (let i = 0; i < length; i++, index++, at++) {
        if (counts[at] !== 0) filled.push(`${index}:${counts[at]}`);
      }
    }
    return filled.join(" ");
  });
  const rest = { isInteger, schema, zeroThreshold, zeroCount, count, sum, buckets };
  return JSON.stringify({ ...rest, bounds: [...customBounds] });
}
