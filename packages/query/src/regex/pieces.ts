import { literalsOf } from "./literals.ts";
import { isAny, type RegexNode } from "./syntax.ts";

/** Lists of texts with gaps between them: `(a|b).*c`, `.*x.+`. */
export interface Pieces {
  /** What the text begins and ends with. */
  readonly first: EdgeTexts;
  readonly last: EdgeTexts;
  /** What stands between, one less than gaps. */
  readonly inner: readonly (readonly string[])[];
  /** Least length of each gap, 0 or 1. */
  readonly gaps: readonly number[];
}

/** By length, the shortest first: however many there are, each length costs one look. */
type EdgeTexts = readonly (readonly [length: number, texts: ReadonlySet<string>])[];

/** Texts of one piece between gaps; each costs a search. */
const INNER_TEXTS_MAX = 32;

export function piecesOf(node: RegexNode): Pieces | undefined {
  const texts: (readonly string[])[] = [];
  const gaps: number[] = [];
  let parts: RegexNode[] = [];
  const endPiece = (): boolean => {
    const found = literalsOf({ kind: "sequence", parts });
    if (!found) return false;
    texts.push(found);
    parts = [];
    return true;
  };
  for (const part of flattened(node)) {
    const gap = gapOf(part);
    if (gap === undefined) parts.push(part);
    else {
      if (!endPiece()) return undefined;
      gaps.push(gap);
    }
  }
  if (!endPiece()) return undefined;
  const inner = texts.slice(1, -1);
  if (gaps.length === 0 || inner.some(({ length }) => length > INNER_TEXTS_MAX)) return undefined;
  return { first: byLength(texts[0]!), last: byLength(texts[gaps.length]!), inner, gaps };
}

function byLength(texts: readonly string[]): EdgeTexts {
  const lists = Map.groupBy(texts, ({ length }) => length);
  return [...lists].sort(([a], [b]) => a - b).map(([length, list]) => [length, new Set(list)]);
}

/** The earliest end of each piece leaves most to those behind it: no way back is needed. */
export function matchesPieces({ first, last, inner, gaps }: Pieces, text: string): boolean {
  let at = leastPrefix(first, text);
  if (at < 0) return false;
  for (let i = 0; i < inner.length; i++) {
    at = earliestEnd(inner[i]!, text, at + gaps[i]!);
    if (at < 0) return false;
  }
  const end = leastSuffix(last, text);
  return end >= 0 && at + gaps[gaps.length - 1]! <= text.length - end;
}

function leastPrefix(candidates: EdgeTexts, text: string): number {
  for (const [length, texts] of candidates) if (texts.has(text.slice(0, length))) return length;
  return -1;
}

function leastSuffix(candidates: EdgeTexts, text: string): number {
  for (const [length, texts] of candidates) {
    if (length <= text.length && texts.has(text.slice(text.length - length))) return length;
  }
  return -1;
}

function earliestEnd(candidates: readonly string[], text: string, from: number): number {
  let earliest = -1;
  if (from > text.length) return earliest;
  for (const candidate of candidates) {
    const found = text.indexOf(candidate, from);
    if (found < 0) continue;
    const end = found + candidate.length;
    if (earliest < 0 || end < earliest) earliest = end;
  }
  return earliest;
}

function gapOf(node: RegexNode): number | undefined {
  if (node.kind !== "repeat" || !isAny(node.body)) return undefined;
  const isGap = node.most === Number.POSITIVE_INFINITY && node.least <= 1;
  return isGap ? node.least : undefined;
}

function flattened(node: RegexNode): readonly RegexNode[] {
  return node.kind === "sequence" ? node.parts.flatMap(flattened) : [node];
}
