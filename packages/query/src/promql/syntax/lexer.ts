import { parseDurationMs } from "@hms-ops/model";
import { durationProblem, readNumber, scanNumber, secondsOfMs } from "./numbers.ts";
import { quote, readQuoted } from "./quoted.ts";

export type TokenKind = "identifier" | "number" | "string" | "symbol" | "end" | "bad";

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string its decoded value is in `string`. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Of a number; of a duration in seconds. */
  readonly value?: number;
  /** A number that was written with units, `5m`. */
  readonly isDuration?: boolean;
  readonly string?: string;
  /** A word in braces, where none is a keyword. */
  readonly isLabel?: boolean;
  /** Of a bad token, and of a number that cannot be read: what is wrong with it. */
  readonly problem?: string;
}

const SPACE = /(?:[ \t\n\r]|#[^\n\r]*)*/y;
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** What may stand behind a number to make it a length of time. */
const UNITS = /[smhdwy]s?(?:\d+[smhdw]s?)*(?![a-zA-Z0-9_])/y;
/** How far Prometheus looks for a unit behind a number before it gives up. */
const UNITS_TAIL = /[smhdwy]s?(?:\d+[smhdw]s?)*(?:\d+|[^\d])?/y;
/** What 64 bits of nanoseconds can say. */
const LONGEST_MS = 2 ** 63 / 1_000_000;
const SYMBOL = /==|!=|<=|>=|<\/|>\/|[-+*/%^=<>(){[\],@]/y;
const BRACE_SYMBOL = /=~|!~|!=|[=,}]/y;
const BRACKET_SYMBOL = /[-+*/%^(),\]:]/y;
/** What may stand in brackets besides numbers. */
const DURATION_WORDS: ReadonlySet<string> = new Set([
  "step",
  "range",
  "min",
  "max",
  "min_of",
  "max_of",
]);

/** Where the lexer stands: braces and brackets have words and signs of their own. */
interface Place {
  parens: number;
  inBraces: boolean;
  inBrackets: boolean;
  colons: number;
  /** Whether the brackets have a number before this place. */
  hasNumber: boolean;
}

/** Cuts a text into tokens; what is none becomes a `bad` token, and the last one is `end`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const place: Place = {
    parens: 0,
    inBraces: false,
    inBrackets: false,
    colons: 0,
    hasNumber: false,
  };
  let at = skip(SPACE, text, 0);
  while (at < text.length) {
    const token = place.inBraces
      ? readInBraces(text, at)
      : place.inBrackets
        ? readInBrackets(text, at, place)
        : readPlain(text, at);
    if (token.kind === "number") place.hasNumber = true;
    const wrong = token.kind === "symbol" ? follow(place, token) : undefined;
    tokens.push(wrong ?? token);
    if (token.kind === "bad" || wrong) return tokens;
    at = skip(SPACE, text, token.to);
  }
  tokens.push(ending(text, place));
  return tokens;
}

function ending(text: string, place: Place): Token {
  const end = text.length;
  const open = place.inBraces
    ? "unexpected end of input inside braces"
    : place.inBrackets && !place.hasNumber
      ? "unexpected end of input in duration expression"
      : place.parens > 0
        ? "unclosed left parenthesis"
        : place.inBrackets
          ? "unclosed left bracket"
          : undefined;
  return open ? bad(text, end, end, open) : { kind: "end", text: "", from: end, to: end };
}

/** Keeps count of what is open; a closing sign too many is a bad token. */
function follow(place: Place, { text, to }: Token): Token | undefined {
  if (text === "(") place.parens++;
  else if (text === ")") {
    place.parens--;
    const problem = "unexpected right parenthesis ')'";
    if (place.parens < 0) return { kind: "bad", text, from: to, to, problem };
  } else if (text === "{") place.inBraces = true;
  else if (text === "}") place.inBraces = false;
  else if (text === "[") {
    place.inBrackets = true;
    place.colons = 0;
    place.hasNumber = false;
  } else if (text === "]") place.inBrackets = false;
  else if (text === ":") place.colons++;
  return undefined;
}

function readPlain(text: string, from: number): Token {
  const first = text[from] ?? "";
  if (first === '"' || first === "'" || first === "`") return readString(text, from);
  if (isNumberStart(text, from)) return readNumberOrDuration(text, from);
  const nameEnd = skip(NAME, text, from);
  if (nameEnd > from) return token("identifier", text, from, nameEnd);
  const symbolEnd = skip(SYMBOL, text, from);
  const after = text[from + 1];
  if (first === "=" && after === "~") {
    return bad(text, from, from + 2, "unexpected character after '=': '~'");
  }
  if (first === "!" && after !== "=") {
    return bad(text, from, from + 1, `unexpected character after '!': ${quoteAt(text, from + 1)}`);
  }
  if (first === "]") return bad(text, from, from + 1, "unexpected right bracket ']'");
  if (symbolEnd > from) return token("symbol", text, from, symbolEnd);
  return bad(text, from, from + 1, `unexpected character: ${quoteAt(text, from)}`);
}

/** Keywords and numbers are unknown here. */
function readInBraces(text: string, from: number): Token {
  const first = text[from] ?? "";
  if (first === '"' || first === "'" || first === "`") return readString(text, from);
  const nameEnd = skip(LABEL, text, from);
  if (nameEnd > from) return { ...token("identifier", text, from, nameEnd), isLabel: true };
  const symbolEnd = skip(BRACE_SYMBOL, text, from);
  if (symbolEnd > from) return token("symbol", text, from, symbolEnd);
  if (first === "!") {
    const after = quoteAt(text, from + 1);
    return bad(text, from, from + 1, `unexpected character after '!' inside braces: ${after}`);
  }
  if (first === "{") return bad(text, from, from + 1, "unexpected left brace '{'");
  return bad(text, from, from + 1, `unexpected character inside braces: ${quoteAt(text, from)}`);
}

function readInBrackets(text: string, from: number, { colons, hasNumber }: Place): Token {
  if (isNumberStart(text, from)) return readNumberOrDuration(text, from);
  const symbolEnd = skip(BRACKET_SYMBOL, text, from);
  if (text[from] === ":" && colons > 0) {
    return bad(text, from, from + 1, "unexpected colon ':'");
  }
  if (symbolEnd > from) return token("symbol", text, from, symbolEnd);
  const nameEnd = skip(LABEL, text, from);
  const word = text.slice(from, nameEnd);
  if (DURATION_WORDS.has(word.toLowerCase())) return token("identifier", text, from, nameEnd);
  const to = Math.max(nameEnd, from + 1);
  if (!hasNumber) {
    const problem = `unexpected character in duration expression: ${quoteAt(text, from)}`;
    return bad(text, from, to, problem);
  }
  if (text[from] === "[") return bad(text, from, to, "unexpected left bracket '['");
  if (nameEnd === from) return readPlain(text, from);
  return bad(text, from, to, `unexpected character: ${quoteAt(text, from)}, expected ':'`);
}

function isNumberStart(text: string, at: number): boolean {
  const first = text[at] ?? "";
  return isDigit(first) || (first === "." && isDigit(text[at + 1] ?? ""));
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

function readNumberOrDuration(text: string, from: number): Token {
  const { to, isNumber } = scanNumber(text, from);
  if (isNumber) {
    const written = text.slice(from, to);
    const value = readNumber(written);
    if (typeof value === "number") return { ...token("number", text, from, to), value };
    const reason = `strconv.ParseFloat: parsing ${quote(written)}: ${value}`;
    const problem = `error parsing number: ${reason}`;
    return { ...token("number", text, from, to), value: 0, problem };
  }
  const unitsEnd = skip(UNITS, text, to);
  if (unitsEnd === to) {
    const seen = quote(text.slice(from, skip(UNITS_TAIL, text, to)));
    return bad(text, from, to, `bad number or duration syntax: ${seen}`);
  }
  const duration = { ...token("number", text, from, unitsEnd), isDuration: true };
  const ms = parseDurationMs(duration.text);
  if (ms !== undefined && ms <= LONGEST_MS) return { ...duration, value: secondsOfMs(ms) };
  return { ...duration, value: 0, problem: durationProblem(duration.text) };
}

function readString(text: string, from: number): Token {
  const { to, value, problem } = readQuoted(text, from);
  if (problem !== undefined) return bad(text, from, to, problem);
  return { ...token("string", text, from, to), string: value };
}

function token(kind: TokenKind, text: string, from: number, to: number): Token {
  return { kind, text: text.slice(from, to), from, to };
}

function bad(text: string, from: number, to: number, problem: string): Token {
  return { kind: "bad", text: text.slice(from, to), from, to: Math.min(to, text.length), problem };
}

/** The character at a place as Go's `%q` shows one. */
function quoteAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  if (point === undefined) return "'\ufffd'";
  const character = String.fromCodePoint(point);
  if (character === "'" || character === "\\") return `'\\${character}'`;
  return `'${quote(character).slice(1, -1).replaceAll('\\"', '"')}'`;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
