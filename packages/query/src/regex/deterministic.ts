import { type CodeRanges, overlap, type RegexNode } from "./syntax.ts";

/** Characters of a pattern with its bounded repetitions written out; larger ones are not examined. */
const POSITIONS_MAX = 128;

/**
 * The pattern for V8's engine, or undefined where that could be slow. V8 goes back and tries
 * again, so it is only given patterns of which each character of a text leaves one way to go on:
 * whatever else it tries fails at that character. Checked on the positions of the pattern
 * (Glushkov's automaton): of the positions that may follow one, no two share a character, and none
 * can be reached in two ways (as by nested repetitions); what may be empty is not repeated.
 */
export function nativeRegex(node: RegexNode): RegExp | undefined {
  const check = new DeterminismCheck();
  if (!check.examine(node) || !check.isDeterministic) return undefined;
  return new RegExp(`^(?:${sourceOf(node)})$`, "u");
}

/** What a part of the pattern may begin and end with. */
interface Ends {
  readonly isEmptyToo: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const EMPTY: Ends = { isEmptyToo: true, first: [], last: [] };

class DeterminismCheck {
  isDeterministic = true;
  readonly #sets: CodeRanges[] = [];
  readonly #followers: number[][] = [];

  examine(node: RegexNode): Ends | undefined {
    if (!this.isDeterministic || this.#sets.length > POSITIONS_MAX) return this.#refuse();
    switch (node.kind) {
      case "set":
        this.#followers.push([]);
        this.#sets.push(node.ranges);
        return {
          isEmptyToo: false,
          first: [this.#sets.length - 1],
          last: [this.#sets.length - 1],
        };
      case "sequence":
        return node.parts.reduce<Ends | undefined>(
          (left, part) => left && this.#joined(left, this.examine(part)),
          EMPTY,
        );
      case "choice":
        return this.#choice(node.branches);
      case "repeat":
        return this.#repeat(node.body, node.least, node.most);
    }
  }

  #joined(left: Ends, right: Ends | undefined): Ends | undefined {
    if (!right) return undefined;
    for (const position of left.last) this.#follow(position, right.first);
    const first = left.isEmptyToo ? [...left.first, ...right.first] : left.first;
    if (!this.#areApart(first)) return this.#refuse();
    return {
      isEmptyToo: left.isEmptyToo && right.isEmptyToo,
      first,
      last: right.isEmptyToo ? [...left.last, ...right.last] : right.last,
    };
  }

  #choice(branches: readonly RegexNode[]): Ends | undefined {
    const ends = branches.map((branch) => this.examine(branch));
    if (!ends.every((one) => one !== undefined)) return undefined;
    const first = ends.flatMap((one) => one.first);
    const emptyBranches = ends.filter((one) => one.isEmptyToo).length;
    if (emptyBranches > 1 || !this.#areApart(first)) return this.#refuse();
    return { isEmptyToo: emptyBranches === 1, first, last: ends.flatMap((one) => one.last) };
  }

  /** `x{2,4}` is examined as `xx(x(x)?)?`, `x{2,}` as `xxx*`. */
  #repeat(body: RegexNode, least: number, most: number): Ends | undefined {
    let ends: Ends | undefined = EMPTY;
    for (let i = 0; i < least && ends; i++) ends = this.#joined(ends, this.#full(body));
    if (!ends || most === least) return ends;
    return this.#joined(
      ends,
      most === Number.POSITIVE_INFINITY ? this.#loop(body) : this.#optional(body, most - least),
    );
  }

  #loop(body: RegexNode): Ends | undefined {
    const ends = this.#full(body);
    if (!ends) return undefined;
    for (const position of ends.last) this.#follow(position, ends.first);
    return { ...ends, isEmptyToo: true };
  }

  #optional(body: RegexNode, count: number): Ends | undefined {
    const ends = this.#full(body);
    if (!ends || count === 1) return ends && { ...ends, isEmptyToo: true };
    const rest = this.#optional(body, count - 1);
    const both = this.#joined(ends, rest);
    return both && { ...both, isEmptyToo: true };
  }

  /** What is repeated must not be empty: it could be repeated in many ways. */
  #full(body: RegexNode): Ends | undefined {
    const ends = this.examine(body);
    return ends?.isEmptyToo ? this.#refuse() : ends;
  }

  #follow(position: number, next: readonly number[]): void {
    const followers = this.#followers[position]!;
    followers.push(...next);
    if (!this.#areApart(followers)) this.isDeterministic = false;
  }

  #areApart(positions: readonly number[]): boolean {
    for (let i = 0; i < positions.length; i++) {
      for (let k = i + 1; k < positions.length; k++) {
        if (overlap(this.#sets[positions[i]!]!, this.#sets[positions[k]!]!)) return false;
      }
    }
    return true;
  }

  #refuse(): undefined {
    this.isDeterministic = false;
    return undefined;
  }
}

function sourceOf(node: RegexNode): string {
  switch (node.kind) {
    case "set":
      return setSource(node.ranges);
    case "sequence":
      return node.parts.map(sourceOf).join("");
    case "choice":
      return `(?:${node.branches.map(sourceOf).join("|")})`;
    case "repeat": {
      const { body, least, most } = node;
      const end = most === Number.POSITIVE_INFINITY ? "" : most;
      return `(?:${sourceOf(body)}){${least},${end}}`;
    }
  }
}

function setSource(ranges: CodeRanges): string {
  const texts: string[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    texts.push(`\\u{${ranges[i]!.toString(16)}}-\\u{${ranges[i + 1]!.toString(16)}}`);
  }
  return `[${texts.join("")}]`;
}
