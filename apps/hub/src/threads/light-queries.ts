import type { Clock } from "@hms-ops/model";
import type { LanguageFeatures } from "@hms-ops/query";
import type { PageCacheFigures } from "@hms-ops/stores/tsdb";
import { ANSWER_PIECE_BYTES, LIGHT_QUERIES_MAX, LIGHT_QUERY_MS } from "../limits.ts";
import type { PlainEncodedQuery } from "./calls.ts";
import { lightBudget, TooMuchForMain } from "./light-query.ts";
import { QueryRunner } from "./query-runner.ts";
import type { CacheTurn } from "./result-cache.ts";
import type { JoinedReader } from "./store-link.ts";

/** Longer than pages refresh; a reader keeps files of blocks open. */
const IDLE_MS = 30_000;
/** One that took main so much longer than it may has grown: a thread is to look at it again. */
const GROWN = 4;

/** What main does not answer: it has grown, and a thread has to. */
export const PASSED_ON = Symbol("passed on");

export interface LightQueriesOptions {
  readonly clock: Clock;
  readonly features: LanguageFeatures;
  /** A reader of the store in this thread. */
  readonly join: () => Promise<JoinedReader>;
}

/**
 * Queries that main answers itself: those of which a thread saw that they take less than the way to
 * it and back. Nobody waits for main longer than for its other work.
 */
export class LightQueries {
  readonly #options: LightQueriesOptions;
  /** The least recently asked first. */
  readonly #keys = new Set<string>();
  #joined: { readonly runner: QueryRunner; readonly link: JoinedReader } | undefined;
  #isJoining = false;
  /** Raised by `stop`: who joined before must leave. */
  #life = 0;
  #forgetIdle = (): void => {};

  constructor(options: LightQueriesOptions) {
    this.#options = options;
  }

  /** Undefined while main reads nothing. */
  get pageCache(): PageCacheFigures | undefined {
    return this.#joined?.link.reader.pageCache;
  }

  /** A thread saw that it is light. */
  note(query: PlainEncodedQuery): void {
    this.#keys.add(keyOf(query));
    if (this.#keys.size > LIGHT_QUERIES_MAX) this.#forgetOldest();
    if (this.#joined === undefined && !this.#isJoining) void this.#join();
  }

  /** Whether `answer` may be asked. */
  has(query: PlainEncodedQuery): boolean {
    return this.#joined !== undefined && this.#keys.has(keyOf(query));
  }

  /** The whole answer. Rejects with the query's own error. */
  async answer(
    query: PlainEncodedQuery,
    turn: CacheTurn | undefined,
  ): Promise<Uint8Array<ArrayBuffer> | typeof PASSED_ON> {
    const key = keyOf(query);
    this.#keys.delete(key);
    const runner = this.#joined?.runner;
    if (runner === undefined) return PASSED_ON;
    this.#endWhenIdle();
    const startMs = this.#options.clock.monotonicMs();
    const budget = lightBudget();
    try {
      const means = { kept: budget, passing: budget };
      const { pieces, cached } = await runner.encoded(query, means, turn?.call);
      const piece = pieces.next().value ?? new Uint8Array(0);
      if (piece.length >= ANSWER_PIECE_BYTES) return PASSED_ON;
      if (cached) turn?.done(cached);
      const tookMs = this.#options.clock.monotonicMs() - startMs;
      if (tookMs <= GROWN * LIGHT_QUERY_MS) this.#keys.add(key);
      return piece;
    } catch (error) {
      if (error instanceof TooMuchForMain) return PASSED_ON;
      throw error;
    }
  }

  /** Lets go of the store; whoever is noted later makes it join again. */
  stop(): void {
    this.#life++;
    this.#keys.clear();
    this.#leave();
  }

  async #join(): Promise<void> {
    const life = this.#life;
    this.#isJoining = true;
    try {
      const link = await this.#options.join();
      if (life !== this.#life) {
        link.leave();
        return;
      }
      this.#joined = { link, runner: new QueryRunner(link.reader, this.#options.features) };
      this.#endWhenIdle();
    } catch {
      // The writer is starting again: the threads, which need it too, tell of it.
    } finally {
      this.#isJoining = false;
    }
  }

  #endWhenIdle(): void {
    this.#forgetIdle();
    this.#forgetIdle = this.#options.clock.after(IDLE_MS, () => this.#leave());
  }

  #leave(): void {
    this.#forgetIdle();
    this.#joined?.link.leave();
    this.#joined = undefined;
  }

  #forgetOldest(): void {
    for (const key of this.#keys) {
      this.#keys.delete(key);
      return;
    }
  }
}

/** What makes two queries cost alike. */
function keyOf({ expr, grid, lookbackMs }: PlainEncodedQuery): string {
  return `${grid.count} ${grid.stepMs} ${lookbackMs} ${expr}`;
}
