import { type Labels, labelValue, METRIC_NAME, type MetricMetadata } from "@hms-ops/model";
import {
  type HistogramAt,
  type SampleColumns,
  writeHistogram,
  writeLabels,
  writeSample,
} from "../prompb/messages.ts";
import { METRIC_TYPES } from "../prompb/metric-types.ts";
import { ProtoWriter } from "../prompb/proto-writer.ts";

/** One series with its samples as columns of equal length, and what it has beside them. */
export interface RemoteWriteSeries extends SampleColumns {
  readonly labels: Labels;
  readonly histograms?: readonly HistogramAt[];
  readonly exemplars?: readonly RemoteWriteExemplar[];
}

export interface RemoteWriteExemplar {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

/** Writes one prometheus.WriteRequest (remote write 1.0), not yet compressed. */
export function writeRemoteWrite(
  series: readonly RemoteWriteSeries[],
  metadata: ReadonlyMap<string, MetricMetadata> = new Map(),
): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  for (const one of series) {
    writer.message(1, () => {
      writeLabels(writer, one.labels);
      for (let row = 0; row < one.timesMs.length; row++) writeSample(writer, one, row);
      for (const { labels, timeMs, value } of one.exemplars ?? []) {
        writer.message(3, () => {
          writeLabels(writer, labels);
          writer.double(2, value);
          writer.number(3, timeMs);
        });
      }
      for (const histogram of one.histograms ?? []) writeHistogram(writer, 4, histogram);
    });
  }
  for (const [family, { type, help, unit }] of metadata) {
    writer.message(3, () => {
      writer.number(1, METRIC_TYPES.indexOf(type));
      writer.text(2, family);
      writer.text(4, help);
      writer.text(5, unit);
    });
  }
  return writer.finish();
}

/**
 * Writes one io.prometheus.write.v2.Request (remote write 2.0), not yet compressed. Metadata by
 * metric name; a series whose metric has none says nothing of it.
 */
export function writeRemoteWriteV2(
  series: readonly RemoteWriteSeries[],
  metadata: ReadonlyMap<string, MetricMetadata> = new Map(),
): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  const symbols = new Map([["", 0]]);
  const symbolOf = (text: string) => {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    symbols.set(text, symbols.size);
    return symbols.size - 1;
  };
  for (const one of series) {
    writer.message(5, () => {
      writer.packedNumbers(1, one.labels.map(symbolOf));
      for (let row = 0; row < one.timesMs.length; row++) writeSample(writer, one, row);
      for (const histogram of one.histograms ?? []) writeHistogram(writer, 3, histogram);
      for (const { labels, timeMs, value } of one.exemplars ?? []) {
        writer.message(4, () => {
          writer.packedNumbers(1, labels.map(symbolOf));
          writer.double(2, value);
          writer.number(3, timeMs);
        });
      }
      const said = metadata.get(labelValue(one.labels, METRIC_NAME));
      if (!said) return;
      writer.message(5, () => {
        writer.number(1, METRIC_TYPES.indexOf(said.type));
        writer.number(3, symbolOf(said.help));
        writer.number(4, symbolOf(said.unit));
      });
    });
  }
  const body = writer.finish();
  for (const symbol of symbols.keys()) writer.text(4, symbol, true);
  writer.raw(body);
  return writer.finish();
}
