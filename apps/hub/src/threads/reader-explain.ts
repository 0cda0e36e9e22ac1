import {
  type Matcher,
  METRIC_NAME,
  type QueryAnswer,
  type QueryValue,
  type StepGrid,
} from "@hms-ops/model";
import {
  type LanguageFeatures,
  type PreparedQuery,
  prepareQuery,
  runQuery,
  type SeriesCatalog,
} from "@hms-ops/query";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import type { ExplainCost, Explanation } from "@hms-ops/wire/api";
import { explain } from "../explain/explain.ts";
import { DEFAULT_SUBQUERY_STEP_MS } from "../limits.ts";
import type { ExplainCall } from "./calls.ts";
import { refuseUnreadable } from "./reader-answers.ts";
import { queryBudget } from "./reader-budget.ts";
import { sampleIntervalMs } from "./sample-interval.ts";

const ALL_TIME = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };

/** Explains an expression out of what the reader's store holds. */
export async function explainCall(
  reader: TsdbReader,
  call: ExplainCall,
  features: LanguageFeatures,
): Promise<Explanation> {
  const series = seriesCatalog(reader, call);
  return await explain({
    text: call.expr,
    shortForms: call.shortForms,
    drawn: call.drawn,
    features,
    facts: { typeOf: (name) => (Object.hasOwn(call.types, name) ? call.types[name] : undefined) },
    metrics: { exists: (name) => series.matches([named(name)]) },
    series,
    intervalOf: (matchers) =>
      sampleIntervalMs(reader, matchers, endOf(call.grid), queryBudget(call.flag)),
    costOf: call.measured ? (expr) => costOf(expr, reader, call, features) : undefined,
    answerOf: call.measured
      ? async (expr) => (await run(readable(expr, features), reader, call, features)).value
      : undefined,
    isMoment: call.grid.count === 1,
  });
}

function endOf({ startMs, stepMs, count }: StepGrid): number {
  return startMs + Math.max(0, count - 1) * stepMs;
}

function named(metricName: string): Matcher {
  return { name: METRIC_NAME, operator: "=", value: metricName };
}

/** What there ever was: a series that ended is still a name that is written rightly. */
function seriesCatalog(reader: TsdbReader, { flag }: ExplainCall): SeriesCatalog {
  const request = (...matchers: readonly Matcher[]) => ({
    matcherSets: matchers.length > 0 ? [matchers] : [],
    range: ALL_TIME,
    budget: queryBudget(flag),
  });
  return {
    metricNames: () => reader.labelValues(METRIC_NAME, request()),
    labelNames: (metric) => reader.labelNames(request(named(metric))),
    labelValues: (metric, label) => reader.labelValues(label, request(named(metric))),
    matches: async (matchers) =>
      (await reader.series({ ...request(...matchers), limit: 1 })).length > 0,
  };
}

async function costOf(
  expr: string,
  reader: TsdbReader,
  call: ExplainCall,
  features: LanguageFeatures,
): Promise<ExplainCost> {
  const startMs = performance.now();
  const query = readable(expr, features);
  const parseMs = performance.now() - startMs;
  const { value, stats } = await run(query, reader, call, features);
  const totalMs = performance.now() - startMs;
  const { readMs, evaluateMs, seriesSelected, samplesRead } = stats;
  const seriesCount = seriesCountOf(value);
  return { totalMs, parseMs, readMs, evaluateMs, seriesSelected, samplesRead, seriesCount };
}

function readable(expr: string, features: LanguageFeatures): PreparedQuery {
  const { query, diagnostics } = prepareQuery(expr, features);
  return query ?? refuseUnreadable(expr, diagnostics);
}

/** Over the grid that was asked for; a matrix. */
function run(
  query: PreparedQuery,
  reader: TsdbReader,
  { grid, lookbackMs, subqueryStepMs, flag }: ExplainCall,
  features: LanguageFeatures,
): Promise<QueryAnswer> {
  return runQuery(query, reader, {
    grid,
    instant: false,
    lookbackMs,
    budget: queryBudget(flag),
    defaultStepMs: subqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
    delayedNameRemoval: features.delayedNameRemoval,
    nowMonotonicMs: () => performance.now(),
  });
}

function seriesCountOf(value: QueryValue): number {
  if (value.kind === "matrix") return value.series.length;
  return value.kind === "vector" ? value.elements.length : 1;
}
