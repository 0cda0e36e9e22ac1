import {
  type Labels,
  labelsOf,
  type MatrixSeries,
  type MetricMetadata,
  type QueryAnswer,
  type QueryValue,
  type VectorElement,
} from "@hms-ops/model";

/** What a query over HTTP answers; the hub's own times stay in the hub. */
export type QueryReply = Omit<QueryAnswer, "stats">;

/** One element of `/api/v1/alerts`. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
  readonly activeAtMs: number;
  readonly value: number;
}

/** One element of `/api/v1/targets`. */
export interface ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
  /** Null before the first scrape. */
  readonly lastScrapeMs: number | null;
  readonly lastScrapeDurationMs: number;
  /** As the hub writes it: `15s`. */
  readonly scrapeInterval: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Undefined when the text is no answer of the Prometheus HTTP API. */
export function readQueryReply(json: unknown): QueryReply | undefined {
  const envelope = membersOf(json);
  const data = membersOf(envelope.data);
  const value = readValue(data.resultType, data.result);
  return value && { value, warnings: texts(envelope.warnings), infos: texts(envelope.infos) };
}

function readValue(kind: unknown, result: unknown): QueryValue | undefined {
  if (!Array.isArray(result)) return undefined;
  switch (kind) {
    case "vector":
      return { kind, elements: result.map(readElement) };
    case "matrix":
      return { kind, series: result.map(readSeries) };
    case "scalar":
      return { kind, timeMs: timeMsOf(result[0]), value: numberOf(result[1]) };
    case "string":
      return { kind, timeMs: timeMsOf(result[0]), value: String(result[1]) };
    default:
      return undefined;
  }
}

function readElement(json: unknown): VectorElement {
  const { metric, value } = membersOf(json);
  const [time, number] = listOf(value);
  return { labels: labelSetOf(metric), timeMs: timeMsOf(time), value: numberOf(number) };
}

function readSeries(json: unknown): MatrixSeries {
  const { metric, values } = membersOf(json);
  const rows = listOf(values);
  const timesMs = new Float64Array(rows.length);
  const numbers = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    const [time, number] = listOf(row);
    timesMs[i] = timeMsOf(time);
    numbers[i] = numberOf(number);
  }
  return { labels: labelSetOf(metric), timesMs, values: numbers };
}

export function readTexts(json: unknown): readonly string[] {
  return texts(membersOf(json).data);
}

export function readSeriesList(json: unknown): readonly Labels[] {
  return listOf(membersOf(json).data).map(labelSetOf);
}

export function readMetadata(json: unknown): ReadonlyMap<string, MetricMetadata> {
  const families = new Map<string, MetricMetadata>();
  for (const [name, entries] of Object.entries(membersOf(membersOf(json).data))) {
    const { type, help, unit } = membersOf(listOf(entries)[0]);
    families.set(name, {
      type: String(type ?? "unknown") as MetricMetadata["type"],
      help: String(help ?? ""),
      unit: String(unit ?? ""),
    });
  }
  return families;
}

export function readAlerts(json: unknown): readonly ActiveAlert[] {
  return listOf(membersOf(membersOf(json).data).alerts).map((entry) => {
    const { labels, annotations, state, activeAt, value } = membersOf(entry);
    return {
      labels: textMapOf(labels),
      annotations: textMapOf(annotations),
      state: state === "firing" ? "firing" : "pending",
      activeAtMs: Date.parse(String(activeAt)),
      value: numberOf(value),
    };
  });
}

export function readTargets(json: unknown): readonly ScrapeTarget[] {
  return listOf(membersOf(membersOf(json).data).activeTargets).map((entry) => {
    const target = membersOf(entry);
    const lastScrapeMs = Date.parse(String(target.lastScrape));
    return {
      labels: textMapOf(target.labels),
      scrapeUrl: String(target.scrapeUrl ?? ""),
      health: target.health === "up" || target.health === "down" ? target.health : "unknown",
      lastError: String(target.lastError ?? ""),
      // Before the first scrape Prometheus writes the year 1.
      lastScrapeMs: lastScrapeMs > 0 ? lastScrapeMs : null,
      lastScrapeDurationMs: Number(target.lastScrapeDuration ?? 0) * 1000,
      scrapeInterval: String(target.scrapeInterval ?? ""),
    };
  });
}

function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return listOf(value).map(String);
}

function textMapOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(membersOf(value)).map(([name, text]) => [name, String(text)]),
  );
}

function labelSetOf(value: unknown): Labels {
  return labelsOf(textMapOf(value));
}

function timeMsOf(seconds: unknown): number {
  return Math.round(Number(seconds) * 1000);
}

function numberOf(text: unknown): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
