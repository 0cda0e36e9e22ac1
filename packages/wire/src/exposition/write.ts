import {
  isLegacyLabelName,
  isLegacyMetricName,
  type Labels,
  labelValue,
  METRIC_NAME,
  type MetricMetadata,
  type MetricType,
} from "@hms-ops/model";
import { formatSampleValue } from "../number-text.ts";
import type { ExpositionFormat } from "./report.ts";

/** All samples of one metric, in the order in which they are written. */
export interface MetricFamily extends MetricMetadata {
  /** As in text 0.0.4: a counter's family is called as its samples, `requests_total`. */
  readonly name: string;
  readonly samples: readonly FamilySample[];
}

export interface FamilySample {
  /** With `__name__`: the family's name, or that with `_bucket`, `_sum`, `_count` … */
  readonly labels: Labels;
  readonly value: number;
  /** Absent = the time of the scrape. */
  readonly timeMs?: number;
}

const TOTAL = "_total";

/** A family whose samples are made when they are written. */
export interface FlowingFamily extends MetricMetadata {
  readonly name: string;
  readonly samples: Iterable<FamilySample>;
}

/** Writes families as Prometheus text 0.0.4, or as OpenMetrics 1.0 with its `# EOF`. */
export function writeExposition(
  families: readonly MetricFamily[],
  format: ExpositionFormat = "text",
): string {
  const [whole = ""] = expositionPieces(families, format, Number.POSITIVE_INFINITY);
  return whole;
}

/** The same in pieces that end behind a line, each but the last of at least `pieceChars`. */
export function* expositionPieces(
  families: Iterable<FlowingFamily>,
  format: ExpositionFormat,
  pieceChars: number,
): Generator<string, void> {
  let text = "";
  for (const family of families) {
    text += format === "text" ? textHeader(family) : openMetricsHeader(family);
    for (const sample of family.samples) {
      text += sampleLine(sample, format);
      if (text.length < pieceChars) continue;
      yield text;
      text = "";
    }
  }
  yield format === "text" ? text : `${text}# EOF\n`;
}

function textHeader({ name, help, type }: FlowingFamily): string {
  const shown = metricName(name);
  const helpLine = help === "" ? "" : `# HELP ${shown} ${escapeHelp(help)}\n`;
  return `${helpLine}# TYPE ${shown} ${textType(type)}\n`;
}

/** The types that only OpenMetrics has are gauges to everyone else. */
function textType(type: MetricType): string {
  if (type === "unknown") return "untyped";
  return type === "gaugehistogram" || type === "info" || type === "stateset" ? "gauge" : type;
}

function openMetricsHeader({ name, help, type, unit }: FlowingFamily): string {
  const isCounter = type === "counter" && name.endsWith(TOTAL);
  const shown = metricName(isCounter ? name.slice(0, -TOTAL.length) : name);
  // A counter whose samples do not end in _total is none to OpenMetrics.
  const shownType = type === "counter" && !isCounter ? "unknown" : type;
  const unitLine = unit === "" ? "" : `# UNIT ${shown} ${unit}\n`;
  const helpLine = help === "" ? "" : `# HELP ${shown} ${escapeQuoted(help)}\n`;
  return `# TYPE ${shown} ${shownType}\n${unitLine}${helpLine}`;
}

function sampleLine({ labels, value, timeMs }: FamilySample, format: ExpositionFormat): string {
  return `${formatSeriesText(labels)} ${formatSampleValue(value)}${timeText(timeMs, format)}\n`;
}

/** A series as it stands ahead of its value: `up{job="ach"}`, `{"a.b",job="ach"}`. */
export function formatSeriesText(labels: Labels): string {
  const name = labelValue(labels, METRIC_NAME);
  const bare = isLegacyMetricName(name);
  const parts = bare ? [] : [`"${escapeQuoted(name)}"`];
  for (let i = 0; i < labels.length; i += 2) {
    const label = labels[i]!;
    if (label === METRIC_NAME) continue;
    const shown = isLegacyLabelName(label) ? label : `"${escapeQuoted(label)}"`;
    parts.push(`${shown}="${escapeQuoted(labels[i + 1]!)}"`);
  }
  const block = parts.length === 0 ? "" : `{${parts.join(",")}}`;
  return `${bare ? name : ""}${block}`;
}

function timeText(timeMs: number | undefined, format: ExpositionFormat): string {
  if (timeMs === undefined) return "";
  return format === "text" ? ` ${timeMs}` : ` ${timeMs / 1_000}`;
}

function metricName(name: string): string {
  return isLegacyMetricName(name) ? name : `"${escapeQuoted(name)}"`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeQuoted(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
