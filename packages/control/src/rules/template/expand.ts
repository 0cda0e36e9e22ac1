import { labelsToRecord, type NativeHistogram, type VectorElement } from "@hms-ops/model";
import { histogramText } from "@hms-ops/query";
import { MAX_TEMPLATE_DEPTH, MAX_TEMPLATE_OUTPUT_CHARS, MAX_TEMPLATE_STEPS } from "../../limits.ts";
import { FUNCTIONS } from "./functions.ts";
import { type Node, type Operand, type ParsedTemplate, type Pipe, parseTemplate } from "./parse.ts";
import {
  HistogramValue,
  isList,
  isMap,
  isSample,
  isTrue,
  printValue,
  TemplateError,
  type TemplateSample,
  type TemplateValue,
} from "./values.ts";

/** Answers of queries that templates asked, or why there is none. */
export type TemplateAnswers = ReadonlyMap<string, readonly VectorElement[] | { error: string }>;

export interface TemplateInput {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Then it is what templates see as the value. */
  readonly histogram?: NativeHistogram | undefined;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly nowMs: number;
  readonly answers: TemplateAnswers;
}

export interface Expansion {
  /** The text, or `<error expanding template: …>`. */
  readonly text: string;
  /** Queries without an answer yet: with them at hand the text may become another. */
  readonly wantedQueries: readonly string[];
}

/** What is wrong with a template's text; undefined = it can be expanded. */
export function checkTemplate(text: string): string | undefined {
  return parseTemplate(text).problem;
}

/** Expands `{{ $labels.service }} is at {{ $value | humanize }}`. Never throws, ends in bounds. */
export function expandTemplate(text: string, input: TemplateInput): Expansion {
  if (!text.includes("{{")) return { text, wantedQueries: [] };
  return expandParsed(parseTemplate(text), input);
}

function expandParsed(template: ParsedTemplate, input: TemplateInput): Expansion {
  const { nodes, definitions, problem } = template;
  if (problem !== undefined) return { text: errorText(problem), wantedQueries: [] };
  const run = new Run(input, definitions);
  try {
    return { text: run.expand(nodes), wantedQueries: run.wantedQueries };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { text: errorText(error.message), wantedQueries: run.wantedQueries };
  }
}

function errorText(reason: string): string {
  return `<error expanding template: ${reason}>`;
}

/** Leaves the round of a range; never leaves this file. */
class LoopEnd extends Error {
  readonly kind: "break" | "continue";

  constructor(kind: "break" | "continue") {
    super(kind);
    this.kind = kind;
  }
}

/** Variables of a block, seen by the blocks within. */
class Scope {
  readonly #values = new Map<string, TemplateValue>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): TemplateValue {
    if (this.#values.has(name)) return this.#values.get(name);
    if (!this.#outer) throw new TemplateError(`undefined variable "$${name}"`);
    return this.#outer.get(name);
  }

  declare(name: string, value: TemplateValue): void {
    this.#values.set(name, value);
  }

  assign(name: string, value: TemplateValue): void {
    if (this.#values.has(name)) this.#values.set(name, value);
    else if (this.#outer) this.#outer.assign(name, value);
    else throw new TemplateError(`undefined variable "$${name}"`);
  }
}

class Run {
  readonly #input: TemplateInput;
  readonly #definitions: ParsedTemplate["definitions"];
  readonly #wanted = new Set<string>();
  #steps = 0;
  #output = "";
  #depth = 0;

  constructor(input: TemplateInput, definitions: ParsedTemplate["definitions"]) {
    this.#input = input;
    this.#definitions = definitions;
  }

  get wantedQueries(): readonly string[] {
    return [...this.#wanted];
  }

  expand(nodes: readonly Node[]): string {
    const { labels, histogram, externalLabels, externalUrl } = this.#input;
    const value = histogram ? new HistogramValue(histogramText(histogram)) : this.#input.value;
    const dot = new Map<string, TemplateValue>([
      ["Labels", new Map(Object.entries(labels))],
      ["Value", value],
      ["ExternalLabels", new Map(Object.entries(externalLabels))],
      ["ExternalURL", externalUrl],
    ]);
    const scope = new Scope();
    scope.declare("", dot);
    scope.declare("labels", dot.get("Labels"));
    scope.declare("value", value);
    scope.declare("externalLabels", dot.get("ExternalLabels"));
    scope.declare("externalURL", externalUrl);
    this.#nodes(nodes, dot, scope);
    return this.#output;
  }

  #nodes(nodes: readonly Node[], dot: TemplateValue, scope: Scope): void {
    for (const node of nodes) {
      if (++this.#steps > MAX_TEMPLATE_STEPS) throw new TemplateError("too many steps");
      if (node.kind === "text") this.#print(node.text);
      else if (node.kind === "print") {
        const value = this.#pipe(node.pipe, dot, scope);
        if (node.pipe.variables.length === 0) this.#print(printValue(value));
      } else if (node.kind === "range") this.#range(node, dot, new Scope(scope));
      else if (node.kind === "template") this.#template(node, dot, scope);
      else if (node.kind === "break" || node.kind === "continue") throw new LoopEnd(node.kind);
      else {
        const inner = new Scope(scope);
        const value = this.#pipe(node.pipe, dot, inner);
        const innerDot = node.kind === "with" && isTrue(value) ? value : dot;
        this.#nodes(isTrue(value) ? node.body : node.otherwise, innerDot, inner);
      }
    }
  }

  #range(node: Extract<Node, { body: unknown }>, dot: TemplateValue, scope: Scope): void {
    const { variables, commands } = node.pipe;
    const value = this.#pipe({ variables: [], declares: false, commands }, dot, scope);
    const entries: (readonly [TemplateValue, TemplateValue])[] = isMap(value)
      ? [...value].sort(([a], [b]) => (a < b ? -1 : 1))
      : isList(value)
        ? [...value.entries()]
        : rangeError(value);
    if (entries.length === 0) this.#nodes(node.otherwise, dot, scope);
    for (const [key, entry] of entries) {
      const inner = new Scope(scope);
      const [first, second] = variables;
      if (second !== undefined && first !== undefined) inner.declare(first, key);
      const last = second ?? first;
      if (last !== undefined) inner.declare(last, entry);
      if (this.#round(node.body, entry, inner) === "break") break;
    }
  }

  /** One round of a range; how it ended, where it did not get to its end. */
  #round(body: readonly Node[], dot: TemplateValue, scope: Scope): LoopEnd["kind"] | undefined {
    try {
      this.#nodes(body, dot, scope);
    } catch (error) {
      if (error instanceof LoopEnd) return error.kind;
      throw error;
    }
    return undefined;
  }

  #template(
    { name, pipe }: Extract<Node, { kind: "template" }>,
    dot: TemplateValue,
    scope: Scope,
  ): void {
    const body = this.#definitions.get(name);
    if (!body) throw new TemplateError(`template "${name}" not defined`);
    if (++this.#depth > MAX_TEMPLATE_DEPTH)
      throw new TemplateError("templates call each other too deeply");
    const value = pipe && this.#pipe(pipe, dot, scope);
    const own = new Scope();
    own.declare("", value);
    this.#nodes(body, value, own);
    this.#depth--;
  }

  #pipe({ variables, declares, commands }: Pipe, dot: TemplateValue, scope: Scope): TemplateValue {
    let value: TemplateValue;
    for (const [i, command] of commands.entries()) {
      value = this.#command(command, i === 0 ? [] : [value], dot, scope);
    }
    const [name] = variables;
    if (name !== undefined) {
      if (declares) scope.declare(name, value);
      else scope.assign(name, value);
    }
    return value;
  }

  #command(
    [head, ...operands]: readonly Operand[],
    piped: readonly TemplateValue[],
    dot: TemplateValue,
    scope: Scope,
  ): TemplateValue {
    if (++this.#steps > MAX_TEMPLATE_STEPS) throw new TemplateError("too many steps");
    if (head === undefined) throw new TemplateError("missing value for command");
    if (head.kind !== "function") {
      if (operands.length + piped.length > 0)
        throw new TemplateError("can't give a value arguments");
      return this.#operand(head, dot, scope);
    }
    if (head.name === "and" || head.name === "or") {
      return this.#logic(head.name, operands, piped, dot, scope);
    }
    const values = operands.map((operand) => this.#operand(operand, dot, scope));
    return this.#call(head.name, [...values, ...piped]);
  }

  #logic(
    name: "and" | "or",
    operands: readonly Operand[],
    piped: readonly TemplateValue[],
    dot: TemplateValue,
    scope: Scope,
  ): TemplateValue {
    let value: TemplateValue;
    for (const operand of operands) {
      value = this.#operand(operand, dot, scope);
      if (isTrue(value) === (name === "or")) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #call(name: string, values: readonly TemplateValue[]): TemplateValue {
    const call = FUNCTIONS.get(name);
    if (!call) throw new TemplateError(`function "${name}" not defined`);
    const { externalUrl, nowMs } = this.#input;
    const query = (text: string) => this.#query(text);
    const value = call(values, { externalUrl, nowMs, query });
    if (typeof value === "string" && value.length > MAX_TEMPLATE_OUTPUT_CHARS) {
      throw new TemplateError("the text is too long");
    }
    return value;
  }

  #query(text: string): readonly TemplateSample[] {
    const answer = this.#input.answers.get(text);
    if (!answer) {
      this.#wanted.add(text);
      return [];
    }
    if ("error" in answer) throw new TemplateError(`error calling query: ${answer.error}`);
    return answer.map(({ labels, value, histogram }) => ({
      Labels: new Map<string, TemplateValue>(Object.entries(labelsToRecord(labels))),
      Value: histogram ? 0 : value,
    }));
  }

  #operand(operand: Operand, dot: TemplateValue, scope: Scope): TemplateValue {
    if (operand.kind === "literal") return operand.value;
    if (operand.kind === "dot") return dot;
    if (operand.kind === "variable") return scope.get(operand.name);
    if (operand.kind === "function") return this.#call(operand.name, []);
    if (operand.kind === "pipe") return this.#pipe(operand.pipe, dot, scope);
    const owner = this.#operand(operand.of, dot, scope);
    if (isMap(owner)) return owner.get(operand.name) ?? "";
    if (isSample(owner) && operand.name === "Labels") return owner.Labels;
    if (isSample(owner) && operand.name === "Value") return owner.Value;
    throw new TemplateError(`can't evaluate field ${operand.name} in ${printValue(owner)}`);
  }

  #print(text: string): void {
    this.#output += text;
    if (this.#output.length > MAX_TEMPLATE_OUTPUT_CHARS) {
      throw new TemplateError("the text is too long");
    }
  }
}

function rangeError(value: TemplateValue): never {
  throw new TemplateError(`range can't iterate over ${printValue(value)}`);
}
