import type { Diagnostic } from "@hms-ops/model";
import { MOST_NESTING, MOST_OPERANDS } from "../../limits.ts";
import { isAggregationWord, isKeyword, isOperatorWord } from "./keywords.ts";
import { type Token, tokenize } from "./lexer.ts";
import { quote } from "./quoted.ts";

/** Ends the parse; caught at the door, never seen outside. */
export class ParseFailure extends Error {
  readonly diagnostic: Diagnostic;

  constructor(from: number, to: number, message: string, suggestion?: string) {
    super(message);
    this.diagnostic = parseProblem(from, to, message, suggestion);
  }
}

function parseProblem(from: number, to: number, message: string, suggestion?: string): Diagnostic {
  const problem = { severity: "error", message, from, to, code: "OPS-1201" } as const;
  return suggestion ? { ...problem, suggestion } : problem;
}

/** What is being read, as Prometheus names it in "unexpected … in …, expected …". */
interface Context {
  readonly name: string;
  readonly expected: string;
}

/** Reads tokens one after the other; every `expect` that fails ends the parse with a reason. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #problems: Diagnostic[] = [];
  readonly #contexts: Context[] = [];
  #next = 0;
  #depth = 0;
  #operators = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** What was wrong though the text could be read on. */
  get problems(): readonly Diagnostic[] {
    return this.#problems;
  }

  /** Tells a fault that does not end the parse. */
  report(from: number, to: number, message: string, suggestion?: string): void {
    this.#problems.push(parseProblem(from, to, message, suggestion));
  }

  peek(ahead = 0): Token {
    const last = this.#tokens[this.#tokens.length - 1];
    const token = this.#tokens[this.#next + ahead] ?? last;
    if (token === undefined) throw new ParseFailure(0, 0, "no expression found in input");
    return token;
  }

  /** End of the token that was read last. */
  get previousEnd(): number {
    return this.#tokens[this.#next - 1]?.to ?? 0;
  }

  read(): Token {
    const token = this.peek();
    if (token.kind === "bad") throw new ParseFailure(token.from, token.to, token.problem ?? "");
    // Where none may stand, a number is told as unexpected, whatever else is wrong with it.
    if (token.problem !== undefined) this.report(token.from, token.to, token.problem);
    if (token.kind !== "end") this.#next++;
    return token;
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === text;
  }

  /** Keywords are read in any case. */
  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "identifier" && token.text.toLowerCase() === word;
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.#next++;
    return true;
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#next++;
    return true;
  }

  expectSymbol(text: string): Token {
    if (!this.isSymbol(text)) this.unexpected(`expected "${text}"`);
    return this.read();
  }

  /** While it reads, faults are told of this construct; the innermost one counts. */
  within<T>(name: string, expected: string, read: () => T): T {
    this.#contexts.push({ name, expected });
    const result = read();
    this.#contexts.pop();
    return result;
  }

  /** `suggestion`: what the reader may write instead, where Prometheus' own words don't say. */
  unexpected(suggestion?: string): never {
    const token = this.peek();
    if (token.kind === "bad") throw new ParseFailure(token.from, token.to, token.problem ?? "");
    const { name = "", expected = "" } = this.#contexts[this.#contexts.length - 1] ?? {};
    const where = name ? ` in ${name}` : "";
    const wanted = expected ? `, expected ${expected}` : "";
    const message = `unexpected ${describe(token)}${where}${wanted}`;
    throw new ParseFailure(token.from, token.to, message, expected ? undefined : suggestion);
  }

  /**
   * Counts an operator that makes the tree one deeper without nesting the text (`a + b + …`,
   * `x[1m:][1m:]…`). Of the whole expression, so that nesting and chains together stay bounded.
   */
  countOperator({ from, to }: Token): void {
    if (++this.#operators <= MOST_OPERANDS) return;
    throw new ParseFailure(from, to, `expression has more than ${MOST_OPERANDS} operators`);
  }

  /** Runs one level deeper; past the bound the parse ends with a reason instead of the stack. */
  nested<T>(read: () => T): T {
    if (this.#depth >= MOST_NESTING) {
      const { from, to } = this.peek();
      throw new ParseFailure(from, to, `expression is nested more than ${MOST_NESTING} deep`);
    }
    this.#depth++;
    const result = read();
    this.#depth--;
    return result;
  }
}

const LONGEST_SHOWN = 10;

function describe({ kind, text, isDuration, isLabel }: Token): string {
  if (kind === "end") return "end of input";
  if (kind === "symbol") return isOperatorSign(text) ? `<op:${text}>` : quote(text);
  if (kind === "identifier") return isLabel ? `identifier ${quote(text)}` : describeWord(text);
  const characters = [...text];
  const shown =
    new TextEncoder().encode(text).length > LONGEST_SHOWN
      ? `${quote(characters.slice(0, LONGEST_SHOWN).join(""))}...`
      : quote(text);
  return `${isDuration ? "duration" : kind} ${shown}`;
}

function describeWord(text: string): string {
  const word = text.toLowerCase();
  if (word === "inf" || word === "nan") return `number ${quote(text)}`;
  if (isOperatorWord(word)) return `<op:${text}>`;
  if (isAggregationWord(word)) return `<aggr:${text}>`;
  if (isKeyword(word)) return `<${text}>`;
  if (word === "start" || word === "end" || word === "step" || word === "range") return quote(text);
  return `${text.includes(":") ? "metric identifier" : "identifier"} ${quote(text)}`;
}

/** Signs that Prometheus counts among the operators; `=` and brackets are not. */
function isOperatorSign(text: string): boolean {
  return /^(?:[-+*/%^<>@]|==|!=|<=|>=|=~|!~|<\/|>\/)$/.test(text);
}
