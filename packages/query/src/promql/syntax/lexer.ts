import { parseDurationMs } from "@hms-ops/model";

export type TokenKind = "identifier" | "number" | "string" | "symbol" | "end" | "bad";

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string its decoded value is in `string`. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Of a number; of a duration in seconds. */
  readonly value?: number;
  readonly string?: string;
  /** Of a bad token: what is wrong with it. */
  readonly problem?: string;
}

const SPACE = /(?:\s|#[^\n]*)*/y;
const IDENTIFIER = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?/y;
const DURATION = /(?:\d+(?:ms|[ywdhms]))+(?![a-zA-Z0-9_])/y;
const SYMBOL = /==|!=|=~|!~|<=|>=|[-+*/%^=<>(){}[\],:@]/y;
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

/** Cuts a text into tokens; what is none becomes a `bad` token, and the last one is `end`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skip(SPACE, text, 0);
  let brackets = 0;
  while (at < text.length) {
    const token = readToken(text, at, brackets > 0);
    tokens.push(token);
    if (token.text === "[" && token.kind === "symbol") brackets++;
    if (token.text === "]" && token.kind === "symbol") brackets--;
    if (token.kind === "bad") break;
    at = skip(SPACE, text, token.to);
  }
  tokens.push({ kind: "end", text: "", from: text.length, to: text.length });
  return tokens;
}

function readToken(text: string, from: number, inBrackets: boolean): Token {
  const first = text[from] ?? "";
  if (first === '"' || first === "'" || first === "`") return readString(text, from, first);
  if (/[0-9.]/.test(first)) return readNumber(text, from);
  const identifierEnd = skip(IDENTIFIER, text, from);
  // In brackets a colon is the step sign of a sub-query, elsewhere it may begin a name.
  if (identifierEnd > from && !(inBrackets && first === ":")) {
    return { kind: "identifier", text: text.slice(from, identifierEnd), from, to: identifierEnd };
  }
  const symbolEnd = skip(SYMBOL, text, from);
  if (symbolEnd > from) {
    return { kind: "symbol", text: text.slice(from, symbolEnd), from, to: symbolEnd };
  }
  const character = String.fromCodePoint(text.codePointAt(from) ?? 0);
  const problem = `unexpected character: ${JSON.stringify(character).replaceAll('"', "'")}`;
  return { kind: "bad", text: character, from, to: from + character.length, problem };
}

function readNumber(text: string, from: number): Token {
  const durationEnd = skip(DURATION, text, from);
  if (durationEnd > from) {
    const duration = text.slice(from, durationEnd);
    const ms = parseDurationMs(duration);
    if (ms === undefined)
      return bad(text, from, durationEnd, `not a valid duration string: "${duration}"`);
    return { kind: "number", text: duration, from, to: durationEnd, value: ms / 1000 };
  }
  const to = skip(NUMBER, text, from);
  const tail = /^[a-zA-Z0-9_.]+/.exec(text.slice(to))?.[0];
  if (to === from || tail) {
    const end = to + (tail?.length ?? 1);
    return bad(text, from, end, `bad number or duration syntax: "${text.slice(from, end)}"`);
  }
  const written = text.slice(from, to);
  return { kind: "number", text: written, from, to, value: numberValue(written) };
}

/** As Go reads it: an integer with a leading zero is octal if it can be. */
function numberValue(written: string): number {
  const digits = written.replaceAll("_", "");
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  return Number(digits);
}

function readString(text: string, from: number, quote: string): Token {
  let value = "";
  let at = from + 1;
  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === quote) {
      return { kind: "string", text: text.slice(from, at + 1), from, to: at + 1, string: value };
    }
    if (character === "\n" && quote !== "`") break;
    if (character === "\\" && quote !== "`") {
      const decoded = readEscape(text, at, quote);
      if (decoded === undefined) {
        return bad(text, at, at + 2, `unknown escape sequence ${text.slice(at, at + 2)}`);
      }
      value += decoded.value;
      at = decoded.to;
    } else {
      value += character;
      at++;
    }
  }
  return bad(text, from, text.length, "unterminated quoted string");
}

function readEscape(
  text: string,
  at: number,
  quote: string,
): { value: string; to: number } | undefined {
  const letter = text[at + 1] ?? "";
  const plain = letter === quote ? quote : ESCAPES[letter];
  if (plain !== undefined) return { value: plain, to: at + 2 };
  const code = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(
    text.slice(at, at + 10),
  );
  if (!code) return undefined;
  const [whole, hex, four, eight, octal] = code;
  const point = octal ? Number.parseInt(octal, 8) : Number.parseInt(hex ?? four ?? eight ?? "", 16);
  if (point > 0x10ffff) return undefined;
  return { value: String.fromCodePoint(point), to: at + whole.length };
}

function bad(text: string, from: number, to: number, problem: string): Token {
  return { kind: "bad", text: text.slice(from, to), from, to: Math.min(to, text.length), problem };
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
