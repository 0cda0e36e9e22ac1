import {
  type Diagnostic,
  formatLabels,
  labelsOf,
  type Matcher,
  METRIC_NAME,
  nearestWord,
} from "@hms-ops/model";
import { childrenOf, type Expr, type VectorSelector } from "../syntax/ast.ts";

/** Looks up what there is; every list is sorted or not, as it comes. */
export interface SeriesCatalog {
  metricNames(): Promise<readonly string[]>;
  /** Labels of a metric's series. */
  labelNames(metricName: string): Promise<readonly string[]>;
  labelValues(metricName: string, label: string): Promise<readonly string[]>;
  /** Whether any series matches all of them. */
  matches(matchers: readonly Matcher[]): Promise<boolean>;
}

/** Most selectors that are looked into; the first ones tell enough. */
const MOST_SELECTORS = 20;
/** Names shown of what there is instead. */
const MOST_SHOWN = 5;

/** Why selectors of an expression match nothing: no such metric, label or value; what is near. */
export async function whyNothing(
  expr: Expr,
  catalog: SeriesCatalog,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const selector of selectorsOf(expr).slice(0, MOST_SELECTORS)) {
    if (await catalog.matches(selector.matchers)) continue;
    const [message, suggestion] = await reasonOf(selector, catalog);
    const { from, to } = selector;
    found.push({ severity: "warning", message, ...(suggestion && { suggestion }), from, to });
  }
  return found;
}

function selectorsOf(expr: Expr): readonly VectorSelector[] {
  if (expr.kind === "vector") return [expr];
  if (expr.kind === "matrix") return [expr.selector];
  const parts =
    expr.kind === "call" && expr.name === "info" ? expr.args.slice(0, 1) : childrenOf(expr);
  return parts.flatMap(selectorsOf);
}

type Reason = readonly [message: string, suggestion?: string];

async function reasonOf(selector: VectorSelector, catalog: SeriesCatalog): Promise<Reason> {
  const named = selector.matchers.find(
    ({ name, operator }) => name === METRIC_NAME && operator === "=",
  );
  if (named === undefined) return ["no series matches the selector"];
  const metric = named.value;
  const names = await catalog.metricNames();
  if (!names.includes(metric)) {
    const near = nearestWord(metric, names) ?? names.find((name) => name.includes(metric));
    return [
      `there is no metric called ${metric}`,
      near ? `did you mean ${near}?` : undefined,
    ] as Reason;
  }
  const labels = await catalog.labelNames(metric);
  for (const matcher of selector.matchers) {
    if (matcher.name === METRIC_NAME || (await catalog.matches([named, matcher]))) continue;
    return await reasonOfLabel(metric, matcher, labels, catalog);
  }
  return [`${metric} has no series with all of these labels at once`, "leave one of them out"];
}

async function reasonOfLabel(
  metric: string,
  { name, operator, value }: Matcher,
  labels: readonly string[],
  catalog: SeriesCatalog,
): Promise<Reason> {
  if (!labels.includes(name)) {
    const near = nearestWord(name, labels);
    const others = labels.filter((label) => label !== METRIC_NAME).slice(0, MOST_SHOWN);
    const hint = near ? `did you mean ${near}?` : `it has ${others.join(", ") || "no labels"}`;
    return [`${metric} has no label ${name}`, hint];
  }
  const values = await catalog.labelValues(metric, name);
  const shown = formatLabels(labelsOf({ [name]: value })).slice(1, -1);
  const near = operator === "=" ? nearestWord(value, values) : undefined;
  const hint = near
    ? `did you mean ${near}?`
    : `there is ${values.slice(0, MOST_SHOWN).join(", ")}${values.length > MOST_SHOWN ? ", …" : ""}`;
  return [`${metric} has no series where ${shown.replace("=", operator)}`, hint];
}
