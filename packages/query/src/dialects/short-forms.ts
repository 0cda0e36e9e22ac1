import {
  type Diagnostic,
  formatDurationMs,
  isLegacyLabelName,
  type Matcher,
  METRIC_NAME,
} from "@hms-ops/model";
import {
  type Aggregation,
  childrenOf,
  type Expr,
  type MatrixSelector,
  type VectorSelector,
} from "../promql/syntax/ast.ts";
import { formatPromql } from "../promql/syntax/format.ts";
import { parsePromql } from "../promql/syntax/parser.ts";
import { sensibleForm } from "./bare-names.ts";
import type { MetricCatalog } from "./catalog.ts";
import { bindMini } from "./mini.ts";

/** A text with its short forms replaced by PromQL, and what was replaced, in words. */
export interface BoundText {
  readonly text: string;
  readonly notes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ShortFormOptions {
  /** Drawn over time, so that the bare name of a counter means its rate. */
  readonly drawn?: boolean;
}

/** Who writes one of these means the mini dialect, and is told of its grammar. */
const MINI_WORDS = /^\s*(?:if|select)\s|\s(?:where|over|per|for)\s/i;

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly note: string;
}

/** Window of a quantile that names none: long enough for twenty scrapes of 15 s. */
const QUANTILE_WINDOW_MS = 300_000;
/** Window of a mean that names none. */
const MEAN_WINDOW_MS = 60_000;
/** `_p5` is 5 %, `_p95` 95 %, `_p999` and `_p99_9` 99.9 %. */
const QUANTILE_NAME = /^(.+)_p(\d{1,2}(?:_?\d)?)$/;
/**
 * Texts, comments and braces, which stay as they are, or (group 1) a name with dots, and (group 2)
 * the brace that its matchers begin with.
 */
const OPAQUE_OR_DOTTED =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|\{(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[^}"'`])*\}|(?<![\w."'`:{])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?![\w.(])(\s*\{)?/g;

/**
 * Replaces what is shorter than PromQL: `latency_ms_p95` (a quantile of the histogram
 * `latency_ms`, when no series has that very name), `finance.api_ms` (a name with a dot) and
 * `avg(x)` of a timer (mean per event). Never throws.
 */
export async function bindShortForms(
  text: string,
  catalog: MetricCatalog,
  { drawn = false }: ShortFormOptions = {},
): Promise<BoundText> {
  const quoted = quoteDottedNames(text);
  const { expr, diagnostics } = parsePromql(quoted);
  if (expr === undefined) {
    return (await statement(text, catalog)) ?? { text: quoted, notes: [], diagnostics };
  }
  const sensible = await sensibleForm(expr, catalog, drawn);
  if (sensible) return { text: sensible.text, notes: [sensible.note], diagnostics: [] };
  const edits: Edit[] = [];
  await collect(expr, false, catalog, edits);
  const notes = edits.map(({ note }) => note);
  if (quoted !== text) notes.unshift('names with dots are written {"a.b"} in PromQL');
  return { text: apply(quoted, edits), notes, diagnostics: [] };
}

/** What PromQL does not understand may be said in the mini dialect. */
async function statement(text: string, catalog: MetricCatalog): Promise<BoundText | undefined> {
  const bound = await bindMini(text, catalog);
  if (bound.text === "") {
    if (!MINI_WORDS.test(text)) return undefined;
    return { text, notes: [], diagnostics: bound.diagnostics };
  }
  const { text: promql, forMs } = bound;
  const wait = formatDurationMs(forMs);
  const waits = {
    severity: "warning",
    message: `FOR ${wait} is left out: it only means something in a rule, as for: ${wait} beside its expression`,
    from: 0,
    to: text.length,
    code: "OPS-1201",
  } as const;
  return { text: promql, notes: [`in PromQL: ${promql}`], diagnostics: forMs > 0 ? [waits] : [] };
}

/** `finance.api_ms > 200` → `{"finance.api_ms"} > 200`; matchers join it in its braces. */
function quoteDottedNames(text: string): string {
  return text.replace(OPAQUE_OR_DOTTED, (whole, name?: string, brace?: string) => {
    if (name === undefined) return whole;
    return `{${JSON.stringify(name)}${brace === undefined ? "}" : ","}`;
  });
}

/** `inCall`: a range is what a function slides over, not the window of a quantile. */
async function collect(
  expr: Expr,
  inCall: boolean,
  catalog: MetricCatalog,
  edits: Edit[],
): Promise<void> {
  const edit =
    expr.kind === "vector"
      ? await quantileEdit(expr, expr, QUANTILE_WINDOW_MS, catalog)
      : expr.kind === "matrix"
        ? await rangedQuantileEdit(expr, inCall, catalog)
        : expr.kind === "aggregation"
          ? await meanEdit(expr, catalog)
          : undefined;
  if (edit) {
    edits.push(edit);
    return;
  }
  const isCall = expr.kind === "call";
  for (const part of childrenOf(expr)) await collect(part, isCall, catalog, edits);
}

/** `x_p95{m}` → `histogram_quantile(0.95, rate(x_events_bucket{m}[5m]))`, else of `x_bucket`. */
async function quantileEdit(
  selector: VectorSelector,
  { from, to }: Expr,
  windowMs: number,
  catalog: MetricCatalog,
): Promise<Edit | undefined> {
  const name = nameOf(selector);
  const match = QUANTILE_NAME.exec(name);
  if (!match || (await catalog.exists(name))) return undefined;
  const [, metric = "", digits = ""] = match;
  const events = await catalog.exists(`${metric}_events_bucket`);
  const buckets = events ? `${metric}_events_bucket` : `${metric}_bucket`;
  const quantile = Number(`0.${digits.replace("_", "").padStart(2, "0")}`);
  const text = `histogram_quantile(${quantile}, rate(${windowOf(selector, buckets, windowMs)}))`;
  const window = formatDurationMs(windowMs);
  const note = `${name} is the quantile ${quantile} of ${buckets} over ${window}`;
  return { from, to, text, note };
}

/** `x_p95[10m]` is the quantile of ten minutes; `max_over_time(x_p95[1h])` slides over its values. */
async function rangedQuantileEdit(
  expr: MatrixSelector,
  inCall: boolean,
  catalog: MetricCatalog,
): Promise<Edit | undefined> {
  const { selector, rangeMs } = expr;
  if (expr.rangeExpr) return undefined;
  if (!inCall) return quantileEdit(selector, expr, rangeMs, catalog);
  const { at, offsetExpr, offsetMs, ...unshifted } = selector;
  const plain = { ...unshifted, offsetMs: 0 };
  const edit = await quantileEdit(plain, expr, QUANTILE_WINDOW_MS, catalog);
  // offset and @ move the whole range, so they go behind it.
  const shift = formatPromql(selector).slice(formatPromql(plain).length);
  return edit && { ...edit, text: `${edit.text}[${formatDurationMs(rangeMs)}:]${shift}` };
}

/** `avg(x)` of a timer is the mean per event, not the mean of scraped values. */
async function meanEdit(expr: Aggregation, catalog: MetricCatalog): Promise<Edit | undefined> {
  if (expr.operator !== "avg" || expr.expr.kind !== "vector") return undefined;
  const name = nameOf(expr.expr);
  if (name === "" || !(await isTimer(name, catalog))) return undefined;
  const { from, to } = expr;
  const text = `(${meanPerEvent(name, expr.expr, MEAN_WINDOW_MS, clauseOf(expr))})`;
  return { from, to, text, note: `avg(${name}) is the mean per event over 1m` };
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
): Promise<string> {
  const matchers: readonly Matcher[] = [{ name: METRIC_NAME, operator: "=", value: metric }];
  const selector = { kind: "vector", from: 0, to: 0, name: metric, matchers, offsetMs: 0 } as const;
  if (await isTimer(metric, catalog)) return meanPerEvent(metric, selector, windowMs, "");
  return `avg(avg_over_time(${windowOf(selector, metric, windowMs)}))`;
}

function meanPerEvent(
  metric: string,
  selector: VectorSelector,
  windowMs: number,
  clause: string,
): string {
  const sum = (name: string) => `sum${clause}(increase(${windowOf(selector, name, windowMs)}))`;
  return `${sum(`${metric}_sum`)} / ${sum(`${metric}_count`)}`;
}

/** ` by (job) ` as it stands in the aggregation; empty if it has none. */
function clauseOf({ grouping, without }: Aggregation): string {
  if (grouping.length === 0 && !without) return "";
  const names = grouping.map((name) => (isLegacyLabelName(name) ? name : JSON.stringify(name)));
  return ` ${without ? "without" : "by"} (${names.join(", ")}) `;
}

/** The selector under another name, with a range; offset and @ go behind it. */
function windowOf(selector: VectorSelector, name: string, rangeMs: number): string {
  const matchers = selector.matchers.map((matcher) =>
    matcher.name === METRIC_NAME ? { ...matcher, value: name } : matcher,
  );
  const renamed = { ...selector, name, matchers };
  return formatPromql({ kind: "matrix", selector: renamed, rangeMs, from: 0, to: 0 });
}

function nameOf({ matchers }: VectorSelector): string {
  return (
    matchers.find(({ name, operator }) => name === METRIC_NAME && operator === "=")?.value ?? ""
  );
}

function apply(text: string, edits: readonly Edit[]): string {
  const fromBack = [...edits].sort((a, b) => b.from - a.from);
  return fromBack.reduce(
    (all, edit) => all.slice(0, edit.from) + edit.text + all.slice(edit.to),
    text,
  );
}
