import type { VectorMatching } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

type Fill = NonNullable<VectorMatching["fill"]>;
const SIDES = ["fill", "fill_left", "fill_right"] as const;

/** `fill (0)`, `fill_left (1)`, `fill_right (2)`, the last two also together. */
export function readFill(cursor: Cursor): Fill | undefined {
  let fill: { left?: number; right?: number } | undefined;
  for (;;) {
    const side = SIDES.find((word) => cursor.isWord(word) && cursor.isSymbol("(", 1));
    if (side === undefined) return fill;
    const taken =
      fill && (side === "fill" || fill[side === "fill_left" ? "left" : "right"] !== undefined);
    if (taken) return cursor.unexpected("give each side one value");
    cursor.read();
    const value = readValue(cursor);
    fill = {
      ...fill,
      ...(side !== "fill_right" && { left: value }),
      ...(side !== "fill_left" && { right: value }),
    };
    if (side === "fill") return fill;
  }
}

/** A number with or without a sign, in parentheses. */
function readValue(cursor: Cursor): number {
  cursor.expectSymbol("(");
  const negative = cursor.takeSymbol("-");
  if (!negative) cursor.takeSymbol("+");
  const value = readNumber(cursor);
  cursor.expectSymbol(")");
  return negative ? -value : value;
}

function readNumber(cursor: Cursor): number {
  if (cursor.takeWord("inf")) return Number.POSITIVE_INFINITY;
  if (cursor.takeWord("nan")) return Number.NaN;
  const { kind, value } = cursor.peek();
  if (kind !== "number" || value === undefined) return cursor.unexpected("write a number");
  cursor.read();
  return value;
}
