import type { Diagnostic } from "@hms-ops/model";
import { MOST_NESTING, MOST_OPERANDS } from "../../limits.ts";
import { type Token, tokenize } from "./lexer.ts";

/** Ends the parse; caught at the door, never seen outside. */
export class ParseFailure extends Error {
  readonly diagnostic: Diagnostic;

  constructor(from: number, to: number, message: string, suggestion?: string) {
    super(message);
    const problem = { severity: "error", message, from, to, code: "OPS-1201" } as const;
    this.diagnostic = suggestion ? { ...problem, suggestion } : problem;
  }
}

/** Reads tokens one after the other; every `expect` that fails ends the parse with a reason. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #operators = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
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

  expectSymbol(text: string, context: string): Token {
    if (!this.isSymbol(text)) this.unexpected(context, `"${text}"`);
    return this.read();
  }

  unexpected(context: string, expected: string): never {
    const token = this.peek();
    if (token.kind === "bad") throw new ParseFailure(token.from, token.to, token.problem ?? "");
    const what = describe(token);
    const wanted = expected ? `, expected ${expected}` : "";
    throw new ParseFailure(token.from, token.to, `unexpected ${what} in ${context}${wanted}`);
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

function describe(token: Token): string {
  if (token.kind === "end") return "end of input";
  if (token.kind === "string") return `string ${token.text}`;
  if (token.kind === "number") return `number ${JSON.stringify(token.text)}`;
  if (token.kind === "identifier") return `identifier ${JSON.stringify(token.text)}`;
  return JSON.stringify(token.text);
}
