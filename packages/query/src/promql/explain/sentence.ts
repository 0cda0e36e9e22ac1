import { type Matcher, METRIC_NAME } from "@hms-ops/model";
import { plainNumber } from "../exec/numbers.ts";
import {
  type Aggregation,
  type Binary,
  bare,
  type Call,
  type Expr,
  isComparison,
  type Subquery,
  type VectorSelector,
} from "../syntax/ast.ts";
import { formatPromql } from "../syntax/format.ts";
import {
  AGGREGATION_WORDS,
  COMPARISON_WORDS,
  durationText,
  OPERATOR_WORDS,
  RANGE_WORDS,
  rangeText,
  VECTOR_WORDS,
} from "./words.ts";

/** Deeper parts stand in the sentence as they were written: nobody reads on. */
const MOST_DEEP = 8;

/** One plain sentence that says what an expression computes. */
export function sentenceOf(expr: Expr): string {
  const words = phrase(expr, MOST_DEEP);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function phrase(expr: Expr, depth: number): string {
  if (depth === 0) return `\`${formatPromql(expr)}\``;
  switch (expr.kind) {
    case "number":
      return expr.isDuration ? `${formatPromql(expr)} in seconds` : plainNumber(expr.value);
    case "string":
      return JSON.stringify(expr.value);
    case "paren":
      return phrase(expr.expr, depth);
    case "vector":
      return selectorPhrase(expr);
    case "matrix":
      return selectorPhrase(expr.selector, ` over ${rangeText(expr)}`);
    case "subquery":
      return `${phrase(expr.expr, depth - 1)}, taken ${subqueryPhrase(expr)}`;
    case "unary":
      return expr.operator === "-"
        ? `the negative of ${phrase(expr.expr, depth - 1)}`
        : phrase(expr.expr, depth - 1);
    case "aggregation":
      return aggregationPhrase(expr, depth - 1);
    case "binary":
      return binaryPhrase(expr, depth - 1);
    case "call":
      return callPhrase(expr, depth - 1);
  }
}

function selectorPhrase(selector: VectorSelector, range = ""): string {
  const named = selector.matchers.find(
    ({ name, operator }) => name === METRIC_NAME && operator === "=",
  );
  const conditions = selector.matchers
    .filter((matcher) => matcher !== named)
    .map(matcherPhrase)
    .join(" and ");
  const what = named ? `\`${named.value}\`` : "all series";
  const where = conditions && ` where ${conditions}`;
  return what + where + range + edgesPhrase(selector) + shiftPhrase(selector);
}

function matcherPhrase({ name, operator, value }: Matcher): string {
  const shown = JSON.stringify(value);
  const label = name === METRIC_NAME ? "the name" : name;
  if (operator === "=") return value === "" ? `${label} is missing` : `${label} is ${shown}`;
  if (operator === "!=") return value === "" ? `${label} is there` : `${label} is not ${shown}`;
  return operator === "=~" ? `${label} matches ${shown}` : `${label} does not match ${shown}`;
}

function edgesPhrase({ edges }: VectorSelector): string {
  if (edges === undefined) return "";
  return edges === "anchored"
    ? ", counted from the sample before the range"
    : ", on the line between the samples";
}

function shiftPhrase({ offsetMs, offsetExpr, at }: VectorSelector | Subquery): string {
  const offset = offsetExpr
    ? " at another time"
    : offsetMs === 0
      ? ""
      : ` as of ${durationText(offsetMs)} ${offsetMs > 0 ? "before" : "later"}`;
  if (at === undefined) return offset;
  const fixed =
    "edge" in at ? `the query's ${at.edge}` : `${plainNumber(at.timeMs / 1000)} s since 1970`;
  return `${offset} at ${fixed}`;
}

function subqueryPhrase(expr: Subquery): string {
  const step = expr.stepMs === undefined ? "every minute" : `every ${durationText(expr.stepMs)}`;
  return `${step} over ${rangeText(expr)}${shiftPhrase(expr)}`;
}

function aggregationPhrase(expr: Aggregation, depth: number): string {
  const { operator, grouping, without, parameter } = expr;
  const words = filled(
    AGGREGATION_WORDS[operator],
    phrase(expr.expr, depth),
    parameter ? phrase(parameter, depth) : "",
  );
  // The bounds of buckets are how a histogram is told, nothing that is counted by.
  const labels = grouping.filter((label) => label !== "le").join(", ");
  if (without)
    return `${words}, series that differ only in ${labels || "their name"} taken together`;
  return labels ? `for each ${labels} ${words}` : words;
}

function binaryPhrase(expr: Binary, depth: number): string {
  const left = phrase(expr.left, depth);
  const right = phrase(expr.right, depth);
  const matched = matchingPhrase(expr);
  if (!isComparison(expr.operator)) {
    return filled(OPERATOR_WORDS[expr.operator] ?? "% #", left, right) + matched;
  }
  const relation = `${COMPARISON_WORDS[expr.operator]} ${right}`;
  if (expr.returnBool) return `1 where ${left} is ${relation}, else 0${matched}`;
  return `${left}, where it is ${relation}${matched}`;
}

function matchingPhrase({ matching }: Binary): string {
  const { explicit, on, labels, include, fill } = matching;
  const names = labels.join(", ");
  const by = on
    ? labels.length > 0
      ? `, paired by ${names}`
      : ", all with all"
    : explicit && labels.length > 0
      ? `, paired by all labels but ${names}`
      : "";
  const added = include.length > 0 ? `, with ${include.join(", ")} of the other side` : "";
  return `${by}${added}${fill ? ", with a number for a missing partner" : ""}`;
}

function callPhrase(call: Call, depth: number): string {
  const { name, args } = call;
  const [first, second, third] = args;
  const range = args.find((arg) => /^(?:matrix|subquery)$/.test(bare(arg).kind));
  if (range && RANGE_WORDS[name]) return filled(RANGE_WORDS[name], phrase(range, depth));
  if (name === "time") return "the time of evaluation in seconds";
  if (name === "pi") return "π";
  if (first === undefined) return `${name}()`;
  const one = phrase(first, depth);
  const two = second ? phrase(second, depth) : "";
  const three = third ? phrase(third, depth) : "";
  if (VECTOR_WORDS[name]) return filled(VECTOR_WORDS[name], one);
  switch (name) {
    case "histogram_quantile":
      return `${quantilePhrase(first, one)} of the observations counted by ${two}`;
    case "histogram_fraction":
      return `the share of observations between ${one} and ${two} counted by ${three}`;
    case "quantile_over_time":
      return `${quantilePhrase(first, one)} of ${two}`;
    case "predict_linear":
      return `what ${one} will be in ${two} seconds if it goes on along its line`;
    case "vector":
      return one;
    case "clamp":
      return `${one}, at least ${two} and at most ${three}`;
    case "clamp_min":
      return `${one}, at least ${two}`;
    case "clamp_max":
      return `${one}, at most ${two}`;
    case "round":
      return `${one}, rounded${two && ` to multiples of ${two}`}`;
    case "label_replace":
      return `${one}, with the label ${two} taken from another one`;
    case "label_join":
      return `${one}, with the label ${two} put together from others`;
    case "info":
      return `${one}, with the labels of its info series`;
    default:
      return `${name} of ${args.map((arg) => phrase(arg, depth)).join(", ")}`;
  }
}

/** 0.95 is the 95th percentile; 0.5 the median. */
function quantilePhrase(phi: Expr, words: string): string {
  const inner = bare(phi);
  if (inner.kind !== "number" || !(inner.value > 0 && inner.value < 1))
    return `the quantile ${words}`;
  if (inner.value === 0.5) return "the median";
  const percent = Number((inner.value * 100).toPrecision(6));
  return `the ${percent}${ordinalEnding(percent)} percentile`;
}

function ordinalEnding(value: number): string {
  if (!Number.isInteger(value) || (value > 10 && value < 14)) return "th";
  return ["th", "st", "nd", "rd"][value % 10] ?? "th";
}

function filled(template: string, left: string, right = ""): string {
  return template.replace(/[%#]/g, (sign) => (sign === "%" ? left : right));
}
