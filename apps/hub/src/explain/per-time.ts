import {
  type Expr,
  formatPromql,
  type LanguageFeatures,
  parsePromql,
  prepareQuery,
} from "@hms-ops/query";
import type { ExplainedRate, ExplainFix, PerTime } from "@hms-ops/wire/api";

const PER_SECOND: ReadonlySet<string> = new Set(["rate", "irate", "deriv"]);
/** Aggregations that leave a rate a rate. */
const KEEPS_RATE: ReadonlySet<string> = new Set([
  "sum",
  "avg",
  "min",
  "max",
  "topk",
  "bottomk",
  "quantile",
  "limitk",
]);
const SECONDS: Readonly<Record<PerTime, number>> = { second: 1, minute: 60, hour: 3_600 };
const PER_TIMES: readonly PerTime[] = ["second", "minute", "hour"];
const PER_WORD = /^(.*\S)\s+per\s+(second|minute|hour)\s*$/is;

/** A rate as one per second, minute and hour; null for anything else. `text` is the expression's. */
export function perTimeOf(text: string, expr: Expr): ExplainedRate | null {
  const scaled = scaledRate(expr);
  if (scaled === undefined) return null;
  const { rate, shown } = scaled;
  const written = text.slice(rate.from, rate.to) || formatPromql(rate);
  const queries = {
    second: written,
    minute: timesSeconds(written, rate, "minute"),
    hour: timesSeconds(written, rate, "hour"),
  };
  return { shown, queries };
}

/** `sum(rate(x[5m])) per minute`: PromQL has no such word, but it can be written. */
export function perWordFix(
  text: string,
  features: LanguageFeatures,
):
  | { readonly message: string; readonly suggestion: string; readonly fixes: readonly ExplainFix[] }
  | undefined {
  const [, rate = "", word = ""] = PER_WORD.exec(text) ?? [];
  const per = PER_TIMES.find((one) => one === word.toLowerCase());
  const { expr } = parsePromql(rate, features);
  if (per === undefined || expr === undefined) return undefined;
  const query = timesSeconds(rate, expr, per);
  if (prepareQuery(query, features).query === undefined) return undefined;
  const factor = per === "second" ? "nothing" : `* ${SECONDS[per]}`;
  return {
    message: `PromQL has no words "per ${per}"`,
    suggestion: `behind a rate per second write ${factor}`,
    fixes: [{ words: `Write it per ${per}`, query }],
  };
}

function timesSeconds(written: string, expr: Expr, per: PerTime): string {
  if (per === "second") return written;
  const needsBrackets = expr.kind === "binary" || expr.kind === "unary";
  return `${needsBrackets ? `(${written})` : written} * ${SECONDS[per]}`;
}

function scaledRate(expr: Expr): { readonly rate: Expr; readonly shown: PerTime } | undefined {
  const whole = bare(expr);
  if (isPerSecond(whole)) return { rate: expr, shown: "second" };
  if (whole.kind !== "binary" || whole.operator !== "*") return undefined;
  const factor = bare(whole.right);
  if (factor.kind !== "number" || !isPerSecond(bare(whole.left))) return undefined;
  const shown = PER_TIMES.find((per) => SECONDS[per] === factor.value);
  return shown && { rate: bare(whole.left), shown };
}

function isPerSecond(expr: Expr): boolean {
  switch (expr.kind) {
    case "call":
      return PER_SECOND.has(expr.name) && !isOfTime(expr.args);
    case "aggregation":
      return KEEPS_RATE.has(expr.operator) && isPerSecond(bare(expr.expr));
    case "binary":
      return /^[-+]$/.test(expr.operator) && [expr.left, expr.right].map(bare).every(isPerSecond);
    default:
      return false;
  }
}

/** Seconds per second are a share: nobody wants them per minute. */
function isOfTime(args: readonly Expr[]): boolean {
  return args.some((arg) => arg.kind === "matrix" && /_seconds_(?:total|sum)$/.test(nameOf(arg)));
}

function nameOf(expr: Expr): string {
  return expr.kind === "matrix" ? expr.selector.name : "";
}

/** Strips parentheses. */
function bare(expr: Expr): Expr {
  return expr.kind === "paren" ? bare(expr.expr) : expr;
}
