import type { MetricMetadata, MetricType } from "@hms-ops/model";
import { shorten } from "../label-limits.ts";
import { FAMILIES_PER_BODY_MAX } from "../limits.ts";
import type { ExpositionFormat } from "./report.ts";
import { unescapeQuoted, unescapeTextHelp } from "./series-text.ts";

const TYPES: Readonly<Record<string, MetricType>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "gaugehistogram",
  summary: "summary",
  info: "info",
  stateset: "stateset",
  unknown: "unknown",
  untyped: "unknown",
};

const NO_METADATA: MetricMetadata = { type: "unknown", help: "", unit: "" };
const COMMENT = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|[^ \t"]+)(?:[ \t]+(.*))?$/s;
const MEANT_AS_METADATA = /^#[ \t]+(HELP|TYPE|UNIT)(?![^ \t])/;

/** What the HELP, TYPE and UNIT lines of one body say, by family name. */
export class MetadataLines {
  readonly #families = new Map<string, MetricMetadata>();
  readonly #unescapeHelp: (text: string) => string;

  constructor(format: ExpositionFormat) {
    this.#unescapeHelp = format === "text" ? unescapeTextHelp : unescapeQuoted;
  }

  /** Takes a line that begins with `#`. Answers why it is bad; undefined = good, or a comment. */
  read(line: string): string | undefined {
    const match = COMMENT.exec(line);
    if (!match) {
      return MEANT_AS_METADATA.test(line) ? `${shorten(line)} names no metric` : undefined;
    }
    const [, keyword = "", written = "", rest = ""] = match;
    const family = written.startsWith('"') ? unescapeQuoted(written.slice(1, -1)) : written;
    if (keyword === "HELP") this.#set(family, { help: this.#unescapeHelp(rest) });
    else if (keyword === "UNIT") this.#set(family, { unit: rest.trim() });
    else {
      const type = TYPES[rest.trim()];
      if (type === undefined) {
        return `the type of ${shorten(family)}, ${shorten(rest) || "nothing"}, is not known`;
      }
      this.#set(family, { type });
    }
    return undefined;
  }

  typeOf(family: string): MetricType | undefined {
    return this.#families.get(family)?.type;
  }

  forEach(call: (family: string, metadata: MetricMetadata) => void): void {
    for (const [family, metadata] of this.#families) call(family, metadata);
  }

  #set(family: string, change: Partial<MetricMetadata>): void {
    const before = this.#families.get(family);
    if (before === undefined && this.#families.size >= FAMILIES_PER_BODY_MAX) return;
    this.#families.set(family, { ...(before ?? NO_METADATA), ...change });
  }
}
