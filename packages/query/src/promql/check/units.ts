import { METRIC_NAME } from "@hms-ops/model";
import { type Aggregation, type Binary, bare, type Call, type Expr } from "../syntax/ast.ts";

/** Of times alone: what else a name says of its unit is seldom mixed up. */
export type TimeUnit = "ms" | "s";

const MILLISECONDS = /_(?:ms|millis|milliseconds)(?:_(?:sum|max|min|avg|p\d+))?$/;
const SECONDS = /_(?:s|sec|seconds)(?:_(?:sum|max|min|avg|p\d+))?$/;
const MILLISECOND_BUCKETS = /_(?:ms|millis|milliseconds)_bucket$/;
const SECOND_BUCKETS = /_(?:s|sec|seconds)_bucket$/;
/** Functions of a range or vector whose result has the unit of what went in. */
const KEEPS_UNIT =
  /^(?:(?:avg|min|max|sum|last|first|quantile|stddev|mad)_over_time|abs|ceil|floor|round|clamp(?:_min|_max)?|delta|idelta|increase|sort(?:_desc)?|label_replace|label_join|scalar|vector|last|max_of|min_of)$/;
const AGGREGATES_UNIT: ReadonlySet<string> = new Set([
  "sum",
  "avg",
  "min",
  "max",
  "stddev",
  "quantile",
  "topk",
  "bottomk",
  "limitk",
  "limit_ratio",
]);
const THOUSAND = 1_000;

/** The unit that the names in an expression tell; undefined where they tell none. */
export function unitOf(expr: Expr): TimeUnit | undefined {
  switch (expr.kind) {
    case "vector":
      return ofName(expr.matchers.find(({ name }) => name === METRIC_NAME)?.value ?? "");
    case "matrix":
      return unitOf(expr.selector);
    case "paren":
    case "unary":
    case "subquery":
      return unitOf(expr.expr);
    case "aggregation":
      return ofAggregation(expr);
    case "call":
      return ofCall(expr);
    case "binary":
      return ofBinary(expr);
    case "number":
      return expr.isDuration ? "s" : undefined;
    case "string":
      return undefined;
  }
}

function ofName(name: string): TimeUnit | undefined {
  if (MILLISECONDS.test(name)) return "ms";
  return SECONDS.test(name) ? "s" : undefined;
}

function ofAggregation({ operator, expr }: Aggregation): TimeUnit | undefined {
  return AGGREGATES_UNIT.has(operator) ? unitOf(expr) : undefined;
}

function ofCall({ name, args }: Call): TimeUnit | undefined {
  const last = args[args.length - 1];
  if (name === "time" || name === "timestamp") return "s";
  if (name === "histogram_quantile" && last) return ofBuckets(last);
  if (!KEEPS_UNIT.test(name)) return undefined;
  const subject = args.find((arg) => !/^(?:number|string)$/.test(bare(arg).kind));
  return subject && unitOf(subject);
}

/** A quantile of buckets has the unit of their bounds. */
function ofBuckets(expr: Expr): TimeUnit | undefined {
  if (expr.kind === "vector" || expr.kind === "matrix") {
    const { matchers } = expr.kind === "vector" ? expr : expr.selector;
    const name = matchers.find((one) => one.name === METRIC_NAME)?.value ?? "";
    if (MILLISECOND_BUCKETS.test(name)) return "ms";
    return SECOND_BUCKETS.test(name) ? "s" : undefined;
  }
  if (expr.kind === "aggregation" || expr.kind === "paren" || expr.kind === "subquery") {
    return ofBuckets(expr.expr);
  }
  return expr.kind === "call" && expr.args[0] ? ofBuckets(expr.args[0]) : undefined;
}

/** Times a thousand or by a thousand turns one unit into the other. */
function ofBinary({ operator, left, right }: Binary): TimeUnit | undefined {
  const unit = unitOf(left);
  const factor = bare(right);
  if (factor.kind !== "number") {
    const isPlain = operator === "+" || operator === "-" || operator === "or";
    return isPlain ? (unit ?? unitOf(right)) : undefined;
  }
  if (operator === "/" && factor.value === THOUSAND && unit === "ms") return "s";
  if (operator === "*" && factor.value === THOUSAND && unit === "s") return "ms";
  return operator === "*" || operator === "/" ? undefined : unit;
}
