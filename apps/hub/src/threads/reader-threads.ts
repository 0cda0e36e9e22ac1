import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import {
  type Clock,
  type Matcher,
  type MetadataRequest,
  OpsError,
  type QueryAnswer,
  type StepGrid,
} from "@hms-ops/model";
import type { Cardinality, TopCounts } from "@hms-ops/stores/tsdb";
import type { Explanation } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";
import {
  DEFAULT_LOOKBACK_MS,
  LIGHT_PIN_MS,
  MAX_QUERY_TIMEOUT_MS,
  MAX_REMOTE_READS,
  MAX_WAITING_QUERIES,
} from "../limits.ts";
import type { NameSearch, QueryOptions, QueryService, SelfMetrics, StopSignal } from "../ports.ts";
import {
  type BareNumber,
  type CardinalityCall,
  type CrewSeat,
  type ExplainCall,
  type FederationCall,
  type ListingCall,
  type PlainEncodedQuery,
  type PlainQuery,
  QUERY_CANCELED,
  QUERY_TIMED_OUT,
  type QueryFlag,
  type ReaderCalls,
} from "./calls.ts";
import { type LightQueries, PASSED_ON } from "./light-queries.ts";
import { PageCacheMeter } from "./page-cache-meter.ts";
import { openRemoteRead, type RemoteReadAnswer } from "./remote-read-answer.ts";
import { ResultCache } from "./result-cache.ts";
import { type AnswerBody, streamedAnswer } from "./streamed-answer.ts";
import type { Thread } from "./thread.ts";
import { ThreadPool, type ThreadPoolOptions } from "./thread-pool.ts";

/** After its deadline a query has this long to notice; then its thread is ended. */
const GRACE_MS = 5_000;
type ReaderThread = Thread<ReaderCalls>;
type ReaderPool = ThreadPool<ReaderCalls>;

/** Longer than pages refresh; a thread of its own costs about 15 MB. */
const IDLE_MS = 30_000;
/**
 * After a query that kept its thread so long all query threads run: the next one like it is shared.
 * Rules take what help there is; they start none.
 */
const HELPED_MS = 15;
/** Rules of several groups wait for pins at the same time. */
const RULE_CALLS = 8;

export interface ReaderThreadsOptions {
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  /** Step of sub-queries without one, as the configuration has it now. */
  readonly subqueryStepMs?: (() => number) | undefined;
  readonly start: (name: string, seat: CrewSeat, onLoss: () => void) => Promise<ReaderThread>;
  /** What main answers itself. */
  readonly light: LightQueries;
}

interface Limits {
  readonly timeoutMs?: number;
  readonly signal?: StopSignal;
}

/** Everything that reads the metric store: one thread for rules alone, the others for the rest. */
export class ReaderThreads implements QueryService {
  readonly #options: ReaderThreadsOptions;
  readonly #rules: ReaderPool;
  readonly #queries: ReaderPool;
  /** A slow caller of a remote read keeps no query waiting. */
  readonly #reads: ReaderPool;
  readonly #pages: PageCacheMeter;
  readonly #results: ResultCache;
  readonly #light: LightQueries;

  constructor(options: ReaderThreadsOptions) {
    this.#options = options;
    this.#light = options.light;
    this.#pages = new PageCacheMeter(options.metrics);
    this.#results = new ResultCache(options.clock, options.metrics);
    const { clock } = options;
    const places = Math.max(1, availableParallelism() - 1);
    const channelName = `hms-ops scans ${randomUUID()}`;
    const pool = (
      kind: Pick<ThreadPoolOptions<ReaderCalls>, "threads" | "callsPerThread" | "idleMs">,
      name: (index: number) => string,
      seat: (index: number) => Pick<CrewSeat, "place"> = () => ({}),
    ) =>
      new ThreadPool<ReaderCalls>({
        ...kind,
        clock,
        waitingMax: MAX_WAITING_QUERIES,
        refusal: (waiting) => new OpsError(HUB_ERRORS.tooManyQueries, { waiting }),
        start: (index, onLoss) =>
          options.start(name(index), { channelName, places, ...seat(index) }, onLoss),
      });
    this.#rules = pool({ threads: 1, callsPerThread: RULE_CALLS }, () => "rules");
    this.#queries = pool(
      { threads: places, callsPerThread: 1, idleMs: IDLE_MS },
      (index) => `query-${index}`,
      (index) => ({ place: index - 1 }),
    );
    this.#reads = pool(
      { threads: 1, callsPerThread: MAX_REMOTE_READS, idleMs: IDLE_MS },
      () => "remote-read",
    );
  }

  async instant(expr: string, timeMs: number, options: QueryOptions = {}): Promise<QueryAnswer> {
    return await this.#evaluate(expr, { startMs: timeMs, stepMs: 1, count: 1 }, true, options);
  }

  async range(expr: string, grid: StepGrid, options: QueryOptions = {}): Promise<QueryAnswer> {
    return await this.#evaluate(expr, grid, false, options);
  }

  /** The whole answer of /api/v1/query or query_range. */
  async encoded(
    asked: PlainEncodedQuery,
    { nocache = false, ...limits }: Limits & { readonly nocache?: boolean },
  ): Promise<AnswerBody> {
    const query = this.#configured(asked);
    const turn = nocache ? undefined : this.#results.open(query);
    const { timeoutMs = MAX_QUERY_TIMEOUT_MS } = limits;
    if (timeoutMs > LIGHT_PIN_MS && this.#light.has(query)) {
      const own = await this.#counted("main", () => this.#light.answer(query, turn));
      if (own !== PASSED_ON) return own;
    }
    const cache = turn && { cache: turn.call };
    return await streamedAnswer(
      async (thread, flag) => {
        const first = await thread.call("encoded", [{ ...query, ...cache, flag }]);
        if (first.cached) turn?.done(first.cached);
        if (first.isLight) this.#light.note(query);
        return first;
      },
      (work) => this.#ask(this.#queries, limits, work),
    );
  }

  /** The JSON answer of /api/v1/{series,labels,label/…/values}. */
  async encodedListing(listing: Omit<ListingCall, "flag">, limits: Limits): Promise<AnswerBody> {
    return await streamedAnswer(
      (thread, flag) => thread.call("encodedListing", [{ ...listing, flag }]),
      (work) => this.#ask(this.#queries, limits, work),
    );
  }

  /** The lines of /api/v1/search/…. */
  async search(search: NameSearch, limits: Limits): Promise<AnswerBody> {
    return await streamedAnswer(
      (thread, flag) => thread.call("search", [{ ...search, flag }]),
      (work) => this.#ask(this.#queries, limits, work),
    );
  }

  /** An instant answer as one number; short forms are understood. */
  async number(expr: string, timeMs: number, limits: Limits): Promise<BareNumber> {
    const grid = { startMs: timeMs, stepMs: 1, count: 1 };
    const query = { expr, grid, instant: true, lookbackMs: DEFAULT_LOOKBACK_MS, shortForms: true };
    return await this.#ask(this.#queries, limits, (thread, flag) =>
      thread.call("number", [{ ...this.#configured(query), flag }]),
    );
  }

  /** The body as sent: one snappy block of a prometheus.ReadRequest. */
  async remoteRead(body: Uint8Array<ArrayBuffer>, limits: Limits): Promise<RemoteReadAnswer> {
    return await openRemoteRead(body, (work) => this.#ask(this.#reads, limits, work));
  }

  async format(text: string, limits: Limits): Promise<string> {
    return await this.#ask(this.#queries, limits, (thread) => thread.call("format", [text]));
  }

  /** What an expression computes, how, and what is odd about it. */
  async explain(question: Omit<ExplainCall, "flag">, limits: Limits): Promise<Explanation> {
    return await this.#ask(this.#queries, limits, (thread, flag) =>
      thread.call("explain", [{ ...this.#configured(question), flag }]),
    );
  }

  /** The whole JSON answer of /api/v1/parse_query. */
  async tree(text: string, limits: Limits): Promise<string> {
    return await this.#ask(this.#queries, limits, (thread) => thread.call("tree", [text]));
  }

  /** The matchers of every selector in an expression. */
  async selectors(text: string, limits: Limits): Promise<readonly (readonly Matcher[])[]> {
    return await this.#ask(this.#queries, limits, (thread) => thread.call("selectors", [text]));
  }

  /** Exposition text of the newest samples. */
  async federate(call: Omit<FederationCall, "flag">, limits: Limits): Promise<AnswerBody> {
    return await streamedAnswer(
      (thread, flag) => thread.call("federate", [{ ...call, flag }]),
      (work) => this.#ask(this.#queries, limits, work),
    );
  }

  /** Selectors as matchers; rejects with what is wrong with the first bad one. */
  async matches(
    texts: readonly string[],
    limits: Limits,
  ): Promise<readonly (readonly Matcher[])[]> {
    return await this.#ask(this.#queries, limits, (thread) => thread.call("matches", [texts]));
  }

  async topCounts(limit: number, limits: Limits): Promise<TopCounts> {
    return await this.#ask(this.#queries, limits, (thread) => thread.call("topCounts", [limit]));
  }

  async cardinality(request: Omit<CardinalityCall, "flag">, limits: Limits): Promise<Cardinality> {
    return await this.#ask(this.#queries, limits, (thread, flag) =>
      thread.call("cardinality", [{ ...request, flag }]),
    );
  }

  async labelNames({ budget: _, ...request }: MetadataRequest): Promise<readonly string[]> {
    return await this.#ask(this.#queries, {}, (thread, flag) =>
      thread.call("labelNames", [{ ...request, flag }]),
    );
  }

  async labelValues(
    name: string,
    { budget: _, ...request }: MetadataRequest,
  ): Promise<readonly string[]> {
    return await this.#ask(this.#queries, {}, (thread, flag) =>
      thread.call("labelValues", [name, { ...request, flag }]),
    );
  }

  async series({
    budget: _,
    ...request
  }: MetadataRequest): Promise<readonly (readonly string[])[]> {
    return await this.#ask(this.#queries, {}, (thread, flag) =>
      thread.call("series", [{ ...request, flag }]),
    );
  }

  async measure(): Promise<void> {
    this.#options.metrics.set("hms_ops_queries_waiting", this.#queries.waiting);
    const queries = await this.#queries.running();
    const others = [...(await this.#rules.running()), ...(await this.#reads.running())];
    const running = [...others, ...queries];
    this.#options.metrics.set("hms_ops_threads", queries.length, { kind: "query" });
    this.#pages.measure(running, this.#light.pageCache);
    await Promise.all(running.map((thread) => thread.measure()));
  }

  /** Starts all query threads: those that nobody asks help the others. */
  startAll(): void {
    this.#queries.startAll();
  }

  /** Ends all threads; later calls start new ones (which the writer's loss asks for). */
  async stop(): Promise<void> {
    // Another writer counts its generations anew.
    this.#results.clear();
    this.#light.stop();
    await Promise.all([this.#rules.stop(), this.#queries.stop(), this.#reads.stop()]);
  }

  async #evaluate(
    expr: string,
    grid: StepGrid,
    instant: boolean,
    options: QueryOptions,
  ): Promise<QueryAnswer> {
    const { forRules = false, lookbackMs = DEFAULT_LOOKBACK_MS, shortForms = false } = options;
    const query: PlainQuery = { expr, grid, instant, lookbackMs, shortForms };
    return await this.#ask(forRules ? this.#rules : this.#queries, options, (thread, flag) =>
      thread.call("evaluate", [{ ...this.#configured(query), flag }]),
    );
  }

  #configured<Query extends object>(query: Query): Query & { readonly subqueryStepMs?: number } {
    const stepMs = this.#options.subqueryStepMs?.();
    return stepMs === undefined ? query : { ...query, subqueryStepMs: stepMs };
  }

  #kindOf(pool: ReaderPool): string {
    if (pool === this.#rules) return "rules";
    return pool === this.#reads ? "remote-read" : "query";
  }

  async #ask<T>(
    pool: ReaderPool,
    { timeoutMs = MAX_QUERY_TIMEOUT_MS, signal }: Limits,
    work: (thread: ReaderThread, flag: QueryFlag) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    const stop = new QueryStop(clock, Math.min(timeoutMs, MAX_QUERY_TIMEOUT_MS), signal);
    let begunMs = Number.POSITIVE_INFINITY;
    const begin = (reader: ReaderThread) => {
      begunMs = clock.monotonicMs();
      return stop.guard(reader, work(reader, stop.flag));
    };
    try {
      return await this.#counted(this.#kindOf(pool), () => pool.run(begin, stop.stopped));
    } finally {
      stop.forget();
      const isLong = clock.monotonicMs() - begunMs > HELPED_MS;
      if (pool === this.#queries && isLong) this.startAll();
    }
  }

  async #counted<T>(thread: string, work: () => Promise<T>): Promise<T> {
    const { clock, metrics } = this.#options;
    const startMs = clock.monotonicMs();
    let outcome = "ok";
    try {
      const answer = await work();
      if (answer === PASSED_ON) outcome = "passed-on";
      return answer;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      metrics.add("hms_ops_queries_total", 1, { thread, outcome });
      metrics.observe("hms_ops_query_seconds", (clock.monotonicMs() - startMs) / 1_000, { thread });
    }
  }
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof OpsError)) return "failed";
  if (error.code === HUB_ERRORS.queryTimedOut.code) return "timeout";
  return error.code === HUB_ERRORS.queryCanceled.code ? "canceled" : "refused";
}

/** Deadline and cancel of one query: a shared word for its thread, a promise for its caller. */
class QueryStop {
  readonly flag: QueryFlag = new SharedArrayBuffer(4);
  readonly stopped: Promise<never>;
  readonly #clock: Clock;
  readonly #signal: StopSignal | undefined;
  readonly #forgetDeadline: () => void;
  #reject: (error: Error) => void = () => {};
  #whenStopped: () => void = () => {};

  constructor(clock: Clock, timeoutMs: number, signal: StopSignal | undefined) {
    this.#clock = clock;
    this.#signal = signal;
    this.stopped = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // Nobody waits for it when the query ends in time.
    this.stopped.catch(() => {});
    const timedOut = () => this.#stop(QUERY_TIMED_OUT, new OpsError(HUB_ERRORS.queryTimedOut));
    this.#forgetDeadline = clock.after(timeoutMs, timedOut);
    if (timeoutMs <= 0) timedOut();
    if (signal?.aborted) this.#cancel();
    signal?.addEventListener("abort", this.#cancel, { once: true });
  }

  /** Ends the thread if it does not notice that its query was stopped. */
  async guard<T>(thread: ReaderThread, answer: Promise<T>): Promise<T> {
    let forgetGrace = () => {};
    const watch = () => {
      forgetGrace = this.#clock.after(GRACE_MS, () =>
        thread.abandon("a query did not end at its deadline"),
      );
    };
    if (this.#isStopped()) watch();
    else this.#whenStopped = watch;
    try {
      return await answer;
    } finally {
      this.#whenStopped = () => {};
      forgetGrace();
    }
  }

  forget(): void {
    this.#forgetDeadline();
    this.#signal?.removeEventListener("abort", this.#cancel);
  }

  readonly #cancel = (): void => this.#stop(QUERY_CANCELED, new OpsError(HUB_ERRORS.queryCanceled));

  #isStopped(): boolean {
    return Atomics.load(new Int32Array(this.flag), 0) !== 0;
  }

  #stop(word: number, error: OpsError): void {
    if (this.#isStopped()) return;
    Atomics.store(new Int32Array(this.flag), 0, word);
    this.#reject(error);
    this.#whenStopped();
  }
}
