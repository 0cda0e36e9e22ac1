import { type Clock, type MetricMetadata, OpsError } from "@hms-ops/model";
import { errorTypeOfStatus, writeErrorAnswer } from "@hms-ops/wire/prometheus-api";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_SEARCH_RESULTS, MAX_SEARCH_TERM_CHARS, MAX_SEARCH_TERMS } from "../limits.ts";
import type { HubRequest, HubResponse, NameSearch, StopSignal } from "../ports.ts";
import { goBoolean, readTimeParameter } from "./parameters.ts";

export interface SearchSources {
  readonly clock: Clock;
  readonly metadata: () => Promise<ReadonlyMap<string, MetricMetadata>>;
  readonly search: (
    search: NameSearch,
    limits: { readonly signal: StopSignal },
  ) => Promise<Uint8Array | AsyncIterable<Uint8Array>>;
}

const RANGE_MS = 3_600_000;
const RESULTS_DEFAULT = 100;
const BATCH_DEFAULT = 100;
const ALGORITHMS = ["subsequence", "jarowinkler"] as const;

/** `/api/v1/search/metric_names`, `label_names` and `label_values`: what somebody begins to type. */
export class SearchApi {
  readonly #sources: SearchSources;

  constructor(sources: SearchSources) {
    this.#sources = sources;
  }

  readonly searchMetricNames = (request: HubRequest) => this.#answer(request, "metric_names");

  readonly searchLabelNames = (request: HubRequest) => this.#answer(request, "label_names");

  readonly searchLabelValues = (request: HubRequest) => this.#answer(request, "label_values");

  async #answer(request: HubRequest, kind: NameSearch["kind"]): Promise<HubResponse> {
    const { clock, metadata, search } = this.#sources;
    const form = await request.form();
    const asked = readSearch(form, kind, clock.now());
    const describes = kind === "metric_names" && readBoolean(form, "include_metadata", false);
    const known = describes ? { metadata: await metadata() } : {};
    const body = await search({ ...asked, ...known }, { signal: request.signal });
    return {
      status: 200,
      headers: { "content-type": "application/x-ndjson; charset=utf-8" },
      body: body instanceof Uint8Array ? body : endingInLine(body),
    };
  }
}

/** What fails once lines are sent is told in the last one. */
async function* endingInLine(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* pieces;
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const { status, message } = error;
    yield Buffer.from(`${writeErrorAnswer(errorTypeOfStatus(status), message)}\n`);
  }
}

/** In Prometheus' order of checks, and in its words. */
function readSearch(form: URLSearchParams, kind: NameSearch["kind"], nowMs: number): NameSearch {
  const fromMs = readTimeParameter(form, "start", nowMs - RANGE_MS);
  const toMs = readTimeParameter(form, "end", nowMs);
  if (toMs < fromMs) throw refused("end timestamp must not be before start timestamp");
  const terms = readTerms(form);
  const threshold = readThreshold(form);
  const algorithm = readAlgorithm(form);
  const caseSensitive = readBoolean(form, "case_sensitive", true);
  const withScores = readBoolean(form, "include_score", false);
  const descending = readDirection(form, terms) === "dsc";
  const limit = readCount(form, "limit") || RESULTS_DEFAULT;
  if (limit > MAX_SEARCH_RESULTS) {
    throw refused(`limit ${limit} exceeds the configured maximum (${MAX_SEARCH_RESULTS})`);
  }
  const batchSize = readCount(form, "batch_size") || BATCH_DEFAULT;
  const label = form.get("label") ?? "";
  if (kind === "label_values" && label === "") {
    throw refused('missing required parameter "label"');
  }
  const sortBy = form.get("sort_by") ?? "";
  if (!["", "alpha", "score"].includes(sortBy)) {
    const named = JSON.stringify(sortBy);
    throw refused(`invalid sort_by ${named} for ${kind}: must be "alpha" or "score"`);
  }
  const alphabetical = descending ? "descending" : "ascending";
  return {
    kind,
    label,
    matches: form.getAll("match[]"),
    terms,
    fuzz: { algorithm, threshold },
    caseSensitive,
    withScores,
    order: sortBy === "score" ? "score" : alphabetical,
    range: { fromMs, toMs },
    limit,
    batchSize,
  };
}

function readTerms(form: URLSearchParams): readonly string[] {
  const terms = form.getAll("search[]");
  if (terms.length > MAX_SEARCH_TERMS) {
    const counts = `got ${terms.length}, maximum is ${MAX_SEARCH_TERMS}`;
    throw refused(`too many search[] terms: ${counts}`);
  }
  if (terms.some(({ length }) => length > MAX_SEARCH_TERM_CHARS)) {
    throw refused(`a search[] term is longer than ${MAX_SEARCH_TERM_CHARS} characters`);
  }
  return terms;
}

/** 0 to 1. */
function readThreshold(form: URLSearchParams): number {
  const text = form.get("fuzz_threshold") || "0";
  const percent = wholeNumber(text);
  if (percent >= 0 && percent <= 100) return percent / 100;
  throw refused(`invalid fuzz_threshold ${JSON.stringify(text)}: must be 0-100`);
}

function readAlgorithm(form: URLSearchParams): NameSearch["fuzz"]["algorithm"] {
  const text = form.get("fuzz_alg") || ALGORITHMS[0];
  const found = ALGORITHMS.find((name) => name === text);
  if (found) return found;
  const known = ALGORITHMS.join(" ");
  throw refused(`unsupported fuzz_alg ${JSON.stringify(text)}: must be one of [${known}]`);
}

function readDirection(form: URLSearchParams, terms: readonly string[]): "asc" | "dsc" {
  const sortBy = form.get("sort_by") ?? "";
  const text = form.get("sort_dir") ?? "";
  if (text !== "" && sortBy === "") throw refused("sort_dir is only valid when sort_by is set");
  if (text !== "" && sortBy === "score") {
    throw refused("sort_dir is not supported for sort_by=score");
  }
  if (text !== "" && text !== "asc" && text !== "dsc") {
    throw refused(`invalid sort_dir ${JSON.stringify(text)}: must be "asc" or "dsc"`);
  }
  if (sortBy === "score" && terms.length === 0) {
    throw refused("sort_by=score requires search[] to be set");
  }
  return text === "dsc" ? "dsc" : "asc";
}

function readBoolean(form: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = form.get(name) ?? "";
  const value = text === "" ? fallback : goBoolean(text);
  if (value !== undefined) return value;
  throw refused(`invalid ${name} ${JSON.stringify(text)}: must be boolean`);
}

function readCount(form: URLSearchParams, name: string): number {
  const text = form.get(name) || "0";
  const count = wholeNumber(text);
  if (count >= 0) return count;
  throw refused(`invalid ${name} ${JSON.stringify(text)}: must be non-negative integer`);
}

/** NaN where the text is none. */
function wholeNumber(text: string): number {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(number) < 2 ** 63 ? number : Number.NaN;
}

function refused(reason: string): OpsError {
  return new OpsError(HUB_ERRORS.badSearch, { reason });
}
