/**
 * The doors between the rooms of the hub. Rooms know these shapes, not each other:
 * `http` serves `Route`s; `ingest` and `jobs` write through `IngestService`; `api` and `jobs` ask
 * through `QueryService`; `hub.ts` puts the real ones together.
 */
import type {
  AppendAck,
  Clock,
  DocumentStore,
  Labels,
  MetricMetadata,
  MetricStore,
  NativeHistogram,
  QueryAnswer,
  StepGrid,
  TimeRange,
} from "@hms-ops/model";

/** What a route's caller must be allowed to do. Loopback without login may do all. */
export type AuthClass = "public" | "read" | "ingest" | "operate" | "admin";

/** What an AbortSignal tells; a request has a lighter one. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", stop: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: "abort", stop: () => void): void;
}

export interface HubRequest {
  readonly method: string;
  readonly path: string;
  /** `:name` parts of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** From the address. */
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly remoteAddress: string;
  /** Aborted when the caller is gone or the hub stops. */
  readonly signal: StopSignal;
  /** The body as it came (still compressed), bounded; rejects with an OpsError beyond the bound. */
  body(maxBytes?: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Address and `application/x-www-form-urlencoded` body together. */
  form(): Promise<URLSearchParams>;
}

export interface HubResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces of an iterable are the answer's own: each is given back once it is written. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | HeldBody;
}

/** Keeps the connection until it settles, and says what is sent when. */
export type HeldBody = (sink: BodySink) => Promise<void>;

export interface BodySink {
  /** Kept by reference until they are sent, so the bytes may not change. */
  write(bytes: Uint8Array): void;
  /** Written, and not yet taken by the caller's connection. */
  readonly waitingBytes: number;
}

/** One row of http/routes.ts. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/api/v1/label/:name/values` */
  readonly path: string;
  /** Which file answers, for the reader of the table. */
  readonly owner: string;
  readonly auth: AuthClass;
  readonly handle: (request: HubRequest) => Promise<HubResponse> | HubResponse;
}

export interface QueryOptions {
  /** Rules go to the thread that is kept for them. */
  readonly forRules?: boolean;
  readonly timeoutMs?: number;
  readonly lookbackMs?: number;
  readonly signal?: StopSignal;
  /** Short forms (`x_p95`, dotted names) are understood: Explore, /query and rule dialects. */
  readonly shortForms?: boolean;
}

export interface QueryService {
  instant(expr: string, timeMs: number, options?: QueryOptions): Promise<QueryAnswer>;
  range(expr: string, grid: StepGrid, options?: QueryOptions): Promise<QueryAnswer>;
}

/** Names or values of the store that resemble what somebody types. */
export interface NameSearch {
  readonly kind: "metric_names" | "label_names" | "label_values";
  /** Of `label_values`. */
  readonly label: string;
  /** Selectors as text, joined by "or"; none = every series. */
  readonly matches: readonly string[];
  /** Any of them may match; none = everything does. */
  readonly terms: readonly string[];
  readonly fuzz: {
    readonly algorithm: "subsequence" | "jarowinkler";
    /** 0 to 1: scores from here on match. */
    readonly threshold: number;
  };
  readonly caseSensitive: boolean;
  readonly withScores: boolean;
  readonly order: "ascending" | "descending" | "score";
  readonly range: TimeRange;
  readonly limit: number;
  /** Results of one line. */
  readonly batchSize: number;
  /** By name, to be told beside each. */
  readonly metadata?: ReadonlyMap<string, MetricMetadata>;
}

/** A sample with its labels written out: for the few that the hub makes itself. */
export interface NamedSample {
  readonly labels: Labels;
  readonly timeMs: number;
  /** Means nothing where there is a histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram;
  readonly stale?: boolean;
}

/** Relabelling as scrape_configs writes it, defaults filled in; data, so that it crosses threads. */
export interface RelabelRule {
  readonly action:
    | "replace"
    | "keep"
    | "drop"
    | "keepequal"
    | "dropequal"
    | "hashmod"
    | "labelmap"
    | "labeldrop"
    | "labelkeep"
    | "lowercase"
    | "uppercase";
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly regex: string;
  readonly modulus: number;
  readonly targetLabel: string;
  readonly replacement: string;
}

export interface ExpositionOptions {
  /** One scrape target, or `ingest:<sender>`. Staleness is judged per source. */
  readonly source: string;
  readonly timeMs: number;
  readonly honorTimestamps: boolean;
  readonly honorLabels: boolean;
  readonly targetLabels: Labels;
  readonly metricRelabel: readonly RelabelRule[];
  /** 0 = none. Beyond it nothing of the body is stored. */
  readonly sampleLimit: number;
  /** Mark series stale that the source's previous body had and this one has not. */
  readonly trackStaleness: boolean;
  /** Samples to store beside it in the same batch: `up`, `scrape_duration_seconds` … */
  readonly extra: readonly NamedSample[];
  /** Also store the three counts of a scrape (`scrape_samples_scraped` …) with targetLabels. */
  readonly reportCounts?: boolean;
  /** As the content type said; absent = told by the body (`# EOF` at its end). */
  readonly format?: "text" | "openmetrics";
  /** How the body is packed, and how long it may be unpacked; absent = it is as it was written. */
  readonly packed?: { readonly encoding: "gzip"; readonly maxBytes: number };
  /** Beyond one of them nothing of the body is stored. */
  readonly labelLimits?: LabelLimits;
}

/** Of scrape_configs; 0 = none. Lengths in UTF-16 units. */
export interface LabelLimits {
  readonly count: number;
  readonly nameLength: number;
  readonly valueLength: number;
}

export interface ExpositionOutcome {
  readonly ack: AppendAck;
  readonly samplesScraped: number;
  readonly samplesAfterRelabel: number;
  readonly seriesAdded: number;
  readonly skippedLines: number;
  /** The first skipped line and why, for a person; empty if none was. */
  readonly firstProblem: string;
  /** Of pushed bodies: metrics that it names, so that rules about them run now. */
  readonly metricNames?: readonly string[];
}

export type RemoteWriteVersion = "1.0" | "2.0";

export interface RemoteWriteOutcome {
  readonly ack: AppendAck;
  /** Series that could not be taken at all (no name, invalid UTF-8, a name twice), counted. */
  readonly skippedSeries: number;
  /** What of the body was refused before the store saw it. */
  readonly problems: readonly RefusedRows[];
  /** As 2.0 wants it told; repeats of what is stored count. */
  readonly written: {
    readonly samples: number;
    readonly histograms: number;
    readonly exemplars: number;
  };
}

/** Rows refused for one reason, with the first one in words for a person. */
export interface RefusedRows {
  readonly reason: string;
  readonly count: number;
  readonly example: string;
}

export interface IngestService {
  exposition(body: Uint8Array<ArrayBuffer>, options: ExpositionOptions): Promise<ExpositionOutcome>;
  /** The body as sent: snappy block of a prometheus.WriteRequest, or of 2.0's Request. */
  remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    version: RemoteWriteVersion,
  ): Promise<RemoteWriteOutcome>;
  samples(samples: readonly NamedSample[]): Promise<AppendAck>;
  /** Marks all series of a source stale (target failed or gone) and stores the extra samples. */
  endSource(source: string, timeMs: number, extra: readonly NamedSample[]): Promise<void>;
  /** What exposition and remote write said of metrics, by family name. */
  metadata(): Promise<ReadonlyMap<string, MetricMetadata>>;
}

/** The hub's own log: JSON lines on stderr and in the data folder; never a secret. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Our own metrics; each name has its row in self/metrics.ts. */
export interface SelfMetrics {
  add(name: string, by?: number, labels?: Readonly<Record<string, string>>): void;
  set(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
}

/** What every room of the hub is handed. */
export interface HubServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SelfMetrics;
  readonly queries: QueryService;
  readonly ingest: IngestService;
  /** Reading side only; ingest goes through `ingest`. */
  readonly store: Pick<MetricStore, "labelNames" | "labelValues" | "series" | "stats">;
  readonly documents: DocumentStore;
}

/** A part of the hub with a life of its own (scraping, rules, discovery). */
export interface Job {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes what it began, stores what must survive. */
  stop(): Promise<void>;
}
