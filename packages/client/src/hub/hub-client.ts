import type { Board, Clock, Labels, MetricMetadata } from "@hms-ops/model";
import {
  BOARD_PATH,
  BOARDS_PATH,
  type BoardList,
  CARDINALITY_PATH,
  type CardinalityBy,
  type CardinalityOrder,
  type CardinalityReport,
  DEMO_FAULT_PATH,
  type DemoStatus,
  DISCOVERY_PATH,
  EXPLAIN_PATH,
  type Explanation,
  type HubStatus,
  NOTIFICATIONS_PATH,
  type NotificationList,
  OPS_RULES_PATH,
  type ReplayStatus,
  RULES_CHECK_PATH,
  RULES_RELOAD_PATH,
  type RuleList,
  type RulesReport,
  type RulesUpload,
  SERVICES_PATH,
  type ServiceList,
  STATUS_PATH,
  STORE_PATH,
  type StoreReport,
} from "@hms-ops/wire/api";
import { readQueryResponse } from "@hms-ops/wire/prometheus-api";
import { LiveStream } from "./live-stream.ts";
import {
  type ActiveAlert,
  type QueryCost,
  type QueryReply,
  readAlerts,
  readCost,
  readMetadata,
  readSeriesList,
  readTargets,
  readTexts,
  type ScrapeTarget,
} from "./prometheus-answers.ts";
import {
  type CallOptions,
  type CallParameters,
  type HubClientOptions,
  HubTransport,
} from "./transport.ts";

export interface QueryCallOptions extends CallOptions {
  /** Understand `latency_ms_p95` and dotted names; off = strict PromQL. */
  readonly shortForms?: boolean;
}

export interface InstantCallOptions extends QueryCallOptions {
  /** Absent = now, by the hub's clock. */
  readonly timeMs?: number;
}

export interface RangeCallOptions extends QueryCallOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Which series a listing is about; absent members = all. */
export interface ListingOptions extends CallOptions {
  /** Selectors, joined by "or": `up`, `{job="hms-ach"}`. */
  readonly match?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
}

export interface ExplainOptions extends QueryCallOptions {
  /** Drawn over time, so that the bare name of a counter means its rate. */
  readonly drawn?: boolean;
  /** Run each part over this range too, and tell what it cost. */
  readonly run?: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };
}

export interface CardinalityOptions {
  /** Selectors, joined by "or". */
  readonly match?: readonly string[];
  readonly order?: CardinalityOrder;
  readonly limit?: number;
}

export interface RemoteWriteAnswer {
  /** Stored, or there already. */
  readonly samples: number;
  readonly histograms: number;
  /** What was not, and why, in words; empty when all was. */
  readonly refused: string;
}

/**
 * Asks and steers one hub over HTTP, from Node or a page. Every method rejects with a `HubError`
 * (code, message, mend, kind); an aborted `signal` rejects with the abort's own reason.
 *
 * ```ts
 * const hub = new HubClient({ url: "http://127.0.0.1:9090" });
 * const { value } = await hub.query("sum(rate(claims_total[5m]))");
 * ```
 */
export class HubClient {
  readonly #transport: HubTransport;

  constructor(options: HubClientOptions) {
    this.#transport = new HubTransport(options);
  }

  /** Without credentials; empty = the hub that served the page. */
  get url(): string {
    return this.#transport.url;
  }

  /** Range queries that go on; one stream is enough for all that a process watches. */
  openLive(clock: Clock): LiveStream {
    return new LiveStream(this.#transport, clock);
  }

  async query(expr: string, options: InstantCallOptions = {}): Promise<QueryReply> {
    const form = { query: expr, time: seconds(options.timeMs) };
    return this.#ask("/api/v1/query", form, options);
  }

  async queryRange(expr: string, options: RangeCallOptions): Promise<QueryReply> {
    const { fromMs, toMs, stepMs } = options;
    const form = {
      query: expr,
      start: seconds(fromMs),
      end: seconds(toMs),
      step: seconds(stepMs),
    };
    return this.#ask("/api/v1/query_range", form, options);
  }

  /** Asks like `query`, for what it costs the hub instead of the answer. Strict PromQL. */
  async queryCost(expr: string, options: InstantCallOptions = {}): Promise<QueryCost> {
    const form = { query: expr, time: seconds(options.timeMs), stats: "all" };
    const path = "/api/v1/query";
    const json = await this.#transport.json({
      ...callOptions(options),
      method: "POST",
      path,
      form,
    });
    return this.#transport.read(path, () => readCost(json));
  }

  /** What an expression computes, how, and what is odd about it; errors in it are notes. */
  async explain(expr: string, options: ExplainOptions = {}): Promise<Explanation> {
    const { shortForms, drawn, run } = options;
    const form = {
      query: expr,
      short_forms: shortForms ? "true" : undefined,
      drawn: drawn ? "true" : undefined,
      start: seconds(run?.fromMs),
      end: seconds(run?.toMs),
      step: seconds(run?.stepMs),
    };
    const call = { ...callOptions(options), method: "POST", path: EXPLAIN_PATH, form } as const;
    return (await this.#transport.json(call)) as Explanation;
  }

  /** Sorted label names. */
  async labels(options: ListingOptions = {}): Promise<readonly string[]> {
    return readTexts(await this.#list("/api/v1/labels", options));
  }

  /** Sorted values of one label; `labelValues("__name__")` lists the metrics. */
  async labelValues(name: string, options: ListingOptions = {}): Promise<readonly string[]> {
    const path = `/api/v1/label/${encodeURIComponent(name)}/values`;
    return readTexts(await this.#list(path, options));
  }

  async series(match: readonly string[], options: ListingOptions = {}): Promise<readonly Labels[]> {
    return readSeriesList(await this.#list("/api/v1/series", { ...options, match }));
  }

  /** Type, help and unit by family name. */
  async metadata(options: CallOptions = {}): Promise<ReadonlyMap<string, MetricMetadata>> {
    return readMetadata(await this.#get("/api/v1/metadata", options));
  }

  async alerts(options: CallOptions = {}): Promise<readonly ActiveAlert[]> {
    return readAlerts(await this.#get("/api/v1/alerts", options));
  }

  async targets(options: CallOptions = {}): Promise<readonly ScrapeTarget[]> {
    return readTargets(await this.#get("/api/v1/targets", options));
  }

  async status(options: CallOptions = {}): Promise<HubStatus> {
    return (await this.#get(STATUS_PATH, options)) as HubStatus;
  }

  /** How the metric store is: start, damage, disk, limits. */
  async store(options: CallOptions = {}): Promise<StoreReport> {
    return (await this.#get(STORE_PATH, options)) as StoreReport;
  }

  /** How far reading the write-ahead log is; answered while the hub starts, too. */
  async replay(options: CallOptions = {}): Promise<ReplayStatus> {
    const path = "/api/v1/status/walreplay";
    const { data } = (await this.#get(path, options)) as { data: ReplayStatus };
    return data;
  }

  /** How many series there are, and how many came and went. */
  async cardinality(
    by: CardinalityBy,
    options: CallOptions & CardinalityOptions = {},
  ): Promise<CardinalityReport> {
    const { match, order, limit } = options;
    const query = { by, "match[]": match, order, limit };
    return (await this.#get(CARDINALITY_PATH, options, query)) as CardinalityReport;
  }

  async boards(options: CallOptions = {}): Promise<BoardList> {
    return (await this.#get(BOARDS_PATH, options)) as BoardList;
  }

  async board(uid: string, options: CallOptions = {}): Promise<Board> {
    return (await this.#get(filled(BOARD_PATH, ":uid", uid), options)) as Board;
  }

  async services(options: CallOptions = {}): Promise<ServiceList> {
    return (await this.#get(SERVICES_PATH, options)) as ServiceList;
  }

  /** Newest first. */
  async notifications(
    options: CallOptions & { readonly limit?: number } = {},
  ): Promise<NotificationList> {
    const query = { limit: options.limit };
    return (await this.#get(NOTIFICATIONS_PATH, options, query)) as NotificationList;
  }

  /** Every rule from every door, with its state. */
  async rules(options: CallOptions = {}): Promise<RuleList> {
    return (await this.#get(OPS_RULES_PATH, options)) as RuleList;
  }

  /** Stores a rule file in the hub; one of the same name is replaced. */
  async loadRules(upload: RulesUpload, options: CallOptions = {}): Promise<RulesReport> {
    return (await this.#post(OPS_RULES_PATH, upload, options)) as RulesReport;
  }

  /** Removes a rule file that `loadRules` stored, by the name under which it is kept. */
  async removeRules(file: string, options: CallOptions = {}): Promise<RulesReport> {
    const call = { method: "DELETE", path: OPS_RULES_PATH, query: { file } } as const;
    return (await this.#transport.json({ ...callOptions(options), ...call })) as RulesReport;
  }

  /** What `loadRules` would say; changes nothing. */
  async checkRules(upload: RulesUpload, options: CallOptions = {}): Promise<RulesReport> {
    return (await this.#post(RULES_CHECK_PATH, upload, options)) as RulesReport;
  }

  /** Reads alerts/ again now. */
  async reloadRules(options: CallOptions = {}): Promise<RulesReport> {
    return (await this.#post(RULES_RELOAD_PATH, undefined, options)) as RulesReport;
  }

  /** Switches a fault of the simulated agency. */
  async setFault(name: string, on: boolean, options: CallOptions = {}): Promise<DemoStatus> {
    return (await this.#post(
      filled(DEMO_FAULT_PATH, ":name", name),
      { on },
      options,
    )) as DemoStatus;
  }

  /** Whether the hub looks for services on its own machine. */
  async setDiscovery(on: boolean, options: CallOptions = {}): Promise<ServiceList> {
    return (await this.#post(DISCOVERY_PATH, { on }, options)) as ServiceList;
  }

  /** Posts exposition text; `source` names job and instance where the text does not. */
  async ingest(
    exposition: string,
    source: { readonly job?: string; readonly instance?: string } = {},
    options: CallOptions = {},
  ): Promise<void> {
    const query = { job: source.job, instance: source.instance };
    const path = "/ingest";
    await this.#transport.text({ ...options, method: "POST", path, query, text: exposition });
  }

  /** A snapshot of the metric store; the name of its folder below `tsdb/snapshots/`. */
  async snapshot(options: CallOptions = {}): Promise<string> {
    const path = "/api/v1/admin/tsdb/snapshot";
    const answer = await this.#post(path, undefined, options);
    return this.#transport.read(path, () => {
      const { data } = answer as { readonly data?: { readonly name?: unknown } };
      if (typeof data?.name !== "string") throw new Error("it names no snapshot");
      return data.name;
    });
  }

  /**
   * Posts one io.prometheus.write.v2.Request, compressed as one snappy block. Rejects when nothing
   * of it was stored and it may be sent again.
   */
  async remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    options: CallOptions = {},
  ): Promise<RemoteWriteAnswer> {
    const headers = {
      "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
      "content-encoding": "snappy",
      "x-prometheus-remote-write-version": "2.0.0",
    };
    const bytes = { body, headers };
    const call = { ...callOptions(options), method: "POST", path: "/api/v1/write", bytes } as const;
    const answer = await this.#transport.answer(call);
    const written = (kind: string) =>
      Number(answer.headers.get(`x-prometheus-remote-write-${kind}-written`) ?? Number.NaN);
    const [samples, histograms] = [written("samples"), written("histograms")];
    const isTold = (answer.status < 300 || answer.status === 400) && !Number.isNaN(samples);
    if (!isTold) throw this.#transport.refusal(call, answer);
    return { samples, histograms, refused: answer.status === 400 ? answer.text.trim() : "" };
  }

  async #ask(path: string, form: CallParameters, options: QueryCallOptions): Promise<QueryReply> {
    const { signal, timeoutMs, shortForms } = options;
    const json = await this.#transport.json({
      method: "POST",
      path,
      form: { ...form, short_forms: shortForms ? "true" : undefined },
      signal,
      timeoutMs,
    });
    return this.#transport.read(path, () => {
      const reply = readQueryResponse(json);
      if (reply.status === "error") throw new Error(reply.error);
      const { value, warnings, infos } = reply;
      return { value, warnings, infos };
    });
  }

  #list(path: string, options: ListingOptions): Promise<unknown> {
    const { match, fromMs, toMs, limit } = options;
    const query = { "match[]": match, start: seconds(fromMs), end: seconds(toMs), limit };
    return this.#get(path, options, query);
  }

  #get(path: string, options: CallOptions, query: CallParameters = {}): Promise<unknown> {
    return this.#transport.json({ ...callOptions(options), method: "GET", path, query });
  }

  #post(path: string, json: unknown, options: CallOptions): Promise<unknown> {
    return this.#transport.json({ ...callOptions(options), method: "POST", path, json });
  }
}

/** Without the members that belong to the call's own parameters. */
function callOptions({ signal, timeoutMs }: CallOptions): CallOptions {
  return { signal, timeoutMs };
}

function filled(path: string, hole: string, value: string): string {
  return path.replace(hole, encodeURIComponent(value));
}

function seconds(timeMs: number | undefined): number | undefined {
  return timeMs === undefined ? undefined : timeMs / 1000;
}
