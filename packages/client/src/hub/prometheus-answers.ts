import { type Labels, labelsOf, type MetricMetadata, type QueryAnswer } from "@hms-ops/model";

/** What a query over HTTP answers; the hub's own times stay in the hub. */
export type QueryReply = Omit<QueryAnswer, "stats">;

/** What answering a query took of the hub. */
export interface QueryCost {
  /** Series of the answer. */
  readonly seriesCount: number;
  readonly samplesRead: number;
  readonly prepareMs: number;
  /** Reading and evaluating. */
  readonly evaluateMs: number;
}

/** One element of `/api/v1/alerts`. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
  /** Since when its condition holds. */
  readonly activeAtMs: number;
  /** Since when it fires; a Prometheus does not tell. */
  readonly firedAtMs?: number;
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

/** Of an answer with `stats`. */
export function readCost(json: unknown): QueryCost {
  const { result, resultType, stats } = membersOf(membersOf(json).data);
  const timings = membersOf(membersOf(stats).timings);
  const isList = resultType === "vector" || resultType === "matrix";
  return {
    seriesCount: isList ? listOf(result).length : 1,
    samplesRead: Number(membersOf(membersOf(stats).samples).samplesRead ?? 0),
    prepareMs: Number(timings.queryPreparationTime ?? 0) * 1000,
    evaluateMs: Number(timings.evalTotalTime ?? 0) * 1000,
  };
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
    const { labels, annotations, state, activeAt, firedAt, value } = membersOf(entry);
    return {
      labels: textMapOf(labels),
      annotations: textMapOf(annotations),
      state: state === "firing" ? "firing" : "pending",
      activeAtMs: Date.parse(String(activeAt)),
      ...(firedAt !== undefined && { firedAtMs: Date.parse(String(firedAt)) }),
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

function numberOf(text: unknown): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return Number(text);
}
