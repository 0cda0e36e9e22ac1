import { type ErrorRow, nearestWord, OpsError } from "@hms-ops/model";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
} from "yaml";
import { CONTROL_ERRORS } from "../errors.ts";
import { MAX_PROBLEMS_PER_FILE, MAX_RULE_FILE_CHARS } from "../limits.ts";
import type { RuleProblem } from "./rule.ts";

type Inputs = Readonly<Record<string, string | number>>;

/** One entry of a YAML map. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | undefined;
}

/** A value with its place. */
export interface TextEntry {
  readonly text: string;
  readonly node: Node;
}

/** Merges within merges; people write one. */
const MAX_MERGE_DEPTH = 16;

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.value === "<<";
}

/** Nothing at all, or YAML's words for it: not the same as a text without characters. */
export function isNull(node: Node): boolean {
  const isPlain = isScalar(node) && (node.type === undefined || node.type === Scalar.PLAIN);
  return isPlain && /^(?:null|~|)$/i.test(String(node.value ?? ""));
}

/**
 * A rule file as YAML with positions, and everything that is wrong with it. All scalars are texts,
 * whatever they look like.
 */
export class RuleDocument {
  readonly file: string;
  readonly root: Node | undefined;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #problems: RuleProblem[] = [];
  #aliases: Document | undefined;

  constructor(text: string, file: string) {
    this.file = file;
    this.#text = text;
    if (text.length > MAX_RULE_FILE_CHARS) {
      const inputs = { length: text.length, limit: MAX_RULE_FILE_CHARS };
      this.report(CONTROL_ERRORS.fileTooLarge, inputs, 0);
      return;
    }
    const parsed = parseAllDocuments(text, {
      schema: "failsafe",
      lineCounter: this.#lines,
      prettyErrors: false,
    });
    if (!Array.isArray(parsed)) return;
    const [first, second] = parsed;
    for (const { message, pos } of first?.errors ?? []) {
      // The YAML reader has no bound of its own: what it says is that its stack ended.
      const reason = /call stack/i.test(message) ? "It is nested too deeply" : message;
      this.report(CONTROL_ERRORS.badYaml, { reason }, pos[0]);
    }
    if (second?.contents) {
      this.report(CONTROL_ERRORS.secondDocument, {}, second.range[0], "warning");
    }
    this.#aliases = first;
    this.root = first?.contents ?? undefined;
  }

  get problems(): readonly RuleProblem[] {
    return this.#problems;
  }

  get hasErrors(): boolean {
    return this.#problems.some(({ severity }) => severity === "error");
  }

  /** Place: a node, or an offset in the file. */
  report(
    row: ErrorRow,
    inputs: Inputs,
    place: Node | number,
    severity: "error" | "warning" = "error",
  ): void {
    if (this.#problems.length >= MAX_PROBLEMS_PER_FILE) return;
    const { code, message, mend } = new OpsError(row, inputs);
    const { line, column } = this.#position(place);
    this.#problems.push({ file: this.file, line, column, severity, code, message, mend });
  }

  lineOf(place: Node): number {
    return this.#position(place).line;
  }

  /** What an alias stands for; a node that is none is itself. */
  resolved(node: Node | null | undefined): Node | undefined {
    if (!isAlias(node)) return node ?? undefined;
    return this.#aliases && (node.resolve(this.#aliases) as Node | undefined);
  }

  /** The entries of a map; unknown keys are reported, with the nearest known one. */
  entries(node: YAMLMap, known: readonly string[], place: string): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key: keyNode, value } of this.#pairs(node, 0)) {
      if (!isScalar(keyNode)) continue;
      const key = String(keyNode.value);
      if (entries.has(key)) continue;
      if (known.includes(key)) {
        entries.set(key, { key, keyNode, value: this.resolved(value as Node | null) });
        continue;
      }
      const nearest = nearestWord(key, known);
      const suggestion = nearest ? `Did you mean ${nearest}?` : `Known keys: ${known.join(", ")}.`;
      this.report(CONTROL_ERRORS.unknownKey, { key, place, suggestion }, keyNode);
    }
    return entries;
  }

  /** A map's own pairs first, then what `<<` merges into it. */
  #pairs(node: YAMLMap, depth: number): readonly Pair[] {
    const own = node.items as readonly Pair[];
    const merges = own.filter(({ key }) => isMergeKey(key));
    if (merges.length === 0 || depth >= MAX_MERGE_DEPTH) return own;
    const merged = merges
      .map(({ value }) => this.resolved(value as Node | null))
      .flatMap((value) => (isSeq(value) ? (value.items as Node[]) : [value]))
      .map((value) => this.resolved(value))
      .flatMap((value) => (isMap(value) ? this.#pairs(value, depth + 1) : []));
    return [...own.filter(({ key }) => !isMergeKey(key)), ...merged];
  }

  /** The text of a required entry; reports what is missing. */
  requiredText(
    entries: ReadonlyMap<string, Entry>,
    key: string,
    place: string,
    node: Node,
  ): TextEntry | undefined {
    const entry = entries.get(key);
    const found = entry && this.optionalText(entries, key);
    if (found && found.text.trim() !== "") return found;
    if (!entry || found)
      this.report(CONTROL_ERRORS.missingKey, { place, key }, entry?.keyNode ?? node);
    return undefined;
  }

  optionalText(entries: ReadonlyMap<string, Entry>, key: string): TextEntry | undefined {
    const entry = entries.get(key);
    if (!entry?.value) return undefined;
    const { value } = entry;
    if (isNull(value)) return { text: "", node: value };
    if (isScalar(value)) return { text: String(value.value ?? ""), node: value };
    const inputs = { key, wanted: "a text", example: `${key}: …` };
    this.report(CONTROL_ERRORS.wrongShape, inputs, entry.value);
    return undefined;
  }

  /** A map of texts, as labels and annotations are. */
  textMap(
    entries: ReadonlyMap<string, Entry>,
    key: string,
  ): readonly (TextEntry & { name: string })[] {
    const entry = entries.get(key);
    if (!entry?.value || (isScalar(entry.value) && entry.value.value === "")) return [];
    if (!isMap(entry.value)) {
      const inputs = { key, wanted: "names with texts", example: `${key}: {name: text}` };
      this.report(CONTROL_ERRORS.wrongShape, inputs, entry.value);
      return [];
    }
    const names = entry.value.items.map(({ key: name }) =>
      isScalar(name) ? String(name.value) : "",
    );
    const inner = this.entries(entry.value, names, key);
    return names.flatMap((name) => {
      const found = this.optionalText(inner, name);
      return found ? [{ name, ...found }] : [];
    });
  }

  /** A list of texts, or one text alone. */
  textList(entries: ReadonlyMap<string, Entry>, key: string): readonly TextEntry[] {
    const value = entries.get(key)?.value;
    if (!value) return [];
    const items = isSeq(value) ? (value.items as Node[]) : [value];
    const nodes = items.map((item) => this.resolved(item) ?? item);
    return nodes.flatMap((node) => {
      if (isScalar(node)) return [{ text: String(node.value ?? ""), node }];
      const inputs = { key, wanted: "a text or a list of texts", example: `${key}: [one, two]` };
      this.report(CONTROL_ERRORS.wrongShape, inputs, node);
      return [];
    });
  }

  /** Where a character of a scalar's text stands in the file. */
  offsetIn(node: Node, textOffset: number): number {
    const start = node.range?.[0] ?? 0;
    if (!isScalar(node)) return start;
    if (node.type === Scalar.PLAIN) return start + textOffset;
    if (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE) {
      return start + 1 + textOffset;
    }
    if (node.type !== Scalar.BLOCK_LITERAL) return start;
    const before = String(node.value).slice(0, textOffset).split("\n");
    let lineStart = start;
    for (let i = 0; i < before.length; i++) lineStart = this.#text.indexOf("\n", lineStart) + 1;
    const indent = /^ */.exec(this.#text.slice(lineStart))?.[0].length ?? 0;
    const firstIndent = this.#blockIndent(start) ?? indent;
    return lineStart + firstIndent + (before.at(-1) ?? "").length;
  }

  #blockIndent(headerOffset: number): number | undefined {
    const body = this.#text.slice(this.#text.indexOf("\n", headerOffset) + 1);
    return /^(?: *\n)*( +)\S/.exec(body)?.[1]?.length;
  }

  #position(place: Node | number): { readonly line: number; readonly column: number } {
    const offset = typeof place === "number" ? place : (place.range?.[0] ?? 0);
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}
