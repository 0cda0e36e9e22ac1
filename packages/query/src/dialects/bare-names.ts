import { METRIC_NAME } from "@hms-ops/model";
import type { Expr, VectorSelector } from "../promql/syntax/ast.ts";
import { formatPromql } from "../promql/syntax/format.ts";
import type { MetricCatalog } from "./catalog.ts";

/** What a name alone stands for, and in words why. */
export interface SensibleForm {
  readonly text: string;
  readonly note: string;
}

const WINDOW = "5m";

/**
 * Of a metric's bare name: the 95th percentile of a histogram, the mean of a timer that has no
 * buckets, and, where it is drawn over time, the rate of a counter. Undefined: the name as it is.
 */
export async function sensibleForm(
  expr: Expr,
  catalog: MetricCatalog,
  drawn: boolean,
): Promise<SensibleForm | undefined> {
  if (expr.kind !== "vector" || expr.offsetMs !== 0 || expr.at) return undefined;
  const name = expr.matchers.find((one) => one.name === METRIC_NAME && one.operator === "=")?.value;
  if (name === undefined) return undefined;
  const of = (suffix: string) => formatPromql(renamed(expr, name + suffix));
  if (await catalog.exists(name)) {
    if (!drawn || !name.endsWith("_total")) return undefined;
    const note = `${name} is a counter: drawn is its increase per second over ${WINDOW} (times 60: per minute)`;
    return { text: `rate(${of("")}[${WINDOW}])`, note };
  }
  for (const suffix of ["_events_bucket", "_bucket"]) {
    if (!(await catalog.exists(name + suffix))) continue;
    const text = `histogram_quantile(0.95, sum by (le) (rate(${of(suffix)}[${WINDOW}])))`;
    return { text, note: `${name} is a histogram: this is its 95th percentile over ${WINDOW}` };
  }
  if (!(await catalog.exists(`${name}_sum`)) || !(await catalog.exists(`${name}_count`))) {
    return undefined;
  }
  const sum = (suffix: string) => `sum(rate(${of(suffix)}[${WINDOW}]))`;
  const note = `${name} is a timer: this is its mean per event over ${WINDOW}`;
  return { text: `${sum("_sum")} / ${sum("_count")}`, note };
}

function renamed(selector: VectorSelector, name: string): VectorSelector {
  const matchers = selector.matchers.map((matcher) =>
    matcher.name === METRIC_NAME && matcher.operator === "="
      ? { ...matcher, value: name }
      : matcher,
  );
  return { ...selector, name: selector.name === "" ? "" : name, matchers };
}
