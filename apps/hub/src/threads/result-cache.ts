import type { Clock } from "@hms-ops/model";
import { RESULT_CACHE_BYTES_MAX, RESULT_CACHE_KEYS_MAX, RESULT_CACHE_LIFE_MS } from "../limits.ts";
import type { SelfMetrics } from "../ports.ts";
import type { CacheCall, CachedPart, EncodedQueryCall } from "./calls.ts";
import { type CachedSteps, sizeOf } from "./result-cache-entry.ts";

/** One answer on its way: what its thread is told, and what becomes of what the thread made. */
export interface CacheTurn {
  readonly call: CacheCall;
  done(part: CachedPart): void;
}

interface Entry {
  readonly steps: CachedSteps;
  readonly storedAtMs: number;
}

type Asked = Pick<
  EncodedQueryCall,
  | "expr"
  | "grid"
  | "instant"
  | "lookbackMs"
  | "shortForms"
  | "subqueryStepMs"
  | "companions"
  | "withStats"
>;

/**
 * Answers of range queries, kept for the next one that asks the same at later times. A query is
 * kept from the second time on: most are asked once. What is kept stands in shared memory, the
 * query threads look into it and tell which of its steps still hold.
 */
export class ResultCache {
  readonly #clock: Clock;
  readonly #metrics: SelfMetrics;
  /** The least recently asked first; undefined: asked once. */
  readonly #entries = new Map<string, Entry | undefined>();
  #sizeBytes = 0;

  constructor(clock: Clock, metrics: SelfMetrics) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** Undefined: nothing of it is looked up or kept. */
  open(query: Asked): CacheTurn | undefined {
    const { instant, withStats, companions } = query;
    if (instant || withStats || companions === "off") return undefined;
    const key = keyOf(query);
    const isKnown = this.#entries.has(key);
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    const isOld = entry && this.#clock.monotonicMs() - entry.storedAtMs > RESULT_CACHE_LIFE_MS;
    if (isOld) this.#sizeBytes -= sizeOf(entry.steps);
    const live = isOld ? undefined : entry;
    this.#entries.set(key, live);
    this.#evict();
    if (!isKnown) {
      this.#count("miss");
      return undefined;
    }
    return {
      call: { known: live?.steps },
      done: ({ outcome, kept }) => {
        this.#count(outcome);
        if (kept) this.#keep(key, kept);
      },
    };
  }

  clear(): void {
    this.#entries.clear();
    this.#sizeBytes = 0;
    this.#metrics.set("hms_ops_result_cache_bytes", 0);
  }

  #keep(key: string, steps: CachedSteps): void {
    // Forgotten meanwhile: whoever asks again begins anew.
    if (!this.#entries.has(key)) return;
    const before = this.#entries.get(key);
    if (before) this.#sizeBytes -= sizeOf(before.steps);
    this.#entries.set(key, { steps, storedAtMs: this.#clock.monotonicMs() });
    this.#sizeBytes += sizeOf(steps);
    this.#evict();
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) {
      const isFull = this.#sizeBytes > RESULT_CACHE_BYTES_MAX;
      if (!isFull && this.#entries.size <= RESULT_CACHE_KEYS_MAX) break;
      this.#entries.delete(key);
      if (!entry) continue;
      this.#sizeBytes -= sizeOf(entry.steps);
      this.#metrics.add("hms_ops_result_cache_evicted_total");
    }
    this.#metrics.set("hms_ops_result_cache_bytes", this.#sizeBytes);
  }

  #count(outcome: CachedPart["outcome"]): void {
    this.#metrics.add("hms_ops_result_cache_total", 1, { outcome });
  }
}

function keyOf({ expr, grid, lookbackMs, shortForms, subqueryStepMs }: Asked): string {
  const { startMs, stepMs } = grid;
  const flags = [lookbackMs, shortForms, subqueryStepMs];
  return JSON.stringify([plainSpaces(expr), stepMs, startMs % stepMs, ...flags]);
}

/** Comments and runs of white space, outside of strings, are one blank. */
function plainSpaces(text: string): string {
  const pieces = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?:#[^\n]*|\s)+/g;
  return text.replace(pieces, (_, quoted: string | undefined) => quoted ?? " ").trim();
}
