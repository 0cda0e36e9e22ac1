import { MAX_TEMPLATE_DEPTH } from "../../limits.ts";
import { FUNCTION_NAMES } from "./functions.ts";
import { readTokens, type Token } from "./tokens.ts";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipe: Pipe }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  /** Of a range: its end, or its next round. */
  | { readonly kind: "break" }
  | { readonly kind: "continue" }
  /** Runs what was defined under the name, with the value as its dot. */
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined };

/** `$x := a | b c`: each command gets the value of the one before it as its last argument. */
export interface Pipe {
  readonly variables: readonly string[];
  /** `:=` makes variables, `=` changes them. */
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | boolean | undefined }
  | { readonly kind: "dot" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe }
  | { readonly kind: "field"; readonly of: Operand; readonly name: string };

export interface ParsedTemplate {
  readonly nodes: readonly Node[];
  /** `{{define "name"}}`, by name. */
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
  /** What is wrong with the text; undefined = nothing. */
  readonly problem: string | undefined;
}

interface Action {
  readonly text?: string;
  readonly tokens?: readonly Token[];
}

/** The part of Go's text/template that rules are written in. Never throws. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts = splitActions(text);
  if (typeof parts === "string") return { ...NOTHING, problem: parts };
  const parser = new Parser(parts);
  try {
    const nodes = parser.body();
    return { nodes, definitions: parser.definitions, problem: undefined };
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return { ...NOTHING, problem: error.message };
    throw error;
  }
}

const NOTHING = { nodes: [], definitions: new Map<string, readonly Node[]>() };

/** Leaves the parser's recursion; never leaves this file. */
class TemplateSyntaxError extends Error {}

function splitActions(text: string): readonly Action[] | string {
  const parts: Action[] = [];
  let at = 0;
  let trimNext = false;
  const pushText = (piece: string) => {
    const shown = trimNext ? piece.trimStart() : piece;
    if (shown !== "") parts.push({ text: shown });
  };
  for (;;) {
    const open = text.indexOf("{{", at);
    if (open < 0) break;
    const close = endOfAction(text, open + 2);
    if (close < 0) return "unclosed action: {{ without }}";
    let inside = text.slice(open + 2, close);
    const trimsBefore = /^-\s/.test(inside);
    const before = text.slice(at, open);
    pushText(trimsBefore ? before.trimEnd() : before);
    trimNext = /\s-$/.test(inside);
    if (trimsBefore) inside = inside.slice(1);
    if (trimNext) inside = inside.slice(0, -1);
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(inside)) {
      const tokens = readTokens(inside);
      if (typeof tokens === "string") return tokens;
      parts.push({ tokens });
    }
    at = close + 2;
  }
  pushText(text.slice(at));
  return parts;
}

/** Where the action's `}}` is, strings and comments jumped over; −1 = nowhere. */
function endOfAction(text: string, from: number): number {
  let quote = "";
  for (let i = from; i < text.length; i++) {
    const character = text[i] ?? "";
    if (quote !== "") {
      if (character === "\\" && quote === '"') i++;
      else if (character === quote) quote = "";
    } else if (character === '"' || character === "`") quote = character;
    else if (text.startsWith("/*", i)) {
      const end = text.indexOf("*/", i);
      if (end < 0) return -1;
      i = end + 1;
    } else if (text.startsWith("}}", i)) return i;
  }
  return -1;
}

class Parser {
  readonly definitions = new Map<string, readonly Node[]>();
  readonly #parts: readonly Action[];
  #at = 0;
  #depth = 0;
  #rangeDepth = 0;
  /** Variables that may be named; "" is `$`. */
  #variables = ["", "labels", "value", "externalLabels", "externalURL"];

  constructor(parts: readonly Action[]) {
    this.#parts = parts;
  }

  body(): readonly Node[] {
    const { nodes, stop } = this.#nodes();
    if (stop !== undefined) throw new TemplateSyntaxError(`unexpected {{${stop}}}`);
    return nodes;
  }

  /** Nodes up to the end or to an `end`/`else`, whose words are handed back. */
  #nodes(): { readonly nodes: readonly Node[]; readonly stop?: string; readonly rest?: Words } {
    const nodes: Node[] = [];
    for (let part = this.#parts[this.#at++]; part; part = this.#parts[this.#at++]) {
      if (part.text !== undefined) {
        nodes.push({ kind: "text", text: part.text });
        continue;
      }
      const words = new Words(part.tokens ?? [], this.#variables);
      const first = words.peek();
      const word = first?.kind === "word" ? first.text : "";
      if (word === "end" || word === "else") {
        words.next();
        return { nodes, stop: word, rest: words };
      }
      if (word === "if" || word === "with" || word === "range") {
        words.next();
        nodes.push(this.#block(word, words));
      } else if (word === "define") this.#define(words);
      else if (word === "template") nodes.push(this.#template(words));
      else if (word === "block") {
        const call = this.#template(words);
        this.#body(call.name);
        nodes.push(call);
      } else if (word === "break" || word === "continue") {
        if (this.#rangeDepth === 0) throw new TemplateSyntaxError(`{{${word}}} outside {{range}}`);
        nodes.push({ kind: word });
      } else if (first) nodes.push({ kind: "print", pipe: words.wholePipe() });
      else throw new TemplateSyntaxError("missing value for command");
    }
    return { nodes };
  }

  #define(words: Words): void {
    words.next();
    if (this.#depth > 0) throw new TemplateSyntaxError("unexpected {{define}}");
    this.#body(words.name());
  }

  #template(words: Words): Extract<Node, { kind: "template" }> {
    words.next();
    const name = words.name();
    return { kind: "template", name, pipe: words.peek() ? words.wholePipe() : undefined };
  }

  /** What stands between a definition and its end; it sees no variables but its own. */
  #body(name: string): void {
    if (++this.#depth > MAX_TEMPLATE_DEPTH) throw new TemplateSyntaxError("nested too deeply");
    const [outer, rangeDepth] = [this.#variables, this.#rangeDepth];
    this.#variables = [""];
    this.#rangeDepth = 0;
    const { nodes, stop } = this.#nodes();
    if (stop !== "end") throw new TemplateSyntaxError(`{{define "${name}"}} without {{end}}`);
    this.definitions.set(name, nodes);
    this.#variables = outer;
    this.#rangeDepth = rangeDepth;
    this.#depth--;
  }

  #block(kind: "if" | "with" | "range", words: Words): Node {
    if (++this.#depth > MAX_TEMPLATE_DEPTH) throw new TemplateSyntaxError("nested too deeply");
    const known = this.#variables.length;
    const pipe = words.wholePipe();
    if (kind === "range") this.#rangeDepth++;
    const { nodes: body, stop, rest } = this.#nodes();
    if (kind === "range") this.#rangeDepth--;
    let otherwise: readonly Node[] = [];
    if (stop === "else" && rest) {
      const next = rest.peek();
      if (next === undefined) {
        const tail = this.#nodes();
        if (tail.stop !== "end") throw new TemplateSyntaxError(`{{${kind}}} without {{end}}`);
        otherwise = tail.nodes;
      } else if (next.kind === "word" && (next.text === "if" || next.text === "with")) {
        rest.next();
        otherwise = [this.#block(next.text, rest)];
      } else throw new TemplateSyntaxError("unexpected words after {{else");
    } else if (stop !== "end") throw new TemplateSyntaxError(`{{${kind}}} without {{end}}`);
    this.#depth--;
    this.#variables.length = known;
    return { kind, pipe, body, otherwise };
  }
}

/** The tokens of one action, read from left to right. */
class Words {
  readonly #tokens: readonly Token[];
  /** Known so far; grows by what the action declares. */
  readonly #variables: string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], variables: string[]) {
    this.#tokens = tokens;
    this.#variables = variables;
  }

  /** The name of a definition. */
  name(): string {
    const token = this.next();
    if (token?.kind === "string") return token.text;
    throw new TemplateSyntaxError("a definition needs its name in quotes");
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  wholePipe(): Pipe {
    const pipe = this.#pipe();
    const rest = this.peek();
    if (rest) throw new TemplateSyntaxError(`unexpected ${JSON.stringify(rest.text)}`);
    return pipe;
  }

  #pipe(): Pipe {
    if (++this.#depth > MAX_TEMPLATE_DEPTH) throw new TemplateSyntaxError("nested too deeply");
    const { variables, declares } = this.#assignment();
    const commands: (readonly Operand[])[] = [];
    do commands.push(this.#command());
    while (this.#takes("|") && !this.#isAtEnd());
    this.#depth--;
    if (declares) this.#variables.push(...variables);
    else for (const name of variables) this.#expectKnown(name);
    return { variables, declares, commands };
  }

  #assignment(): Pick<Pipe, "variables" | "declares"> {
    const variables: string[] = [];
    for (let i = 0; this.peek(i)?.kind === "variable"; i += 2) {
      variables.push(this.peek(i)?.text ?? "");
      const after = this.peek(i + 1);
      const isSymbol = after?.kind === "symbol";
      if (isSymbol && (after.text === ":=" || after.text === "=")) {
        this.#at += i + 2;
        return { variables, declares: after.text === ":=" };
      }
      if (!isSymbol || after.text !== ",") break;
    }
    return { variables: [], declares: false };
  }

  #command(): readonly Operand[] {
    const operands: Operand[] = [];
    for (let token = this.peek(); token; token = this.peek()) {
      if (token.kind === "symbol" && (token.text === "|" || token.text === ")")) break;
      operands.push(this.#operand());
    }
    if (operands.length === 0) throw new TemplateSyntaxError("missing value for command");
    return operands;
  }

  #operand(): Operand {
    let operand = this.#term();
    let fields = 0;
    for (let token = this.peek(); token?.kind === "field" && !token.spaced; token = this.peek()) {
      if (++fields > MAX_TEMPLATE_DEPTH) throw new TemplateSyntaxError("nested too deeply");
      this.next();
      operand = { kind: "field", of: operand, name: token.text };
    }
    return operand;
  }

  #term(): Operand {
    const token = this.next();
    if (!token) throw new TemplateSyntaxError("unexpected end of action");
    if (token.kind === "string") return { kind: "literal", value: token.text };
    if (token.kind === "number") return { kind: "literal", value: Number(token.text) };
    if (token.kind === "variable") {
      this.#expectKnown(token.text);
      return { kind: "variable", name: token.text };
    }
    if (token.kind === "field") return { kind: "field", of: { kind: "dot" }, name: token.text };
    if (token.kind === "word") return wordOperand(token.text);
    if (token.text === ".") return { kind: "dot" };
    if (token.text === "(") {
      const pipe = this.#pipe();
      if (!this.#takes(")")) throw new TemplateSyntaxError("unclosed parenthesis");
      return { kind: "pipe", pipe };
    }
    throw new TemplateSyntaxError(`unexpected ${JSON.stringify(token.text)}`);
  }

  /** Go lets a pipe end with its sign. */
  #isAtEnd(): boolean {
    const token = this.peek();
    return !token || (token.kind === "symbol" && token.text === ")");
  }

  #expectKnown(name: string): void {
    if (!this.#variables.includes(name)) {
      throw new TemplateSyntaxError(`undefined variable "$${name}"`);
    }
  }

  #takes(symbol: string): boolean {
    const token = this.peek();
    if (token?.kind !== "symbol" || token.text !== symbol) return false;
    this.next();
    return true;
  }
}

function wordOperand(word: string): Operand {
  if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
  if (word === "nil") return { kind: "literal", value: undefined };
  if (FUNCTION_NAMES.has(word)) return { kind: "function", name: word };
  throw new TemplateSyntaxError(`function ${JSON.stringify(word)} not defined`);
}
