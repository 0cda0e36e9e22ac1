import type { Unit } from "@hms-ops/model";

const SCALED_RATES: Readonly<Record<string, Unit>> = { "60": "per-minute", "3600": "per-hour" };

const KEEPS_VALUES: ReadonlySet<string> = new Set([
  ...["min", "max", "avg", "quantile", "topk", "bottomk", "by", "without"],
  ...["min_over_time", "max_over_time", "last_over_time", "sort", "sort_desc"],
]);

/** What an expression counts, as far as its metric's name says it. */
export function unitOf(expr: string): Unit {
  const text = expr.trim();
  if (isShare(text)) return "share";
  const [, rate = "", factor = ""] = /^(.+\))\s*\*\s*(60|3600)$/s.exec(text) ?? [];
  if (plainUnitOf(rate) === "per-second") return SCALED_RATES[factor] ?? "none";
  return plainUnitOf(text);
}

/** Of an expression that is not scaled. */
function plainUnitOf(text: string): Unit {
  const quantile = /^histogram_quantile\s*\(/.test(text);
  const name = /[a-zA-Z_:][\w:]*(?=\s*[{[)]|\s*$)/.exec(withoutGrouping(text))?.[0] ?? "";
  const perSecond = /\b(rate|irate)\s*\(/.test(text) && !quantile;
  if (/[-+*/%^]|\b(and|or|unless|count|group)\b/.test(withoutBraces(text))) return "none";
  if (/_(timestamp|start_time|boot_time)_seconds$/.test(name) && keepsValues(text))
    return "timestamp";
  // Seconds of work a second: the share of one processor.
  if (perSecond && /_seconds_(total|sum)$/.test(name)) return "share";
  if (/_(seconds|seconds_bucket|seconds_sum)$/.test(name) && !perSecond) return "seconds";
  if (/_(ms|milliseconds|ms_bucket)$/.test(name) && !perSecond) return "ms";
  if (/_bytes(_total)?$/.test(name)) return perSecond ? "bytes-per-second" : "bytes";
  if (/_ratio$/.test(name)) return "share";
  return perSecond ? "per-second" : "none";
}

/** Whether no function makes something else of the values: a change of a moment is no moment. */
function keepsValues(text: string): boolean {
  const called = withoutBraces(text).match(/\w+(?=\s*\()/g) ?? [];
  return called.every((word) => KEEPS_VALUES.has(word));
}

/** Failed by all: both sides count the same kind of thing. */
function isShare(expr: string): boolean {
  const [part = "", whole = "", ...more] = withoutBraces(expr).split("/");
  if (more.length > 0 || !/error|fail|5xx/i.test(part)) return false;
  return (
    /\b(rate|increase)\s*\(/.test(part) &&
    /\b(rate|increase)\s*\(/.test(whole) &&
    !/[-+*%]/.test(part + whole)
  );
}

/** Without label matchers and windows, where any sign may stand. */
function withoutBraces(expr: string): string {
  return expr.replace(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, "");
}

/** Without the labels by which it is grouped, which are no metric's name. */
function withoutGrouping(expr: string): string {
  return expr.replace(/\b(by|without)\s*\([^)]*\)/g, "");
}

/** A metric as an expression: dotted and other unusual names stand in braces. */
export function selectMetric(name: string, type: string): string {
  const selector = /^[a-zA-Z_:][\w:]*$/.test(name) ? name : `{${JSON.stringify(name)}}`;
  if (type === "histogram" && name.endsWith("_bucket")) {
    return `histogram_quantile(0.95, sum by (le) (rate(${selector}[5m])))`;
  }
  return type === "counter" || name.endsWith("_total") ? `rate(${selector}[5m])` : selector;
}
