import { type Diagnostic, formatDurationMs, type Matcher, METRIC_NAME } from "@hms-ops/model";
import { childrenOf, type Expr, type VectorSelector } from "../promql/syntax/ast.ts";
import { formatPromql } from "../promql/syntax/format.ts";
import { parsePromql } from "../promql/syntax/parser.ts";

/** Knows which metrics exist now; a short form never hides a real series. */
export interface MetricCatalog {
  exists(metricName: string): Promise<boolean>;
}

/** A text with its short forms replaced by PromQL, and what was replaced, in words. */
export interface BoundText {
  readonly text: string;
  readonly notes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly note: string;
}

/** Window of a quantile that names none: long enough for twenty scrapes of 15 s. */
const DEFAULT_WINDOW = "5m";
const QUANTILE_NAME = /^(.+)_p(\d{1,2}(?:_?\d)?)$/;
const DOTTED_NAME = /(?<![\w."'`:{])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?![\w.(])/g;
/** Texts, comments and braces: dots in there are not names. */
const OPAQUE = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|\{[^}]*\}/g;

/**
 * Replaces what is shorter than PromQL: `latency_ms_p95` (a quantile of the histogram
 * `latency_ms`, when no series has that very name), `finance.api_ms` (a name with a dot) and
 * `avg(x)` of a timer (mean per event). Never throws.
 */
export async function bindShortForms(text: string, catalog: MetricCatalog): Promise<BoundText> {
  const quoted = quoteDottedNames(text);
  const { expr, diagnostics } = parsePromql(quoted);
  if (expr === undefined) return { text: quoted, notes: [], diagnostics };
  const edits: Edit[] = [];
  await collect(expr, quoted, catalog, edits);
  const notes = edits.map(({ note }) => note);
  if (quoted !== text) notes.unshift('names with dots are written {"a.b"} in PromQL');
  return { text: apply(quoted, edits), notes, diagnostics: [] };
}

/** `finance.api_ms > 200` → `{"finance.api_ms"} > 200`; with matchers they join it in braces. */
function quoteDottedNames(text: string): string {
  const hidden: string[] = [];
  const open = text.replace(OPAQUE, (part) => `\ue000${hidden.push(part) - 1}\ue000`);
  const quoted = open.replace(DOTTED_NAME, (name) => `{${JSON.stringify(name)}}`);
  const shown = quoted.replace(/\ue000(\d+)\ue000/g, (_, i: string) => hidden[Number(i)] ?? "");
  return quoted === open ? text : shown.replace(/(\{"[\w.]+")\}\{\s*/g, "$1,");
}

async function collect(
  expr: Expr,
  text: string,
  catalog: MetricCatalog,
  edits: Edit[],
): Promise<void> {
  if (expr.kind === "vector") {
    const edit = await quantileEdit(expr, catalog);
    if (edit) edits.push(edit);
    return;
  }
  const mean = await meanEdit(expr, catalog);
  if (mean) {
    edits.push(mean);
    return;
  }
  for (const part of childrenOf(expr)) await collect(part, text, catalog, edits);
}

/** `x_p95{m}` → `histogram_quantile(0.95, rate(x_events_bucket{m}[5m]))`, else of `x_bucket`. */
async function quantileEdit(
  selector: VectorSelector,
  catalog: MetricCatalog,
): Promise<Edit | undefined> {
  const name = nameOf(selector);
  const match = QUANTILE_NAME.exec(name);
  if (!match || (await catalog.exists(name))) return undefined;
  const [, metric = "", digits = ""] = match;
  const events = await catalog.exists(`${metric}_events_bucket`);
  const buckets = events ? `${metric}_events_bucket` : `${metric}_bucket`;
  const quantile = Number(`0.${digits.replace("_", "")}`);
  const renamed = withName(selector, buckets);
  const range = formatPromql({ ...renamed, kind: "vector", offsetMs: 0 });
  const shift = formatPromql(renamed).slice(formatPromql({ ...renamed, offsetMs: 0 }).length);
  const text = `histogram_quantile(${quantile}, rate(${range}[${DEFAULT_WINDOW}]${shift}))`;
  const note = `${name} is the quantile ${quantile} of ${buckets} over ${DEFAULT_WINDOW}`;
  return { from: selector.from, to: selector.to, text, note };
}

/** `avg(x)` of a timer is the mean per event, not the mean of scraped values. */
async function meanEdit(expr: Expr, catalog: MetricCatalog): Promise<Edit | undefined> {
  const plain =
    expr.kind === "aggregation" && expr.operator === "avg" && expr.grouping.length === 0;
  if (!plain || expr.without || expr.expr.kind !== "vector") return undefined;
  const name = nameOf(expr.expr);
  if (name === "" || !(await isTimer(name, catalog))) return undefined;
  const text = await windowAverage(name, 60_000, catalog, expr.expr);
  return { from: expr.from, to: expr.to, text, note: `avg(${name}) is the mean per event over 1m` };
}

async function isTimer(name: string, catalog: MetricCatalog): Promise<boolean> {
  return (await catalog.exists(`${name}_sum`)) && (await catalog.exists(`${name}_count`));
}

/**
 * Mean of a metric over a window, as `avg_over_30s` means it: of a timer per event (increase of
 * the sum ÷ increase of the count), of a gauge over its samples. PromQL text.
 */
export async function windowAverage(
  metric: string,
  windowMs: number,
  catalog: MetricCatalog,
  selector: VectorSelector = bareSelector(metric),
): Promise<string> {
  const window = formatDurationMs(windowMs);
  const part = (name: string) => formatPromql(withName({ ...selector, offsetMs: 0 }, name));
  if (await isTimer(metric, catalog)) {
    const sum = `sum(increase(${part(`${metric}_sum`)}[${window}]))`;
    return `${sum} / sum(increase(${part(`${metric}_count`)}[${window}]))`;
  }
  return `avg(avg_over_time(${part(metric)}[${window}]))`;
}

function bareSelector(name: string): VectorSelector {
  const matchers: readonly Matcher[] = [{ name: METRIC_NAME, operator: "=", value: name }];
  return { kind: "vector", from: 0, to: 0, name, matchers, offsetMs: 0 };
}

function nameOf({ matchers }: VectorSelector): string {
  return (
    matchers.find(({ name, operator }) => name === METRIC_NAME && operator === "=")?.value ?? ""
  );
}

function withName(selector: VectorSelector, name: string): VectorSelector {
  const matchers = selector.matchers.map((matcher) =>
    matcher.name === METRIC_NAME ? { ...matcher, value: name } : matcher,
  );
  return { ...selector, name, matchers };
}

function apply(text: string, edits: readonly Edit[]): string {
  const fromBack = [...edits].sort((a, b) => b.from - a.from);
  return fromBack.reduce(
    (all, edit) => all.slice(0, edit.from) + edit.text + all.slice(edit.to),
    text,
  );
}
