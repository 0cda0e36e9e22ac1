import type { Clock, StepGrid } from "@hms-ops/model";
import { DEFAULT_LOOKBACK_MS } from "../limits.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { type AcceptedFormat, acceptedFormat } from "./accepted-format.ts";
import { prometheusAnswer } from "./json-answer.ts";
import {
  naming,
  readLimit,
  readLookback,
  readOptionalDuration,
  readRangeGrid,
  readTime,
  readTimeParameter,
} from "./parameters.ts";

/** A query whose answer comes as the bytes of its JSON. */
export interface EncodedQuery {
  readonly expr: string;
  readonly grid: StepGrid;
  /** As asked, of a range; the last step may lie before it. */
  readonly endMs?: number;
  readonly instant: boolean;
  readonly lookbackMs: number;
  readonly shortForms: boolean;
  readonly companions?: "off";
  readonly limit: number;
  readonly withStats: boolean;
  /** Of the parameters; they stand before those of the query. */
  readonly warnings: readonly string[];
  readonly format: AcceptedFormat;
}

export interface EncodedQueries {
  encoded(
    query: EncodedQuery,
    limits: QueryLimits,
  ): Promise<Uint8Array | AsyncIterable<Uint8Array>>;
  format(text: string, limits: QueryLimits): Promise<string>;
}

export interface QueryLimits {
  readonly timeoutMs?: number;
  readonly signal?: StopSignal;
  /** Evaluate all of it, keep nothing. */
  readonly nocache?: boolean;
}

/** `/api/v1/query`, `/api/v1/query_range`, `/api/v1/format_query`: strict PromQL, bytes passed on. */
export class QueryApi {
  readonly #queries: EncodedQueries;
  readonly #clock: Clock;

  constructor(queries: EncodedQueries, clock: Clock) {
    this.#queries = queries;
    this.#clock = clock;
  }

  readonly query = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    const limit = readLimit(form);
    const startMs = readTimeParameter(form, "time", this.#clock.now());
    const grid = { startMs, stepMs: 1, count: 1 };
    return await this.#answer(request, form, { grid, instant: true, limit });
  };

  readonly queryRange = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    const limit = readLimit(form);
    const grid = readRangeGrid(form);
    const endMs = readTime(form, "end");
    return await this.#answer(request, form, { grid, endMs, instant: false, limit });
  };

  readonly formatQuery = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    const { signal } = request;
    const text = await naming("query", this.#queries.format(form.get("query") ?? "", { signal }));
    return prometheusAnswer(text);
  };

  async #answer(
    { signal, headers }: HubRequest,
    form: URLSearchParams,
    asked: Pick<EncodedQuery, "grid" | "endMs" | "instant" | "limit">,
  ): Promise<HubResponse> {
    const timeoutMs = readOptionalDuration(form, "timeout");
    const lookbackMs = readLookback(form) ?? 0;
    const stats = form.get("stats") ?? "";
    const query: EncodedQuery = {
      ...asked,
      expr: form.get("query") ?? "",
      lookbackMs: lookbackMs > 0 ? lookbackMs : DEFAULT_LOOKBACK_MS,
      // A parameter of our own: Explore sends it, no Prometheus client does.
      shortForms: form.get("short_forms") === "true",
      // One of our own too: samples alone answer, so that an auditor can compare.
      ...(form.get("companions") === "off" && { companions: "off" }),
      withStats: stats !== "",
      warnings: STATS.includes(stats) ? [] : [oldStatsWarning(stats)],
      format: acceptedFormat(headers.accept),
    };
    const nocache = isUncached(form.get("nocache"), headers["cache-control"]);
    const limits = { signal, nocache, ...(timeoutMs !== undefined && { timeoutMs }) };
    const body = await naming("query", this.#queries.encoded(query, limits));
    const answerHeaders = { "content-type": CONTENT_TYPES[query.format], vary: "Accept" };
    return { status: 200, headers: answerHeaders, body };
  }
}

const STATS = ["", "true", "all"];

/** Others mean "true" until the next major release of Prometheus (3.14). */
function oldStatsWarning(stats: string): string {
  const old = `value ${JSON.stringify(stats)} for parameter "stats" is deprecated`;
  return `${old} and will be rejected in the next major release, use "true" or "all"`;
}

/** `nocache=1`, as VictoriaMetrics has it, or the header of a browser's forced reload. */
function isUncached(parameter: string | null, cacheControl: string | undefined): boolean {
  if (parameter !== null) return parameter !== "0" && parameter !== "false";
  return /\bno-(cache|store)\b/i.test(cacheControl ?? "");
}

const CONTENT_TYPES: Readonly<Record<AcceptedFormat, string>> = {
  json: "application/json",
  csv: "text/csv; charset=utf-8",
  arrow: "application/vnd.apache.arrow.stream",
};
