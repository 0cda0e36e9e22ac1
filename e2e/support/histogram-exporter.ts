import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Prometheus' protobuf exposition, by hand: one native histogram with exemplars that grows. */
export interface HistogramExporter {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

const DELIMITED =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
const HISTOGRAM_TYPE = 4;

/** Each scrape finds one more observation in three buckets; after `resetAfter` it starts anew. */
export async function startHistogramExporter(resetAfter: number): Promise<HistogramExporter> {
  let scrapes = 0;
  const server = createServer((_, response) => {
    response.setHeader("content-type", DELIMITED);
    const family = metricFamily((scrapes++ % resetAfter) + 1);
    response.end(Uint8Array.from([...varint(family.length), ...family]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function metricFamily(count: number): number[] {
  const exemplar = [
    ...message(1, [...text(1, "trace_id"), ...text(2, `trace-${count}`)]),
    ...double(2, 0.75),
    ...message(3, number(1, Math.floor(Date.now() / 1_000))),
  ];
  // One classic bucket carries the exemplar; the native buckets lie beside it.
  const classic = [...number(1, count * 3), ...double(2, 1), ...message(3, exemplar)];
  const span = (offset: number, length: number) => [
    ...number(1, zigzag(offset)),
    ...number(2, length),
  ];
  const deltas = [...varint(zigzag(count)), ...varint(zigzag(0)), ...varint(zigzag(count))];
  const histogram = [
    ...number(1, count * 6),
    ...double(2, count * 2.5),
    ...message(3, classic),
    ...number(5, zigzag(3)),
    ...double(6, 1e-128),
    ...number(7, count),
    ...message(9, span(1, 1)),
    ...message(10, varint(zigzag(count))),
    ...message(12, span(-2, 2)),
    ...message(12, span(count % 2, 1)),
    ...message(13, deltas),
  ];
  const metric = [
    ...message(1, [...text(1, "path"), ...text(2, "/pay")]),
    ...message(7, histogram),
  ];
  return [
    ...text(1, "wait_seconds"),
    ...text(2, "How long callers wait."),
    ...number(3, HISTOGRAM_TYPE),
    ...message(4, metric),
  ];
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function number(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

function double(field: number, value: number): number[] {
  return [...varint((field << 3) | 1), ...new Uint8Array(Float64Array.of(value).buffer)];
}

function message(field: number, content: readonly number[]): number[] {
  return [...varint((field << 3) | 2), ...varint(content.length), ...content];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}
