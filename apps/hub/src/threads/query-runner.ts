import type { QueryAnswer, QueryBudget, StepGrid } from "@hms-ops/model";
import {
  bindShortForms,
  type Expr,
  formatPromql,
  type LanguageFeatures,
  runQuery,
  type ScanCrew,
  stepWindow,
} from "@hms-ops/query";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { DEFAULT_SUBQUERY_STEP_MS, RESULT_CACHE_ENTRY_BYTES_MAX } from "../limits.ts";
import { answerPieces } from "./answer-formats.ts";
import type { CacheCall, CachedPart, PlainEncodedQuery, PlainQuery } from "./calls.ts";
import { PreparedQueries } from "./prepared-queries.ts";
import { cutAnswer, refuseUnreadable } from "./reader-answers.ts";
import { answerThroughCache } from "./result-cache-answer.ts";

/** What one query may take, and who helps it. */
export interface QueryMeans {
  /** Of what it keeps. */
  readonly kept: QueryBudget;
  /** Of what passes in its scans. */
  readonly passing: QueryBudget;
  readonly crew?: ScanCrew;
}

export interface Evaluated {
  readonly answer: QueryAnswer;
  /** Where there was a `cache`. */
  readonly cached?: CachedPart;
}

export interface Encoded extends Pick<Evaluated, "cached"> {
  /** Of ANSWER_PIECE_BYTES, and a last one. */
  readonly pieces: Iterator<Uint8Array<ArrayBuffer>, void>;
}

export interface BoundText {
  readonly text: string;
  readonly notes: readonly string[];
  /** What the text says and PromQL cannot: the FOR of a condition. */
  readonly warnings: readonly string[];
}

/** Reads, evaluates and encodes queries on one reader of the store, in whatever thread. */
export class QueryRunner {
  readonly #reader: TsdbReader;
  readonly #features: LanguageFeatures;
  readonly #queries: PreparedQueries;

  constructor(reader: TsdbReader, features: LanguageFeatures) {
    this.#reader = reader;
    this.#features = features;
    this.#queries = new PreparedQueries(features);
  }

  /** Throws where an expression cannot be read, or its types do not fit. */
  readExpr(text: string): Expr {
    const { query, diagnostics } = this.#queries.prepare(text);
    return query?.expr ?? refuseUnreadable(text, diagnostics);
  }

  /** The answer as its caller reads it. */
  async encoded(
    query: PlainEncodedQuery,
    means: QueryMeans,
    cache: CacheCall | undefined,
  ): Promise<Encoded> {
    const { limit, withStats, warnings, format } = query;
    const { answer, ...cached } = await this.evaluate(query, means, cache);
    const warned = { ...answer, warnings: [...warnings, ...answer.warnings] };
    return { ...cached, pieces: await answerPieces(cutAnswer(warned, limit), format, withStats) };
  }

  /** Without a `cache` nothing is looked up or kept. */
  async evaluate(
    query: PlainQuery,
    { kept, passing, crew }: QueryMeans,
    cache?: CacheCall,
  ): Promise<Evaluated> {
    const startMs = performance.now();
    const bound = await this.bindText(query, kept);
    const { query: prepared, diagnostics } = this.#queries.prepare(bound.text);
    if (prepared === undefined) return refuseUnreadable(bound.text, diagnostics);
    const preparedMs = performance.now();
    const { endMs, instant, lookbackMs, companions } = query;
    const { delayedNameRemoval } = this.#features;
    const run = (grid: StepGrid) =>
      runQuery(prepared, this.#reader, {
        grid,
        startMs: query.grid.startMs,
        ...(endMs !== undefined && { endMs }),
        instant,
        lookbackMs,
        budget: kept,
        passingBudget: passing,
        defaultStepMs: query.subqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
        delayedNameRemoval,
        ...(companions && { companions }),
        ...(crew && { crew }),
        nowMonotonicMs: () => performance.now(),
      });
    const { answer, ...cached } = cache
      ? await answerThroughCache({
          text: formatPromql(prepared.expr),
          grid: query.grid,
          window: stepWindow(prepared.expr, { lookbackMs, delayedNameRemoval }),
          known: cache.known,
          generations: this.#reader.generations,
          maxBytes: RESULT_CACHE_ENTRY_BYTES_MAX,
          evaluate: run,
        })
      : { answer: await run(query.grid) };
    const warnings = [...bound.warnings, ...answer.warnings];
    const infos = [...bound.notes, ...answer.infos];
    const stats = { ...answer.stats, parseMs: preparedMs - startMs };
    const told = { ...answer, warnings, infos, stats };
    return { answer: told, ...("outcome" in cached && { cached }) };
  }

  /** Its short forms written out, where it may have any. */
  async bindText(query: PlainQuery, budget: QueryBudget): Promise<BoundText> {
    if (!query.shortForms) return { text: query.expr, notes: [], warnings: [] };
    const catalog = { exists: (metricName: string) => this.#metricExists(metricName, budget) };
    const { text, notes, diagnostics } = await bindShortForms(query.expr, catalog, {
      drawn: !query.instant,
    });
    if (diagnostics.some(({ severity }) => severity === "error")) {
      return refuseUnreadable(query.expr, diagnostics);
    }
    return { text, notes, warnings: diagnostics.map(({ message }) => message) };
  }

  /** A name exists if any series ever had it. */
  async #metricExists(metricName: string, budget: QueryBudget): Promise<boolean> {
    const matchers = [{ name: "__name__", operator: "=", value: metricName }] as const;
    const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
    const found = await this.#reader.series({ matcherSets: [matchers], range, budget, limit: 1 });
    return found.length > 0;
  }
}
