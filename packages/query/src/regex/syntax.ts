/**
 * The part of RE2's syntax for which there are ways quicker than an automaton. Laziness and the
 * groups' names are left out: they do not decide whether a whole text matches.
 */
export type RegexNode =
  | { readonly kind: "set"; readonly ranges: CodeRanges }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly branches: readonly RegexNode[] }
  | {
      readonly kind: "repeat";
      readonly body: RegexNode;
      readonly least: number;
      /** Infinity = no end. */
      readonly most: number;
    };

/** First and last code point of each range, in turn: rising, apart from each other. */
export type CodeRanges = readonly number[];

const LAST_CODE_POINT = 0x10ffff;
const ANY: CodeRanges = [0, LAST_CODE_POINT];

const DIGITS: CodeRanges = [0x30, 0x39];
const WORD: CodeRanges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const BLANKS: CodeRanges = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20];
const CLASS_ESCAPES: Readonly<Record<string, CodeRanges>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD,
  W: complement(WORD),
  s: BLANKS,
  S: complement(BLANKS),
};
const CONTROL_ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
};
const GROUP_OPENING = /^\((?:\?:|\?P?<\w+>|(?!\?))/;
const COUNT = /^\{(\d+)(,(\d*))?\}/;

/** Reads a pattern that RE2 accepts; undefined if it holds something else. Never throws. */
export function readSyntax(pattern: string): RegexNode | undefined {
  if (!pattern.isWellFormed()) return undefined;
  const reader = new SyntaxReader(pattern);
  const node = reader.choice();
  return reader.isDone ? node : undefined;
}

class SyntaxReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isDone(): boolean {
    return this.#at === this.#text.length;
  }

  choice(): RegexNode | undefined {
    const branches: RegexNode[] = [];
    do {
      const branch = this.#sequence();
      if (!branch) return undefined;
      branches.push(branch);
    } while (this.#take("|"));
    return branches.length === 1 ? branches[0] : { kind: "choice", branches };
  }

  #sequence(): RegexNode | undefined {
    const parts: RegexNode[] = [];
    // The whole text is matched, so that these ask nothing where the pattern begins and ends.
    if (this.#at === 0) while (this.#take("^"));
    while (!this.isDone && !this.#sees("|") && !this.#sees(")")) {
      const isEnd = this.#text.slice(this.#at) === "$";
      if (isEnd && this.#take("$")) break;
      const part = this.#repeated();
      if (!part) return undefined;
      parts.push(part);
    }
    // `^a|b$` would bind each sign to its own branch: harmless, as both hold for whole texts.
    return parts.length === 1 ? parts[0] : { kind: "sequence", parts };
  }

  #repeated(): RegexNode | undefined {
    const body = this.#atom();
    if (!body) return undefined;
    const bounds = this.#bounds();
    if (!bounds) return body;
    this.#take("?");
    // A second sign of repetition is refused by RE2 or means something else elsewhere.
    if (this.#bounds()) return undefined;
    return { kind: "repeat", body, ...bounds };
  }

  #bounds(): { least: number; most: number } | undefined {
    if (this.#take("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take("?")) return { least: 0, most: 1 };
    const count = COUNT.exec(this.#text.slice(this.#at, this.#at + 12));
    if (!count) return undefined;
    this.#at += count[0].length;
    const least = Number(count[1]);
    if (count[2] === undefined) return { least, most: least };
    return { least, most: count[3] ? Number(count[3]) : Number.POSITIVE_INFINITY };
  }

  #atom(): RegexNode | undefined {
    const sign = this.#text[this.#at];
    switch (sign) {
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case "\\":
        return this.#escape();
      case ".":
        this.#at++;
        return { kind: "set", ranges: ANY };
      case "*":
      case "+":
      case "?":
      case "{":
      case "^":
      case "$":
        return undefined;
      default:
        return this.#character();
    }
  }

  #group(): RegexNode | undefined {
    const opening = GROUP_OPENING.exec(this.#text.slice(this.#at, this.#at + 100));
    if (!opening) return undefined;
    this.#at += opening[0].length;
    const body = this.choice();
    return body && this.#take(")") ? body : undefined;
  }

  #escape(): RegexNode | undefined {
    const ranges = this.#escaped();
    return ranges && { kind: "set", ranges };
  }

  #escaped(): CodeRanges | undefined {
    const letter = this.#text[this.#at + 1];
    if (letter === undefined) return undefined;
    const ranges = CLASS_ESCAPES[letter];
    const character = CONTROL_ESCAPES[letter] ?? (/[!-/:-@[-`{-~]/.test(letter) ? letter : "");
    if (!ranges && character === "") return undefined;
    this.#at += 2;
    return ranges ?? [character.charCodeAt(0), character.charCodeAt(0)];
  }

  /** `[a-z_]`, `[^"\d]`; not `[[:alpha:]]`, `[\pL]`. */
  #class(): RegexNode | undefined {
    this.#at++;
    const isNegated = this.#take("^");
    const ranges: number[] = [];
    let isFirst = true;
    while (isFirst || !this.#sees("]")) {
      isFirst = false;
      const low = this.#classMember();
      if (!low) return undefined;
      const isRange = this.#sees("-") && this.#text[this.#at + 1] !== "]";
      if (!isRange) ranges.push(...low);
      else {
        this.#at++;
        const high = this.#classMember();
        if (!high || !isOne(low) || !isOne(high) || low[0]! > high[0]!) return undefined;
        ranges.push(low[0]!, high[0]!);
      }
    }
    this.#at++;
    const joined = normalized(ranges);
    return { kind: "set", ranges: isNegated ? complement(joined) : joined };
  }

  #classMember(): CodeRanges | undefined {
    if (this.isDone || this.#sees("[")) return undefined;
    if (this.#sees("\\")) return this.#escaped();
    const code = this.#text.codePointAt(this.#at)!;
    this.#at += code > 0xffff ? 2 : 1;
    return [code, code];
  }

  #character(): RegexNode | undefined {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return undefined;
    this.#at += code > 0xffff ? 2 : 1;
    return { kind: "set", ranges: [code, code] };
  }

  #sees(sign: string): boolean {
    return this.#text[this.#at] === sign;
  }

  #take(sign: string): boolean {
    if (!this.#sees(sign)) return false;
    this.#at++;
    return true;
  }
}

export function isOne(ranges: CodeRanges): boolean {
  return ranges.length === 2 && ranges[0] === ranges[1];
}

export function isAny(node: RegexNode): boolean {
  return node.kind === "set" && node.ranges[0] === 0 && node.ranges[1] === LAST_CODE_POINT;
}

export function overlap(a: CodeRanges, b: CodeRanges): boolean {
  for (let i = 0, k = 0; i < a.length && k < b.length; ) {
    if (a[i + 1]! < b[k]!) i += 2;
    else if (b[k + 1]! < a[i]!) k += 2;
    else return true;
  }
  return false;
}

function normalized(ranges: readonly number[]): CodeRanges {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const joined: number[] = [];
  for (const [low, high] of pairs) {
    const last = joined.length - 1;
    if (last > 0 && low <= joined[last]! + 1) joined[last] = Math.max(joined[last]!, high);
    else joined.push(low, high);
  }
  return joined;
}

function complement(ranges: CodeRanges): CodeRanges {
  const others: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > next) others.push(next, ranges[i]! - 1);
    next = ranges[i + 1]! + 1;
  }
  if (next <= LAST_CODE_POINT) others.push(next, LAST_CODE_POINT);
  return others;
}
