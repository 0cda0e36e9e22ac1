import { nearestWord, parseDurationMs } from "@hms-ops/model";
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { MAX_TOLD_PROBLEMS } from "../limits.ts";

/** What is wrong in a file, and where. */
interface PlacedProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ConfigProblem extends PlacedProblem {
  readonly severity: "error" | "warning";
}

/** `file:line:column: what is wrong`, in the files' order; beyond the most, how many more. */
export function problemLines(problems: readonly PlacedProblem[]): readonly string[] {
  const inOrder = problems.toSorted(
    (a, b) => a.file.localeCompare(b.file, "en") || a.line - b.line || a.column - b.column,
  );
  const told = inOrder.slice(0, MAX_TOLD_PROBLEMS);
  const more = inOrder.length - told.length;
  const lines = told.map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

/**
 * Reads one node into a value; undefined when a problem was noted, or the node holds nothing. A
 * value of a map is handed its key, too.
 */
export type ReadNode<Value> = (node: Node, reader: YamlReader, key?: Node) => Value | undefined;

/** The keys that a map may have. */
export type Fields = Readonly<Record<string, ReadNode<unknown>>>;

export type FieldValues<Known extends Fields> = {
  readonly [Key in keyof Known]?: Exclude<ReturnType<Known[Key]>, undefined>;
};

/** Walks a YAML text and notes what it cannot take, each with its place. */
export class YamlReader {
  readonly problems: ConfigProblem[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();
  #document = parseDocument("");

  constructor(file: string) {
    this.#file = file;
  }

  /** The root node; undefined for an empty file and for one that is not YAML. */
  parse(text: string): Node | undefined {
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.#document = document;
    for (const { message, pos } of document.errors) this.#note("error", pos[0], message);
    return document.errors.length > 0 ? undefined : (document.contents ?? undefined);
  }

  /** The node itself, or what its alias (`*name`) stands for. */
  resolved(node: unknown): Node {
    return isAlias(node) ? (node.resolve(this.#document) ?? node) : (node as Node);
  }

  /** Plain values, as JSON would hold them. */
  plain(node: Node): unknown {
    return node.toJS(this.#document);
  }

  error(node: Node, message: string): undefined {
    this.#note("error", node.range?.[0] ?? 0, message);
  }

  warn(node: Node, message: string): void {
    this.#note("warning", node.range?.[0] ?? 0, message);
  }

  /** The known keys of a map; each other key is an error with a suggestion. */
  map<const Known extends Fields>(node: Node, fields: Known): FieldValues<Known> {
    const values: Record<string, unknown> = {};
    if (isScalar(node) && node.value === null) return values as FieldValues<Known>;
    if (!isMap(node)) {
      this.error(node, "a map (key: value) belongs here");
      return values as FieldValues<Known>;
    }
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!read) this.error(key as Node, unknownKey(name, Object.keys(fields)));
      else if (value) {
        const result = read(this.resolved(value), this, key as Node);
        if (result !== undefined) values[name] = result;
      }
    }
    return values as FieldValues<Known>;
  }

  #note(severity: ConfigProblem["severity"], offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ file: this.#file, line, column: col, severity, message });
  }
}

function unknownKey(name: string, known: readonly string[]): string {
  const closest = nearestWord(name, known);
  const hint = closest === undefined ? "" : `; did you mean ${closest}?`;
  return `the key ${name} is not known${hint}`;
}

export const text: ReadNode<string> = (node, reader) => {
  if (isScalar(node) && node.value !== null) return String(node.source ?? node.value);
  return reader.error(node, "a text belongs here");
};

export const boolean: ReadNode<boolean> = (node, reader) =>
  isScalar(node) && typeof node.value === "boolean"
    ? node.value
    : reader.error(node, "true or false belongs here");

export const wholeNumber: ReadNode<number> = (node, reader) =>
  isScalar(node) && Number.isSafeInteger(node.value) && Number(node.value) >= 0
    ? Number(node.value)
    : reader.error(node, "a whole number that is not negative belongs here");

export const durationMs: ReadNode<number> = (node, reader) => {
  const durationText = isScalar(node) ? String(node.source ?? node.value) : "";
  const value = parseDurationMs(durationText);
  return value ?? reader.error(node, `${durationText} is not a duration such as 15s or 1m30s`);
};

const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])?i?B)?$/i;
const SIZE_POWERS = ["", "K", "M", "G", "T"];

/** `10MB`: units are powers of 1,024, as Prometheus reads them. */
export const sizeBytes: ReadNode<number> = (node, reader) => {
  const sizeText = isScalar(node) ? String(node.source ?? node.value) : "";
  const match = SIZE.exec(sizeText);
  if (!match) return reader.error(node, `${sizeText} is not a size such as 512KB or 10MB`);
  return Number(match[1]) * 1_024 ** SIZE_POWERS.indexOf((match[2] ?? "").toUpperCase());
};

export function oneOf<const Choice extends string>(choices: readonly Choice[]): ReadNode<Choice> {
  return (node, reader) => {
    const found = isScalar(node) ? String(node.value) : "";
    const choice = choices.find((one) => one === found);
    return choice ?? reader.error(node, `${found || "this"} is none of: ${choices.join(", ")}`);
  };
}

export function listOf<Value>(read: ReadNode<Value>): ReadNode<readonly Value[]> {
  return (node, reader) => {
    if (isScalar(node) && node.value === null) return [];
    if (!isSeq(node)) return reader.error(node, "a list belongs here");
    return node.items
      .map((item) => read(reader.resolved(item), reader))
      .filter((one) => one !== undefined);
  };
}

/** A map whose keys are free. */
export function recordOf<Value>(read: ReadNode<Value>): ReadNode<Readonly<Record<string, Value>>> {
  return (node, reader) => {
    if (isScalar(node) && node.value === null) return {};
    if (!isMap(node)) return reader.error(node, "a map (key: value) belongs here");
    const entries = node.items.flatMap(({ key, value }): [string, Value][] => {
      const result = value ? read(reader.resolved(value), reader) : undefined;
      return result === undefined || !isScalar(key) ? [] : [[String(key.value), result]];
    });
    return Object.fromEntries(entries);
  };
}

/** Taken as it stands; another room reads it. */
export const anything: ReadNode<unknown> = (node, reader) => reader.plain(node);

/** Known to Prometheus; refusing it would refuse whole files, so it is only said. */
export const withoutEffect: ReadNode<undefined> = (node, reader, key = node) => {
  reader.warn(key, `the key ${reader.plain(key)} has no effect here; Prometheus knows it`);
  return undefined;
};

/** Known to Prometheus; running without it would silently scrape nothing. */
export const notSupported: ReadNode<undefined> = (node, reader, key = node) =>
  reader.error(
    key,
    `${reader.plain(key)} is not supported; use static_configs or file_sd_configs, ` +
      "or let a Prometheus discover and remote_write to this hub",
  );
