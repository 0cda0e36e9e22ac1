import { isLegacyLabelName, isLegacyMetricName, type Matcher, METRIC_NAME } from "@hms-ops/model";
import type { Expr, Subquery, VectorMatching, VectorSelector } from "./ast.ts";
import { formatDuration } from "./durations.ts";

/** Writes an expression so that it parses to the same tree. */
export function formatPromql(expr: Expr): string {
  switch (expr.kind) {
    case "number":
      return formatNumber(expr.value);
    case "string":
      return JSON.stringify(expr.value);
    case "vector":
      return formatSelector(expr) + formatShift(expr);
    case "matrix":
      return `${formatSelector(expr.selector)}[${formatDuration(expr.rangeMs, expr.rangeExpr)}]${formatShift(expr.selector)}`;
    case "subquery": {
      const step = expr.stepMs === undefined ? "" : formatDuration(expr.stepMs, expr.stepExpr);
      const range = formatDuration(expr.rangeMs, expr.rangeExpr);
      return `${formatPromql(expr.expr)}[${range}:${step}]${formatShift(expr)}`;
    }
    case "call":
      return `${expr.name}(${expr.args.map(formatPromql).join(", ")})`;
    case "aggregation": {
      const args = [...(expr.parameter ? [expr.parameter] : []), expr.expr].map(formatPromql);
      const clause = expr.without || expr.grouping.length > 0;
      const by = clause
        ? ` ${expr.without ? "without" : "by"} (${formatNames(expr.grouping)})`
        : "";
      return `${expr.operator}${by}${by ? " " : ""}(${args.join(", ")})`;
    }
    case "binary": {
      const bool = expr.returnBool ? " bool" : "";
      const words = `${expr.operator}${bool}${formatMatching(expr.matching)}`;
      return `${formatPromql(expr.left)} ${words} ${formatPromql(expr.right)}`;
    }
    case "unary":
      return `${expr.operator}${formatPromql(expr.expr)}`;
    case "paren":
      return `(${formatPromql(expr.expr)})`;
  }
}

function formatNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (Number.isNaN(value)) return "NaN";
  // Without a sign, which would bind looser than `^` behind it.
  return value > 0 ? "Inf" : "-Inf";
}

function formatSelector({ name, matchers }: VectorSelector): string {
  const implied = (matcher: Matcher) =>
    name !== "" &&
    matcher.name === METRIC_NAME &&
    matcher.operator === "=" &&
    matcher.value === name;
  const inBraces = matchers.filter((matcher) => !implied(matcher)).map(formatOne);
  const bareName = isLegacyMetricName(name);
  const all = name && !bareName ? [JSON.stringify(name), ...inBraces] : inBraces;
  return `${bareName ? name : ""}${all.length > 0 ? `{${all.join(",")}}` : ""}`;
}

function formatOne({ name, operator, value }: Matcher): string {
  if (name === METRIC_NAME && operator === "=") return JSON.stringify(value);
  return `${isLegacyLabelName(name) ? name : JSON.stringify(name)}${operator}${JSON.stringify(value)}`;
}

function formatNames(names: readonly string[]): string {
  return names.map((name) => (isLegacyLabelName(name) ? name : JSON.stringify(name))).join(", ");
}

function formatShift(shifted: VectorSelector | Subquery): string {
  const { offsetMs, offsetExpr, at } = shifted;
  const offset = offsetMs === 0 ? "" : ` offset ${formatDuration(offsetMs, offsetExpr)}`;
  if (at === undefined) return offset;
  return ` @ ${"edge" in at ? `${at.edge}()` : (at.timeMs / 1000).toFixed(3)}${offset}`;
}

function formatMatching({ on, explicit, labels, card, include }: VectorMatching): string {
  if (!explicit) return "";
  const match = ` ${on ? "on" : "ignoring"} (${formatNames(labels)})`;
  if (card !== "many-to-one" && card !== "one-to-many") return match;
  const side = card === "many-to-one" ? "group_left" : "group_right";
  return `${match} ${side} (${formatNames(include)})`;
}
