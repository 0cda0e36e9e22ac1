import { type Labels, labelsToRecord, METRIC_NAME } from "@hms-ops/model";
import { compileRegex } from "@hms-ops/query/regex";
import { badParameter } from "./parameters.ts";

export interface OwnFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[];
}

/** JSON has no such numbers: ProtoJSON names them. */
type ProtoNumber = number | "NaN" | "Infinity" | "-Infinity";
type LabelPair = { readonly name: string; readonly value: string };

interface HistogramView {
  sampleCount: string;
  sampleSum: ProtoNumber;
  /** Without the last one, which is the count. */
  readonly bucket: { readonly cumulativeCount: string; readonly upperBound: ProtoNumber }[];
}

/** A test of whole names; absent = all. Throws where the pattern is no regular expression. */
export function namePattern(pattern: string | null): (name: string) => boolean {
  if (!pattern) return () => true;
  const regex = compileRegex(pattern);
  if (!("test" in regex)) throw badParameter("metric_name_pattern", regex.message);
  return (name) => regex.test(name);
}

/** As io.prometheus.client.MetricFamily is written in ProtoJSON. */
export function familyView({ name, help, type, samples }: OwnFamily) {
  const metric =
    type === "histogram"
      ? histogramViews(name, samples)
      : samples.map(({ labels, value }) => ({
          label: pairsOf(labelsToRecord(labels)),
          [type]: { value: numberView(value) },
        }));
  return { name, help, type: type.toUpperCase(), metric };
}

function histogramViews(name: string, samples: OwnFamily["samples"]) {
  const views = new Map<string, { label: readonly LabelPair[]; histogram: HistogramView }>();
  for (const { labels, value } of samples) {
    const { [METRIC_NAME]: sampleName, le, ...others } = labelsToRecord(labels);
    const label = pairsOf(others);
    const key = JSON.stringify(label);
    const view = views.get(key) ?? {
      label,
      histogram: { sampleCount: "0", sampleSum: 0, bucket: [] },
    };
    views.set(key, view);
    const { histogram } = view;
    if (sampleName === `${name}_count`) histogram.sampleCount = String(value);
    else if (sampleName === `${name}_sum`) histogram.sampleSum = numberView(value);
    else if (le !== undefined && le !== "+Inf") {
      histogram.bucket.push({ cumulativeCount: String(value), upperBound: Number(le) });
    }
  }
  return [...views.values()];
}

function pairsOf({ [METRIC_NAME]: _, ...labels }: Readonly<Record<string, string>>) {
  return Object.entries(labels).map(([name, value]): LabelPair => ({ name, value }));
}

function numberView(value: number): ProtoNumber {
  return Number.isFinite(value) ? value : (String(value) as ProtoNumber);
}
