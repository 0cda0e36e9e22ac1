/** A quoted text as it is read; `problem` says why it is none. */
interface Quoted {
  readonly value: string;
  /** Behind the closing quote. */
  readonly to: number;
  readonly problem?: string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};
/** How many digits follow the letter of a numeric escape, and in which base. */
const NUMERIC: Readonly<Record<string, readonly [digits: number, base: 16]>> = {
  x: [2, 16],
  u: [4, 16],
  U: [8, 16],
};

/** What bytes that are no UTF-8 were read as; Prometheus takes it for such bytes, too. */
const REPLACEMENT = "\ufffd";
const NO_UTF8 = "invalid UTF-8 rune";

/**
 * Reads a text in "…", '…' or `…` whose first quote is at `from`. Escapes are Go's: `\n`, the own
 * quote, `\x41`, `\101`, `\u00e9`, `\U0001F600`; between back-quotes nothing is escaped.
 */
export function readQuoted(text: string, from: number): Quoted {
  const quote = text[from] ?? "";
  if (quote === "`") {
    const end = text.indexOf("`", from + 1);
    const replaced = text.indexOf(REPLACEMENT, from + 1);
    if (replaced >= 0 && (end < 0 || replaced < end)) {
      return { value: "", to: text.length, problem: NO_UTF8 };
    }
    if (end < 0) return { value: "", to: text.length, problem: "unterminated raw string" };
    return { value: text.slice(from + 1, end), to: end + 1 };
  }
  const bytes = new Bytes();
  let at = from + 1;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === quote) return { value: bytes.finish(), to: at + 1 };
    if (character === "\n") break;
    if (character === REPLACEMENT) return { value: "", to: text.length, problem: NO_UTF8 };
    if (character !== "\\") {
      bytes.addText(character);
      at++;
      continue;
    }
    const escaped = readEscape(text, at, quote);
    if ("problem" in escaped) return { value: "", to: at + 2, problem: escaped.problem };
    if (escaped.isByte) bytes.addByte(escaped.point);
    else bytes.addText(String.fromCodePoint(escaped.point));
    at = escaped.to;
  }
  return { value: "", to: text.length, problem: "unterminated quoted string" };
}

type Escape =
  | { readonly point: number; readonly isByte: boolean; readonly to: number }
  | { readonly problem: string };

function readEscape(text: string, at: number, quote: string): Escape {
  const letter = text[at + 1];
  if (letter === undefined) return { problem: "escape sequence not terminated" };
  const plain = letter === quote ? quote : ESCAPES[letter];
  if (plain !== undefined) {
    return { point: plain.codePointAt(0) ?? 0, isByte: false, to: at + 2 };
  }
  const isOctal = letter >= "0" && letter <= "7";
  const [count, base] = isOctal ? [3, 8] : (NUMERIC[letter] ?? [0, 16]);
  if (count === 0) return { problem: `unknown escape sequence ${unicodeName(text, at + 1)}` };
  const first = isOctal ? at + 1 : at + 2;
  let point = 0;
  for (let i = first; i < first + count; i++) {
    const digit = Number.parseInt(text[i] ?? "", base);
    if (Number.isNaN(digit)) {
      if (text[i] === undefined) return { problem: "escape sequence not terminated" };
      return { problem: `illegal character ${unicodeName(text, i)} in escape sequence` };
    }
    point = point * base + digit;
  }
  const isByte = isOctal || letter === "x";
  if (point > (isByte ? 0xff : 0x10ffff) || (point >= 0xd800 && point < 0xe000)) {
    return { problem: "escape sequence is an invalid Unicode code point" };
  }
  return { point, isByte, to: first + count };
}

const VISIBLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** `U+0071 'q'`; `U+200B`, which would not be seen. */
function unicodeName(text: string, at: number): string {
  const point = text.codePointAt(at) ?? 0;
  const code = point.toString(16).toUpperCase().padStart(4, "0");
  const character = String.fromCodePoint(point);
  return VISIBLE.test(character) ? `U+${code} '${character}'` : `U+${code}`;
}

/** Bytes that are written one by one are UTF-8 together: `\xc3\xa9` is é. */
class Bytes {
  #text = "";
  #pending: number[] = [];

  addText(text: string): void {
    if (this.#pending.length > 0) this.#flush();
    this.#text += text;
  }

  addByte(byte: number): void {
    this.#pending.push(byte);
  }

  finish(): string {
    this.#flush();
    return this.#text;
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#text += new TextDecoder().decode(Uint8Array.from(this.#pending));
    this.#pending = [];
  }
}

/** A text in double quotes as Go's `%q` writes it, which is read back as the same text. */
export function quote(text: string): string {
  return `"${text.toWellFormed().replace(ESCAPED, escapeOf)}"`;
}

/** Quotes, backslashes, what would not be seen, and what would not be read back. */
const ESCAPED = /["\\\ufffd]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const LETTERS = new Map(Object.entries(ESCAPES).map(([letter, character]) => [character, letter]));

function escapeOf(character: string): string {
  const letter = character === '"' ? character : LETTERS.get(character);
  if (letter !== undefined) return `\\${letter}`;
  const point = character.codePointAt(0) ?? 0;
  const digits = point.toString(16);
  if (point < 0x80) return `\\x${digits.padStart(2, "0")}`;
  return point <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
