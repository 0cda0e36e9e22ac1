import { literalsOf } from "./literals.ts";
import { isAny, type RegexNode } from "./syntax.ts";

/** Lists of texts with gaps between them: `(a|b).*c`, `.*x.+`. */
export interface Pieces {
  /** One more than gaps; the first stands at the text's begin, the last at its end. */
  readonly texts: readonly (readonly string[])[];
  /** Least length of each gap, 0 or 1. */
  readonly gaps: readonly number[];
}

/** Texts of one piece; each costs a search. */
const TEXTS_MAX = 32;

export function piecesOf(node: RegexNode): Pieces | undefined {
  const texts: (readonly string[])[] = [];
  const gaps: number[] = [];
  let parts: RegexNode[] = [];
  const endPiece = (): boolean => {
    const found = literalsOf({ kind: "sequence", parts });
    if (!found || found.length > TEXTS_MAX) return false;
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
  return endPiece() ? { texts, gaps } : undefined;
}

/** The earliest end of each piece leaves most to those behind it: no way back is needed. */
export function matchesPieces({ texts, gaps }: Pieces, text: string): boolean {
  let at = leastPrefix(texts[0]!, text);
  if (at < 0) return false;
  for (let i = 1; i < gaps.length; i++) {
    at = earliestEnd(texts[i]!, text, at + gaps[i - 1]!);
    if (at < 0) return false;
  }
  const last = leastSuffix(texts[gaps.length]!, text);
  return last >= 0 && at + gaps[gaps.length - 1]! <= text.length - last;
}

function leastPrefix(candidates: readonly string[], text: string): number {
  let least = -1;
  for (const candidate of candidates) {
    if ((least < 0 || candidate.length < least) && text.startsWith(candidate)) {
      least = candidate.length;
    }
  }
  return least;
}

function leastSuffix(candidates: readonly string[], text: string): number {
  let least = -1;
  for (const candidate of candidates) {
    if ((least < 0 || candidate.length < least) && text.endsWith(candidate)) {
      least = candidate.length;
    }
  }
  return least;
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
