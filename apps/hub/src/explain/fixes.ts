import { type Diagnostic, isLegacyMetricName } from "@hms-ops/model";
import { type Expr, formatPromql, type LanguageFeatures, prepareQuery } from "@hms-ops/query";
import type { ExplainFix } from "@hms-ops/wire/api";
import { perTimeOf } from "./per-time.ts";
import { onlyPlaceOf } from "./places.ts";
import { turnedRound } from "./turned-round.ts";

/** The text as typed, the PromQL it stands for, and what of that could be parsed. */
export interface FixedText {
  readonly text: string;
  readonly promql: string;
  readonly expr: Expr | undefined;
  readonly features: LanguageFeatures;
}

interface Edit {
  readonly words: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What one click can do about a diagnostic; only what can be read afterwards is offered. */
export function fixesOf(fixed: FixedText, diagnostic: Diagnostic): readonly ExplainFix[] {
  const edits = [
    ...renames(fixed, diagnostic),
    ...brackets(fixed, diagnostic),
    ...ranges(fixed, diagnostic),
    ...longer(fixed, diagnostic),
    ...otherCalls(fixed, diagnostic),
    ...units(fixed, diagnostic),
    ...bounds(fixed, diagnostic),
  ];
  return edits.flatMap((edit) => {
    const { promql, text, features } = fixed;
    const mended = promql.slice(0, edit.from) + edit.text + promql.slice(edit.to);
    if (prepareQuery(mended, features).query === undefined) return [];
    return [{ words: edit.words, query: inOwnWords(text, promql, edit) ?? mended }];
  });
}

/** In a text of short forms the word alone is changed, where that is clear. */
function inOwnWords(text: string, promql: string, { from, to, text: better }: Edit) {
  if (text === promql) return undefined;
  const word = promql.slice(from, to);
  const at = onlyPlaceOf(word, text);
  return at === undefined ? undefined : text.slice(0, at) + better + text.slice(at + word.length);
}

const NEAR = /^did you mean (.+)\?$/;
const UNKNOWN = [
  /^unknown function with name "(?<word>.+)"$/,
  /^there is no metric called (?<word>.+)$/,
  / has no label (?<word>.+)$/,
  / has no series where .+?(?:=~|!~|!=|=)(?<word>".*")$/,
];

/** A name, label or value that there is not, by the nearest that there is. */
function renames({ promql }: FixedText, { from, to, message, suggestion }: Diagnostic): Edit[] {
  const near = NEAR.exec(suggestion ?? "")?.[1];
  const wrong = UNKNOWN.map((one) => one.exec(message)?.groups?.word).find(Boolean);
  if (near === undefined || wrong === undefined) return [];
  const isValue = wrong.startsWith('"');
  const isMetric = message.startsWith("there is no metric");
  const written = isValue ? JSON.stringify(near) : near;
  const part = promql.slice(from, to);
  const at = isMetric ? part.indexOf(wrong) : (onlyPlaceOf(wrong, part) ?? -1);
  if (at < 0) return [];
  const isQuoted = part[at - 1] === '"';
  if (isMetric && !isQuoted && !isLegacyMetricName(near)) return [];
  const place = { from: from + at, to: from + at + wrong.length };
  return [{ words: `Use ${written}`, ...place, text: written }];
}

/** An open bracket is shut at the end, a text in quotes too. */
function brackets({ promql }: FixedText, { message }: Diagnostic): Edit[] {
  const at = promql.trimEnd().length;
  const close = (text: string, words: string) => ({ words, from: at, to: at, text });
  if (/unclosed left parenthesis/.test(message)) {
    return [1, 2, 3, 4].map((n) => close(")".repeat(n), "Close the bracket"));
  }
  if (/unterminated/.test(message)) {
    return ['"', '"}', "'", "'}", '"})', '"}[5m])'].map((end) => close(end, "Close the quote"));
  }
  if (/unexpected end of input/.test(message)) {
    return ["}", "]", "})", "])"].map((end) => close(end, `Add ${end}`));
  }
  return [];
}

/** A function of a range, given a selector or an aggregation. */
function ranges({ promql, expr }: FixedText, { from, to, suggestion }: Diagnostic): Edit[] {
  if (suggestion !== "add a range: [5m]" || expr === undefined) return [];
  const call = find(expr, (one) => one.kind === "call" && one.args.some(isAt({ from, to })));
  const arg = find(expr, isAt({ from, to }));
  if (arg?.kind === "vector") {
    const matrix = { kind: "matrix", selector: arg, rangeMs: 300_000, from, to } as const;
    const isPlain = arg.offsetMs === 0 && arg.at === undefined && arg.offsetExpr === undefined;
    const text = isPlain ? `${promql.slice(from, to)}[5m]` : formatPromql(matrix);
    return [{ words: "Add the range [5m]", from, to, text }];
  }
  const better = call && turnedRound(call);
  return better && call ? [{ words: "Turn it round", ...placeOf(call), text: better }] : [];
}

/** A range that holds too few samples. */
function longer({ promql }: FixedText, { from, to, suggestion = "" }: Diagnostic): Edit[] {
  const [, range] = /^take at least (\[\w+\])/.exec(suggestion) ?? [];
  const [written] = /\[[^[\]]*\](?=[^[\]]*$)/.exec(promql.slice(from, to)) ?? [];
  if (range === undefined || written === undefined) return [];
  const at = promql.lastIndexOf(written, to - written.length);
  return [{ words: `Take ${range}`, from: at, to: at + written.length, text: range }];
}

/** By what is told of them: calls of the wrong kind of metric, and rates of sums. */
function otherCalls({ promql, expr }: FixedText, { from, to, message }: Diagnostic): Edit[] {
  if (expr === undefined) return [];
  const call = find(expr, (one) => one.kind === "call" && isAt({ from, to })(one));
  if (call?.kind !== "call") return [];
  const rename = (name: string): Edit => ({
    words: `Use ${name}`,
    from,
    to: from + call.name.length,
    text: name,
  });
  if (/misses resets/.test(message)) {
    const better = turnedRound(call);
    return better === undefined ? [] : [{ words: "Turn it round", from, to, text: better }];
  }
  if (/is for counters/.test(message)) {
    if (call.name === "resets") return [rename("changes")];
    return [rename(call.name === "increase" ? "delta" : "deriv")];
  }
  if (/is for gauges/.test(message) && /^i?delta$/.test(call.name)) return [rename("increase")];
  if (/is for gauges/.test(message) && call.name === "deriv") return [rename("rate")];
  const [, unit] =
    /^rate\(\) is per second, also over a range of one (minute|hour)$/.exec(message) ?? [];
  const text = perTimeOf(promql, expr)?.queries[unit === "hour" ? "hour" : "minute"];
  if (unit === undefined || text === undefined) return [];
  return [{ words: `Count per ${unit}`, from: 0, to: promql.length, text }];
}

/** Milliseconds beside seconds: the side in milliseconds is divided. */
function units({ promql, expr }: FixedText, { from, to, suggestion = "" }: Diagnostic): Edit[] {
  const [, side] = /^divide the (left|right) side by 1000$/.exec(suggestion) ?? [];
  const both = expr && find(expr, (one) => one.kind === "binary" && isAt({ from, to })(one));
  if (side === undefined || both?.kind !== "binary") return [];
  const operand = side === "left" ? both.left : both.right;
  const place = placeOf(operand);
  const part = promql.slice(place.from, place.to);
  const text = `${operand.kind === "binary" ? `(${part})` : part} / 1000`;
  return [{ words: `Divide the ${side} side by 1000`, ...place, text }];
}

/** Buckets keep the label that bounds them. */
function bounds({ expr }: FixedText, { from, to, message }: Diagnostic): Edit[] {
  const fold = expr && find(expr, (one) => one.kind === "aggregation" && isAt({ from, to })(one));
  if (fold?.kind !== "aggregation" || !/takes the label le away/.test(message)) return [];
  const grouping = fold.without
    ? fold.grouping.filter((name) => name !== "le")
    : ["le", ...fold.grouping];
  return [{ words: "Keep le", from, to, text: formatPromql({ ...fold, grouping }) }];
}

function isAt({ from, to }: { readonly from: number; readonly to: number }) {
  return (expr: Expr): boolean => expr.from === from && expr.to === to;
}

function placeOf({ from, to }: Expr): { readonly from: number; readonly to: number } {
  return { from, to };
}

function find(expr: Expr, wanted: (expr: Expr) => boolean): Expr | undefined {
  if (wanted(expr)) return expr;
  for (const part of partsOf(expr)) {
    const found = find(part, wanted);
    if (found) return found;
  }
  return undefined;
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "call":
      return expr.args;
    case "binary":
      return [expr.left, expr.right];
    case "aggregation":
      return expr.parameter ? [expr.parameter, expr.expr] : [expr.expr];
    case "subquery":
    case "unary":
    case "paren":
      return [expr.expr];
    default:
      return [];
  }
}
