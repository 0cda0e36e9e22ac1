import {
  type Diagnostic,
  formatDurationMs,
  isLegacyLabelName,
  isLegacyMetricName,
} from "@hms-ops/model";
import type { MetricCatalog } from "./catalog.ts";
import { type MiniCondition, type MiniTest, readMini } from "./mini-syntax.ts";

/** A statement of the mini dialect as PromQL. */
export interface BoundStatement {
  /** Empty where the statement could not be read. */
  readonly text: string;
  /** How long it must hold; 0 = at once. */
  readonly forMs: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Window of rates and quantiles that name none: long enough for twenty scrapes of 15 s. */
const RATE_WINDOW_MS = 300_000;
const SECOND_MS = 1_000;

/**
 * Reads `IF avg(finance.api_ms) OVER 5 min WHERE agency = 'irs' > 200 FOR 3 min` and its like (the
 * grammar stands with `MiniStatement`); never throws.
 */
export async function bindMini(text: string, catalog: MetricCatalog): Promise<BoundStatement> {
  const statement = readMini(text);
  if ("problem" in statement) {
    const { from, to, message } = statement.problem;
    const diagnostic = { severity: "error", message, from, to, code: "OPS-1201" } as const;
    return { text: "", forMs: 0, diagnostics: [diagnostic] };
  }
  const { conditions, joins, forMs } = statement;
  const bound = await Promise.all(conditions.map((one) => conditionText(one, catalog)));
  const joined = bound.reduce((all, next, i) => {
    const join = joins[i - 1] ?? "and";
    return `${all} ${join}${join === "and" && meetEverywhere(conditions, i) ? " on ()" : ""} ${next}`;
  });
  return { text: joined, forMs, diagnostics: [] };
}

/** Conditions of whole metrics hold together whatever their labels; else label by label. */
function meetEverywhere(conditions: readonly MiniCondition[], i: number): boolean {
  return [conditions[i - 1], conditions[i]].some(
    (one) =>
      one !== undefined && one.by.length === 0 && one.reducer !== "" && one.reducer !== "last",
  );
}

async function conditionText(condition: MiniCondition, catalog: MetricCatalog): Promise<string> {
  const { comparison, perMs } = condition;
  const measured = await measureText(condition, catalog);
  const scaled = perMs && perMs !== SECOND_MS ? `${measured} * ${perMs / SECOND_MS}` : measured;
  return comparison ? `${scaled} ${comparison.operator} ${comparison.number}` : scaled;
}

async function measureText(condition: MiniCondition, catalog: MetricCatalog): Promise<string> {
  const { reducer, metric, windowMs, perMs } = condition;
  const clause = byText(condition.by);
  if (reducer === "rate" || (perMs !== undefined && reducer !== "increase")) {
    return `sum${clause}(rate(${ranged(condition, metric, windowMs ?? RATE_WINDOW_MS)}))`;
  }
  if (reducer === "increase") {
    return `sum${clause}(increase(${ranged(condition, metric, windowMs ?? RATE_WINDOW_MS)}))`;
  }
  if (reducer.startsWith("p")) return await quantileText(condition, catalog);
  if (reducer === "avg" && (await isTimer(metric, catalog))) {
    const sum = (suffix: string) =>
      `sum${clause}(increase(${ranged(condition, metric + suffix, windowMs ?? RATE_WINDOW_MS)}))`;
    return `${sum("_sum")} / ${sum("_count")}`;
  }
  if (reducer === "" || reducer === "last") {
    return windowMs === undefined
      ? selector(condition, metric)
      : `last_over_time(${ranged(condition, metric, windowMs)})`;
  }
  if (windowMs === undefined) return `${reducer}${clause}(${selector(condition, metric)})`;
  return windowedText(condition, clause, windowMs);
}

/** Of a counter its increase; of anything else its samples. */
function windowedText(condition: MiniCondition, clause: string, windowMs: number): string {
  const { reducer, metric } = condition;
  const range = ranged(condition, metric, windowMs);
  if (reducer === "sum" && metric.endsWith("_total")) return `sum${clause}(increase(${range}))`;
  const outer = reducer === "count" ? "sum" : reducer;
  return `${outer}${clause}(${reducer}_over_time(${range}))`;
}

async function quantileText(condition: MiniCondition, catalog: MetricCatalog): Promise<string> {
  const { reducer, metric, windowMs = RATE_WINDOW_MS, by } = condition;
  const digits = reducer.slice(1).replace("_", "");
  const quantile = Number(`0.${digits.padStart(2, "0")}`);
  const events = await catalog.exists(`${metric}_events_bucket`);
  if (!events && !(await catalog.exists(`${metric}_bucket`)) && (await catalog.exists(metric))) {
    const range = ranged(condition, metric, windowMs);
    return `max${byText(by)}(quantile_over_time(${quantile}, ${range}))`;
  }
  const buckets = events ? `${metric}_events_bucket` : `${metric}_bucket`;
  const rate = `rate(${ranged(condition, buckets, windowMs)})`;
  return `histogram_quantile(${quantile}, sum${byText(["le", ...by])}(${rate}))`;
}

async function isTimer(metric: string, catalog: MetricCatalog): Promise<boolean> {
  return (await catalog.exists(`${metric}_sum`)) && (await catalog.exists(`${metric}_count`));
}

function ranged(condition: MiniCondition, metric: string, windowMs: number): string {
  return `${selector(condition, metric)}[${formatDurationMs(windowMs)}]`;
}

function selector({ tests }: MiniCondition, metric: string): string {
  const isBare = isLegacyMetricName(metric);
  const inBraces = [...(isBare ? [] : [JSON.stringify(metric)]), ...tests.map(testText)];
  return `${isBare ? metric : ""}${inBraces.length > 0 ? `{${inBraces.join(",")}}` : ""}`;
}

function testText({ name, operator, value }: MiniTest): string {
  return `${labelText(name)}${operator}${JSON.stringify(value)}`;
}

function byText(labels: readonly string[]): string {
  return labels.length > 0 ? ` by (${labels.map(labelText).join(", ")}) ` : "";
}

function labelText(name: string): string {
  return isLegacyLabelName(name) ? name : JSON.stringify(name);
}
