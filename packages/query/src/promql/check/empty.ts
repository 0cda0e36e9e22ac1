import { bug, type Diagnostic, type MatrixSeries, type QueryValue } from "@hms-ops/model";
import { plainNumber } from "../exec/numbers.ts";
import {
  type Aggregation,
  type Binary,
  bare,
  type Call,
  type Expr,
  isComparison,
  type MatrixSelector,
  type Subquery,
  type VectorSelector,
} from "../syntax/ast.ts";
import { formatPromql } from "../syntax/format.ts";
import { pairingReason } from "./pairing.ts";
import { metricOf, needsTwoSamples } from "./short-ranges.ts";
import { typeOf } from "./types.ts";

/** Evaluates a part of the expression, PromQL, over the time range in question: a matrix. */
export type AnswerOfPart = (promql: string) => Promise<QueryValue>;

/** Longer parts are not written out in a sentence. */
const LONGEST_SHOWN = 60;
/** Digits of a value that is told. */
const SHOWN_DIGITS = 6;

/**
 * Why an expression that has no answer in a time range has none: of each way that leads to nothing
 * the innermost part that makes nothing of something, in the order of the text. `isMoment`: the
 * range is one time. Rejects as `answerOf` does.
 */
export async function whyEmpty(
  expr: Expr,
  answerOf: AnswerOfPart,
  { isMoment }: { readonly isMoment: boolean },
): Promise<readonly Diagnostic[]> {
  const search = new EmptySearch(answerOf, isMoment ? "at this time" : "in this time range");
  return await search.of(expr);
}

type Severity = Diagnostic["severity"];

/** Looks for the innermost part; every `of…` is asked of a part that is empty. */
class EmptySearch {
  readonly #answerOf: AnswerOfPart;
  readonly #when: string;
  readonly #known = new Map<string, readonly MatrixSeries[]>();

  constructor(answerOf: AnswerOfPart, when: string) {
    this.#answerOf = answerOf;
    this.#when = when;
  }

  async of(expr: Expr): Promise<readonly Diagnostic[]> {
    switch (expr.kind) {
      case "paren":
      case "unary":
        return await this.of(expr.expr);
      case "vector":
        return [this.#noSamples(expr)];
      case "aggregation":
        return await this.#ofAggregation(expr);
      case "call":
        return await this.#ofCall(expr);
      case "binary":
        return await this.#ofBinary(expr);
      default:
        return bug(`a ${expr.kind} is no vector that could be empty`);
    }
  }

  async #ofAggregation(node: Aggregation): Promise<readonly Diagnostic[]> {
    const given = await this.#series(node.expr);
    if (given.length === 0) return await this.of(node.expr);
    const message = `${node.operator} keeps none of the ${given.length} series that it is given ${this.#when}`;
    return [this.#note(node, "info", message, "look at its parameter")];
  }

  async #ofCall(call: Call): Promise<readonly Diagnostic[]> {
    const range = call.args.map(bare).find(isRange);
    const isAbsence = call.name === "absent" || call.name === "absent_over_time";
    if (isAbsence) {
      const message = `${call.name}() answers where there is nothing, and here there is something ${this.#when}`;
      return [this.#note(call, "info", message, "that is as it should be")];
    }
    if (range) return await this.#ofRange(call, range);
    // What `info` joins beside its first argument is no part that can be run.
    const args = call.name === "info" ? call.args.slice(0, 1) : call.args;
    for (const arg of args) {
      if (typeOf(arg) !== "vector") continue;
      const given = await this.#series(arg);
      if (given.length === 0) return await this.of(arg);
      if (/^histogram_/.test(call.name)) return [this.#noBuckets(call, given)];
    }
    return [this.#nothingMade(call)];
  }

  #noBuckets(call: Call, given: readonly MatrixSeries[]): Diagnostic {
    const isClassic = call.name === "histogram_quantile" || call.name === "histogram_fraction";
    const isNative = given.some(({ histograms = [] }) => histograms.length > 0);
    const isBounded = given.some(({ labels }) => labelNames(labels).includes("le"));
    if (isNative || (isClassic && isBounded)) return this.#nothingMade(call);
    const message = `${call.name}() is given no histogram: ${given.length} series${isClassic ? " without the label le" : " of numbers"}`;
    const suggestion = isClassic
      ? "give it the rates of the _bucket series, with le kept"
      : "give it a native histogram";
    return this.#note(call, "warning", message, suggestion);
  }

  async #ofRange(call: Call, range: MatrixSelector | Subquery): Promise<readonly Diagnostic[]> {
    const counts = await this.#run(`count_over_time(${formatPromql(withoutEdges(range))})`);
    if (counts.length === 0) {
      if (range.kind === "matrix") return [this.#noSamples(range.selector)];
      const isGiven = (await this.#series(range.expr)).length > 0;
      return isGiven ? [this.#nothingMade(call)] : await this.of(range.expr);
    }
    const most = extremesOf(counts)?.most ?? 0;
    if (most >= 2 || !needsTwoSamples(call)) return [this.#nothingMade(call)];
    const what = range.kind === "matrix" ? metricOf(range.selector) : "its sub-query";
    const message = `the range holds one sample of ${what} at most, and ${call.name}() needs two`;
    return [this.#note(range, "warning", message, "take a longer range")];
  }

  async #ofBinary(node: Binary): Promise<readonly Diagnostic[]> {
    const { operator, left, right } = node;
    const [one, other] = [await this.#series(left), await this.#series(right)];
    if (operator === "or") return [...(await this.of(left)), ...(await this.of(right))];
    if (one.length === 0) return await this.of(left);
    if (operator === "unless") {
      const message = `every series of ${named(left, "the left side")} has a partner on the right side ${this.#when}, and unless takes those away`;
      return [this.#note(node, "info", message, "")];
    }
    if (other.length === 0) return await this.of(right);
    const isJoined = typeOf(left) === "vector" && typeOf(right) === "vector";
    if (isComparison(operator) && (!isJoined || (await this.#meet(node)))) {
      return [this.#neverTrue(node, one, other)];
    }
    if (!isJoined) return [this.#nothingMade(node)];
    const [message, suggestion] = pairingReason(node, one, other);
    return [this.#note(node, "warning", message, suggestion)];
  }

  /** Whether the sides of a condition find each other, be it true or not. */
  async #meet(node: Binary): Promise<boolean> {
    return (await this.#series({ ...node, returnBool: true })).length > 0;
  }

  #neverTrue(
    node: Binary,
    one: readonly MatrixSeries[],
    other: readonly MatrixSeries[],
  ): Diagnostic {
    const { left, right, operator } = node;
    const sides = [
      [left, one, "the left side"],
      [right, other, "the right side"],
    ] as const;
    const told = sides
      .filter(([side]) => !isLiteral(side))
      .map(([side, series, words]) => `${named(side, words)} ${spanText(series)}`);
    const literal = (side: Expr) => (isLiteral(side) ? formatPromql(side) : "");
    const condition = `${literal(left)} ${operator} ${literal(right)}`.trim();
    const message = `the condition ${condition} is never true ${this.#when}: ${told.join(", ")}`;
    return this.#note(node, "info", message, "");
  }

  #noSamples(selector: VectorSelector): Diagnostic {
    const message = `there are such series, but no samples of ${metricOf(selector)} ${this.#when}`;
    return this.#note(selector, "info", message, "look at a longer or an earlier time range");
  }

  #nothingMade(node: Call | Binary): Diagnostic {
    const what = node.kind === "call" ? `${node.name}()` : node.operator;
    const message = `${what} makes nothing of what it is given ${this.#when}`;
    return this.#note(node, "info", message, "look at the answers of its parts");
  }

  #note({ from, to }: Expr, severity: Severity, message: string, suggestion: string): Diagnostic {
    return { severity, message, suggestion, from, to };
  }

  async #series(expr: Expr): Promise<readonly MatrixSeries[]> {
    return await this.#run(formatPromql(bare(expr)));
  }

  async #run(promql: string): Promise<readonly MatrixSeries[]> {
    const known = this.#known.get(promql);
    if (known) return known;
    const value = await this.#answerOf(promql);
    const series = value.kind === "matrix" ? value.series : bug(`${promql} is no matrix`);
    this.#known.set(promql, series);
    return series;
  }
}

function isRange(expr: Expr): expr is MatrixSelector | Subquery {
  return expr.kind === "matrix" || expr.kind === "subquery";
}

function isLiteral(expr: Expr): boolean {
  const inner = bare(expr);
  return inner.kind === "number" || (inner.kind === "unary" && isLiteral(inner.expr));
}

/** Edges that are made up are no samples to count. */
function withoutEdges(range: MatrixSelector | Subquery): Expr {
  if (range.kind === "subquery") return range;
  const { edges: _, ...selector } = range.selector;
  return { ...range, selector };
}

function labelNames(labels: readonly string[]): readonly string[] {
  return labels.filter((_, i) => i % 2 === 0);
}

/** Itself where it is short, else in words which side it is. */
function named(side: Expr, words: string): string {
  const text = formatPromql(bare(side));
  return text.length > LONGEST_SHOWN ? words : text;
}

function spanText(series: readonly MatrixSeries[]): string {
  const extremes = extremesOf(series);
  if (extremes === undefined) return "has no number to compare";
  const { least, most } = extremes;
  if (least === most) return `is ${shown(least)}`;
  return `lies between ${shown(least)} and ${shown(most)}`;
}

function shown(value: number): string {
  return plainNumber(Number(value.toPrecision(SHOWN_DIGITS)));
}

function extremesOf(
  series: readonly MatrixSeries[],
): { readonly least: number; readonly most: number } | undefined {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { values } of series) {
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return least <= most ? { least, most } : undefined;
}
