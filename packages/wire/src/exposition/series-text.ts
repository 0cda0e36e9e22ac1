import { type Labels, labelsFromPairs, METRIC_NAME } from "@hms-ops/model";
import { labelLimitProblem, shorten } from "../label-limits.ts";
import type { ExpositionReason } from "./report.ts";

export type SeriesText =
  | { readonly labels: Labels }
  | { readonly labels: undefined; readonly reason: ExpositionReason; readonly message: string };

/** Names that may stand bare. Dots are taken too: many a small exporter writes them so. */
const BARE_METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:.]*/y;
const BARE_LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_.]*/y;
const BLANKS = /[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** Undoes `\\`, `\"` and `\n`; any other backslash stands for itself, as in Prometheus. */
export function unescapeQuoted(text: string): string {
  return text.includes("\\") ? text.replace(/\\[\\"n]/g, (pair) => ESCAPES[pair] ?? pair) : text;
}

/** In the HELP lines of text 0.0.4 a quote is not escaped. */
export function unescapeTextHelp(text: string): string {
  return text.includes("\\") ? text.replace(/\\[\\n]/g, (pair) => ESCAPES[pair] ?? pair) : text;
}

/** Reads `name{label="value",…}` or `{"name", label="value",…}`; the whole text must be one. */
export function readSeriesText(text: string): SeriesText {
  const reader = new SeriesTextReader(text);
  return reader.read();
}

class SeriesTextReader {
  readonly #text: string;
  #at = 0;
  #name = "";
  readonly #pairs: [string, string][] = [];
  readonly #names = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  read(): SeriesText {
    this.#name = this.#take(BARE_METRIC_NAME) ?? "";
    this.#take(BLANKS);
    const problem = this.#text[this.#at] === "{" ? this.#readBlock() : undefined;
    if (problem) return problem;
    if (this.#at < this.#text.length || this.#name === "") {
      return fail("name", `${this.#shown()} does not begin with a metric name`);
    }
    this.#pairs.push([METRIC_NAME, this.#name]);
    const labels = labelsFromPairs(this.#pairs);
    const limit = labelLimitProblem(labels);
    return limit === undefined ? { labels } : fail("limit", limit);
  }

  #readBlock(): SeriesText | undefined {
    this.#at++;
    for (let first = true; ; first = false) {
      this.#take(BLANKS);
      if (this.#eat("}")) return undefined;
      const problem = this.#readItem(first);
      if (problem) return problem;
      this.#take(BLANKS);
      if (this.#eat(",")) continue;
      if (this.#eat("}")) return undefined;
      return fail("labels", `${this.#shown()}: a comma or } is missing between labels`);
    }
  }

  /** One label, or the quoted metric name, which may only stand first. */
  #readItem(first: boolean): SeriesText | undefined {
    const quoted = this.#takeQuoted();
    const name = quoted ?? this.#take(BARE_LABEL_NAME);
    if (name === undefined || name === "") {
      return fail("labels", `${this.#shown()}: a label name is missing`);
    }
    this.#take(BLANKS);
    if (!this.#eat("=")) {
      if (quoted === undefined || !first || this.#name !== "") {
        return fail("labels", `${this.#shown()}: the label ${shorten(name)} has no value`);
      }
      this.#name = quoted;
      return undefined;
    }
    this.#take(BLANKS);
    const value = this.#takeQuoted();
    if (value === undefined) {
      return fail("labels", `${this.#shown()}: the value of ${shorten(name)} is not quoted`);
    }
    if (name === METRIC_NAME && this.#name === "") this.#name = value;
    else if (name === METRIC_NAME || this.#names.has(name)) {
      return fail("labels", `${this.#shown()}: the label ${shorten(name)} stands twice`);
    } else this.#pairs.push([name, value]);
    this.#names.add(name);
    return undefined;
  }

  #takeQuoted(): string | undefined {
    QUOTED.lastIndex = this.#at;
    const match = QUOTED.exec(this.#text);
    if (!match) return undefined;
    this.#at = QUOTED.lastIndex;
    return unescapeQuoted(match[1] ?? "");
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #eat(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #shown(): string {
    return shorten(this.#name || this.#text);
  }
}

function fail(reason: ExpositionReason, message: string): SeriesText {
  return { labels: undefined, reason, message };
}
