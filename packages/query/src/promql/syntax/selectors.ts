import { type Matcher, type MatchOperator, METRIC_NAME } from "@hms-ops/model";
import { compileRegex, isRegex } from "../../regex/index.ts";
import type { AtModifier, VectorSelector } from "./ast.ts";
import { type Cursor, ParseFailure } from "./cursor.ts";

const MATCH_OPERATORS: readonly string[] = ["=", "!=", "=~", "!~"];

/** `name{matchers}`, `{matchers}` or `name`; modifiers are read by the caller. */
export function readVectorSelector(cursor: Cursor): VectorSelector {
  const from = cursor.peek().from;
  const name = cursor.peek().kind === "identifier" ? cursor.read().text : "";
  const matchers: Matcher[] = name ? [{ name: METRIC_NAME, operator: "=", value: name }] : [];
  if (cursor.isSymbol("{")) readMatchers(cursor, matchers, name);
  const to = cursor.previousEnd;
  if (!matchers.some(refusesEmpty)) {
    const message = "vector selector must contain at least one non-empty matcher";
    throw new ParseFailure(from, to, message, 'name a metric, or write {job="…"}');
  }
  return { kind: "vector", from, to, name, matchers, offsetMs: 0 };
}

function readMatchers(cursor: Cursor, matchers: Matcher[], outerName: string): void {
  cursor.expectSymbol("{", "label matching");
  while (!cursor.isSymbol("}")) {
    matchers.push(readMatcher(cursor, outerName));
    if (!cursor.takeSymbol(",") && !cursor.isSymbol("}"))
      cursor.unexpected("label matching", '"," or "}"');
  }
  cursor.read();
}

function readMatcher(cursor: Cursor, outerName: string): Matcher {
  const label = cursor.peek();
  if (label.kind !== "identifier" && label.kind !== "string") {
    cursor.unexpected("label matching", 'identifier or "}"');
  }
  cursor.read();
  const name = label.string ?? label.text;
  const operator = cursor.peek();
  if (label.kind === "string" && !MATCH_OPERATORS.includes(operator.text)) {
    if (outerName) {
      const message = `metric name must not be set twice: "${outerName}" or "${name}"`;
      throw new ParseFailure(label.from, label.to, message);
    }
    return { name: METRIC_NAME, operator: "=", value: name };
  }
  if (operator.kind !== "symbol" || !MATCH_OPERATORS.includes(operator.text)) {
    cursor.unexpected("label matching", 'one of "=", "!=", "=~", "!~"');
  }
  cursor.read();
  const value = cursor.peek();
  if (value.kind !== "string") cursor.unexpected("label matching", "string");
  cursor.read();
  return checkedMatcher(name, operator.text as MatchOperator, value, outerName, label.from);
}

function checkedMatcher(
  name: string,
  operator: MatchOperator,
  { string = "", from, to }: { string?: string; from: number; to: number },
  outerName: string,
  labelFrom: number,
): Matcher {
  if (outerName && name === METRIC_NAME) {
    const message = `metric name must not be set twice: "${outerName}" or "${string}"`;
    throw new ParseFailure(labelFrom, to, message);
  }
  if (operator === "=~" || operator === "!~") {
    const regex = compileRegex(string);
    if (!isRegex(regex)) throw new ParseFailure(from, to, regex.message);
  }
  return { name, operator, value: string };
}

function refusesEmpty({ operator, value }: Matcher): boolean {
  if (operator === "=") return value !== "";
  if (operator === "!=") return value === "";
  const regex = compileRegex(value);
  if (!isRegex(regex)) return false;
  return operator === "=~" ? !regex.test("") : regex.test("");
}

/** `(a, "b.c", d)`; a trailing comma is allowed. */
export function readLabelList(cursor: Cursor, context: string): readonly string[] {
  const labels: string[] = [];
  cursor.expectSymbol("(", context);
  while (!cursor.isSymbol(")")) {
    const label = cursor.peek();
    if (label.kind !== "identifier" && label.kind !== "string") cursor.unexpected(context, "label");
    if (label.kind === "identifier" && label.text.includes(":"))
      cursor.unexpected(context, "label");
    labels.push(cursor.read().string ?? label.text);
    if (!cursor.takeSymbol(",") && !cursor.isSymbol(")")) cursor.unexpected(context, '"," or ")"');
  }
  cursor.read();
  return labels;
}

/** A duration: a number of seconds or a text with units; `what` names it in errors. */
function readDurationMs(cursor: Cursor, what: string): number {
  const negative = cursor.isSymbol("-");
  if (negative || cursor.isSymbol("+")) cursor.read();
  const token = cursor.peek();
  if (token.kind !== "number" || token.value === undefined) cursor.unexpected(what, "duration");
  cursor.read();
  const ms = Math.round((token.value ?? 0) * 1000);
  if (!Number.isSafeInteger(ms))
    throw new ParseFailure(token.from, token.to, "duration out of range");
  return negative ? -ms : ms;
}

/** `@ 17.5`, `@ -1`, `@ start()`. */
export function readAt(cursor: Cursor): AtModifier {
  for (const edge of ["start", "end"] as const) {
    if (cursor.isWord(edge) && cursor.isSymbol("(", 1)) {
      cursor.read();
      cursor.read();
      cursor.expectSymbol(")", "@ modifier");
      return { edge };
    }
  }
  return { timeMs: readDurationMs(cursor, "@ modifier") };
}
