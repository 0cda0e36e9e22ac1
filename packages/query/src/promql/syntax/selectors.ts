import { type Matcher, type MatchOperator, METRIC_NAME } from "@hms-ops/model";
import { compileRegex, isRegex } from "../../regex/index.ts";
import type { AtModifier, VectorSelector } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { quote } from "./quoted.ts";

const MATCH_OPERATORS: readonly string[] = ["=", "!=", "=~", "!~"];

/** `name{matchers}`, `{matchers}` or `name`; modifiers are read by the caller. */
export function readVectorSelector(cursor: Cursor): VectorSelector {
  const from = cursor.peek().from;
  if (cursor.peek().kind !== "identifier" && !cursor.isSymbol("{")) cursor.unexpected();
  const name = cursor.peek().kind === "identifier" ? cursor.read().text : "";
  const named: readonly Matcher[] = name ? [{ name: METRIC_NAME, operator: "=", value: name }] : [];
  const matchers = cursor.isSymbol("{") ? [...named, ...readMatchers(cursor)] : named;
  return { kind: "vector", from, to: cursor.previousEnd, name, matchers, offsetMs: 0 };
}

function readMatchers(cursor: Cursor): Matcher[] {
  const matchers: Matcher[] = [];
  cursor.read();
  while (!cursor.isSymbol("}")) {
    matchers.push(readMatcher(cursor));
    cursor.within("label matching", '"," or "}"', () => {
      if (!cursor.takeSymbol(",") && !cursor.isSymbol("}")) cursor.unexpected();
    });
  }
  cursor.read();
  return matchers;
}

function readMatcher(cursor: Cursor): Matcher {
  const label = cursor.within("label matching", 'identifier or "}"', () => {
    const { kind } = cursor.peek();
    return kind === "identifier" || kind === "string" ? cursor.read() : cursor.unexpected();
  });
  const name = label.string ?? label.text;
  const isOperator = () =>
    cursor.peek().kind === "symbol" && MATCH_OPERATORS.includes(cursor.peek().text);
  // A text alone is the metric's name.
  if (label.kind === "string" && !isOperator()) {
    return { name: METRIC_NAME, operator: "=", value: name };
  }
  const operator = cursor.within("label matching", "label matching operator", () =>
    isOperator() ? cursor.read().text : cursor.unexpected(),
  );
  const value = cursor.within("label matching", "string", () =>
    cursor.peek().kind === "string" ? cursor.read() : cursor.unexpected(),
  );
  return checkedMatcher(cursor, name, operator as MatchOperator, value, label.from);
}

function checkedMatcher(
  cursor: Cursor,
  name: string,
  operator: MatchOperator,
  { string = "", to }: Token,
  from: number,
): Matcher {
  if (operator === "=~" || operator === "!~") {
    const regex = compileRegex(string);
    if (!isRegex(regex)) cursor.report(from, to, regex.message);
  }
  return { name, operator, value: string };
}

/** Whether an absent label is refused, so that it narrows what is selected. */
export function refusesEmpty({ operator, value }: Matcher): boolean {
  if (operator === "=") return value !== "";
  if (operator === "!=") return value === "";
  const regex = compileRegex(value);
  if (!isRegex(regex)) return false;
  return operator === "=~" ? !regex.test("") : regex.test("");
}

/** `(a, "b.c", d)`; a trailing comma is allowed. */
export function readLabelList(cursor: Cursor): readonly string[] {
  const labels: string[] = [];
  cursor.within("grouping opts", '"("', () => cursor.expectSymbol("("));
  while (!cursor.isSymbol(")")) {
    const { kind, text, string, from, to } = cursor.within("grouping opts", "label", () =>
      isLabel(cursor.peek()) ? cursor.read() : cursor.unexpected(),
    );
    const label = string ?? text;
    labels.push(label);
    if (label === "" || (kind === "string" && !label.isWellFormed())) {
      cursor.report(from, to, `invalid label name for grouping: ${quote(label)}`);
    }
    cursor.within("grouping opts", '"," or ")"', () => {
      if (!cursor.takeSymbol(",") && !cursor.isSymbol(")")) cursor.unexpected();
    });
  }
  cursor.read();
  return labels;
}

/** Nearly every word may be a label; these three Prometheus' grammar leaves out. */
function isLabel({ kind, text }: Token): boolean {
  if (kind === "string") return true;
  return kind === "identifier" && !/^(?:without|inf|nan)$/i.test(text);
}

const MOST_SECONDS = 2 ** 63;

/** `@ 17.5`, `@ -1`, `@ 5m`, `@ start()`. */
export function readAt(cursor: Cursor): AtModifier | { readonly problem: string } {
  for (const edge of ["start", "end"] as const) {
    if (cursor.takeWord(edge)) {
      cursor.expectSymbol("(");
      cursor.expectSymbol(")");
      return { edge };
    }
  }
  const negative = cursor.takeSymbol("-");
  if (!negative) cursor.takeSymbol("+");
  const size = readNumber(cursor);
  // Halves are rounded away from zero.
  const sizeMs = Math.round(size * 1000);
  if (size < MOST_SECONDS) return { timeMs: negative ? 0 - sizeMs : sizeMs };
  const seconds = negative ? -size : size;
  const shown = Number.isFinite(seconds)
    ? `${BigInt(seconds)}.000000`
    : String(seconds).replace("Infinity", "Inf").replace(/^Inf/, "+Inf");
  return { problem: `timestamp out of bounds for @ modifier: ${shown}` };
}

function readNumber(cursor: Cursor): number {
  if (cursor.takeWord("inf")) return Number.POSITIVE_INFINITY;
  if (cursor.takeWord("nan")) return Number.NaN;
  const { kind, value } = cursor.peek();
  if (kind !== "number" || value === undefined) return cursor.unexpected();
  cursor.read();
  return value;
}
