import { isLegacyLabelName, isLegacyMetricName, type Matcher, METRIC_NAME } from "@hms-ops/model";
import { goNumber, plainNumber } from "../exec/numbers.ts";
import type {
  Aggregation,
  Binary,
  Expr,
  MatrixSelector,
  Subquery,
  VectorMatching,
  VectorSelector,
} from "./ast.ts";
import { formatDuration } from "./durations.ts";
import { quote } from "./quoted.ts";

/** Writes an expression on one line so that it parses to the same tree, as Prometheus writes it. */
export function formatPromql(expr: Expr): string {
  switch (expr.kind) {
    case "number":
      return expr.isDuration
        ? formatDuration(Math.round(expr.value * 1000), undefined)
        : plainNumber(expr.value);
    case "string":
      return quote(expr.value);
    case "vector":
      return formatSelector(expr) + formatAt(expr) + formatEdges(expr) + formatOffset(expr);
    case "matrix":
      return formatSelector(expr.selector) + formatRange(expr);
    case "subquery":
      return formatPromql(expr.expr) + formatRangeOf(expr);
    case "call":
      return `${expr.name}(${expr.args.map(formatPromql).join(", ")})`;
    case "aggregation": {
      const args = [...(expr.parameter ? [expr.parameter] : []), expr.expr].map(formatPromql);
      return `${formatAggregator(expr)}(${args.join(", ")})`;
    }
    case "binary":
      return `${formatLeft(expr)} ${formatOperator(expr)} ${formatPromql(expr.right)}`;
    case "unary":
      return `${expr.operator}${formatPromql(expr.expr)}`;
    case "paren":
      return `(${formatPromql(expr.expr)})`;
  }
}

/** Left of a power: a plus sign would bind looser than `^` when it is read again. */
function formatLeft({ operator, left }: Binary): string {
  const text = formatPromql(left);
  return operator === "^" && left.kind === "number" ? text.replace(/^\+/, "") : text;
}

/** `[5m:1m] @ 0.000 offset 1m`. */
export function formatRangeOf(expr: Subquery): string {
  const step = expr.stepMs === undefined ? "" : formatDuration(expr.stepMs, expr.stepExpr);
  const range = `[${formatDuration(expr.rangeMs, expr.rangeExpr)}:${step}]`;
  return range + formatAt(expr) + formatOffset(expr);
}

/** Behind a range the edges come before the time, else behind it. */
function formatRange({ selector, rangeMs, rangeExpr }: MatrixSelector): string {
  const range = `[${formatDuration(rangeMs, rangeExpr)}]`;
  return range + formatEdges(selector) + formatAt(selector) + formatOffset(selector);
}

/** `sum by (a) `, with the blank; `sum` where nothing is grouped. */
export function formatAggregator({ operator, without, grouping }: Aggregation): string {
  if (!without && grouping.length === 0) return operator;
  return `${operator} ${without ? "without" : "by"} (${formatNames(grouping)}) `;
}

/** `== bool on (a) group_left (b)`. */
export function formatOperator({ operator, returnBool, matching }: Binary): string {
  return `${operator}${returnBool ? " bool" : ""}${formatMatching(matching)}`;
}

function formatSelector({ name, matchers }: VectorSelector): string {
  const isImplied = (matcher: Matcher) =>
    name !== "" &&
    matcher.name === METRIC_NAME &&
    matcher.operator === "=" &&
    matcher.value === name;
  const inBraces = matchers.filter((matcher) => !isImplied(matcher)).map(formatOne);
  const isBare = isLegacyMetricName(name);
  const all = name && !isBare ? [quote(name), ...inBraces] : inBraces;
  return `${isBare ? name : ""}${all.length > 0 || name === "" ? `{${all.sort().join(",")}}` : ""}`;
}

function formatOne({ name, operator, value }: Matcher): string {
  return `${isLegacyLabelName(name) ? name : quote(name)}${operator}${quote(value)}`;
}

function formatNames(names: readonly string[]): string {
  return names.map((name) => (isLegacyLabelName(name) ? name : quote(name))).join(", ");
}

function formatEdges({ edges }: VectorSelector): string {
  return edges ? ` ${edges}` : "";
}

function formatAt({ at }: VectorSelector | Subquery): string {
  if (at === undefined) return "";
  return ` @ ${"edge" in at ? `${at.edge}()` : (at.timeMs / 1000).toFixed(3)}`;
}

function formatOffset({ offsetMs, offsetExpr }: VectorSelector | Subquery): string {
  return offsetMs === 0 ? "" : ` offset ${formatDuration(offsetMs, offsetExpr)}`;
}

function formatMatching({ on, labels, card, include, fill }: VectorMatching): string {
  const isGrouped = card === "many-to-one" || card === "one-to-many";
  const isMatched = on || labels.length > 0 || isGrouped;
  const match = isMatched ? ` ${on ? "on" : "ignoring"} (${formatNames(labels)})` : "";
  const side = card === "many-to-one" ? "group_left" : "group_right";
  return match + (isGrouped ? ` ${side} (${formatNames(include)})` : "") + formatFill(fill);
}

function formatFill(fill: VectorMatching["fill"]): string {
  if (fill === undefined) return "";
  const { left, right } = fill;
  // Compared as numbers, as Prometheus does: of two NaN each is written.
  if (left !== undefined && left === right) return ` fill (${goNumber(left)})`;
  return [
    left === undefined ? "" : ` fill_left (${goNumber(left)})`,
    right === undefined ? "" : ` fill_right (${goNumber(right)})`,
  ].join("");
}
