import { type Clock, type Labels, OpsError, withLabels } from "@hms-ops/model";
import type { ExpositionOutcome, IngestService, Log, NamedSample } from "../../ports.ts";
import { SCRAPE_ERRORS } from "./errors.ts";
import type { HttpReader, ScrapeAnswer } from "./http-reader.ts";
import { FIRST_SCRAPE_WITHIN_MS, LATE_SHARE, SCRAPE_BODY_MAX_BYTES } from "./limits.ts";
import { nextSlotMs, slotOffsetMs, stampMs } from "./slots.ts";
import { type ScrapeTarget, targetKey } from "./target.ts";

export interface ScrapeTools {
  readonly clock: Clock;
  readonly log: Log;
  readonly ingest: IngestService;
  readonly reader: HttpReader;
  /** Told after each scrape. */
  readonly onScrape: (state: "ok" | "late" | "failed", atMs: number) => void;
}

/** How a target fared last. */
export interface TargetState {
  readonly health: "up" | "down" | "unknown";
  readonly lastScrapeMs: number | null;
  readonly lastDurationMs: number;
  readonly lastError: string;
  readonly skippedLines: number;
  readonly firstProblem: string;
}

const REPORT_NAMES = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
] as const;

/** Scrapes one target in its slots until it is stopped. */
export class TargetLoop {
  readonly target: ScrapeTarget;
  readonly #tools: ScrapeTools;
  readonly #offsetMs: number;
  readonly #control = new AbortController();
  #forgetNext: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #state: TargetState = {
    health: "unknown",
    lastScrapeMs: null,
    lastDurationMs: 0,
    lastError: "",
    skippedLines: 0,
    firstProblem: "",
  };

  constructor(target: ScrapeTarget, tools: ScrapeTools) {
    this.target = target;
    this.#tools = tools;
    this.#offsetMs = slotOffsetMs(targetKey(target), target.intervalMs);
  }

  get state(): TargetState {
    return this.#state;
  }

  /** The name under which ingest remembers what the target sent. */
  get source(): string {
    return `scrape ${targetKey(this.target)}`;
  }

  get #nextSlotMs(): number {
    return nextSlotMs(this.#tools.clock.now(), this.target.intervalMs, this.#offsetMs);
  }

  /** The first scrape comes soon, so that nobody waits a whole interval for a first value. */
  start(): void {
    const { clock } = this.#tools;
    const isOurs = this.target.origin !== "configured";
    const delayMs = isOurs ? 0 : this.#offsetMs % FIRST_SCRAPE_WITHIN_MS;
    this.#forgetNext = clock.after(delayMs, () => {
      this.#running = this.#scrape(clock.now());
    });
  }

  /** Ends the scrape that is under way; nothing of it is stored. */
  async stop(): Promise<void> {
    this.#control.abort();
    this.#forgetNext();
    await this.#running;
  }

  /** Marks everything stale, stamped with the first slot that was missed. */
  async end(missedSlotMs: number): Promise<void> {
    const gone = REPORT_NAMES.map((name) => this.#sample(name, missedSlotMs, 0));
    const extra = gone.map((sample) => ({ ...sample, stale: true }));
    await this.#tools.ingest.endSource(this.source, missedSlotMs, extra);
  }

  #schedule(): void {
    if (this.#control.signal.aborted) return;
    const slotMs = this.#nextSlotMs;
    this.#forgetNext = this.#tools.clock.after(slotMs - this.#tools.clock.now(), () => {
      this.#running = this.#scrape(slotMs);
    });
  }

  async #scrape(slotMs: number): Promise<void> {
    const { clock, reader } = this.#tools;
    const { config, url, timeoutMs, intervalMs } = this.target;
    const startMs = clock.now();
    const startMonotonicMs = clock.monotonicMs();
    const timeMs = stampMs(startMs, slotMs, intervalMs);
    const durationMs = () => clock.monotonicMs() - startMonotonicMs;
    try {
      const request = { url, http: config.http, timeoutMs, maxBytes: config.bodySizeLimit };
      const answer = await reader.read(request, this.#control.signal);
      if (this.#control.signal.aborted) return;
      const tookMs = durationMs();
      const outcome = await this.#store(answer, timeMs, tookMs);
      this.#noteGood(startMs, tookMs, outcome);
      this.#tools.onScrape(startMs - slotMs > intervalMs * LATE_SHARE ? "late" : "ok", startMs);
    } catch (error) {
      if (this.#control.signal.aborted) return;
      await this.#fail(error, startMs, timeMs, durationMs());
    } finally {
      this.#schedule();
    }
  }

  async #store(
    { body, encoding, format }: ScrapeAnswer,
    timeMs: number,
    tookMs: number,
  ): Promise<ExpositionOutcome> {
    const { config, labels } = this.target;
    const maxBytes = config.bodySizeLimit || SCRAPE_BODY_MAX_BYTES;
    const outcome = this.#tools.ingest.exposition(body, {
      source: this.source,
      timeMs,
      honorTimestamps: config.honorTimestamps,
      honorLabels: config.honorLabels,
      targetLabels: labels,
      metricRelabel: config.metricRelabelConfigs,
      sampleLimit: config.sampleLimit,
      labelLimits: config.labelLimits,
      trackStaleness: true,
      extra: [
        this.#sample("up", timeMs, 1),
        this.#sample("scrape_duration_seconds", timeMs, tookMs / 1_000),
      ],
      reportCounts: true,
      ...(format && { format }),
      ...(encoding && { packed: { encoding, maxBytes } }),
    });
    return await outcome.catch((error: unknown) => {
      const isTooLarge = error instanceof OpsError && error.status === 413;
      throw isTooLarge ? new OpsError(SCRAPE_ERRORS.bodyTooLarge, { limit: maxBytes }) : error;
    });
  }

  #noteGood(atMs: number, tookMs: number, outcome: ExpositionOutcome): void {
    if (outcome.skippedLines > 0 && this.#state.firstProblem !== outcome.firstProblem) {
      const { skippedLines, firstProblem } = outcome;
      this.#tools.log.warn("lines of a scrape were skipped, the rest was kept", {
        url: this.target.url,
        skippedLines,
        firstProblem,
      });
    }
    this.#state = {
      health: "up",
      lastScrapeMs: atMs,
      lastDurationMs: tookMs,
      lastError: "",
      skippedLines: outcome.skippedLines,
      firstProblem: outcome.firstProblem,
    };
  }

  /** A failed scrape is an empty one: what the target had is stale from its time on. */
  async #fail(error: unknown, atMs: number, timeMs: number, tookMs: number): Promise<void> {
    const { ingest, log, onScrape } = this.#tools;
    const lastError = error instanceof Error ? error.message : String(error);
    if (this.#state.health !== "down") {
      log.warn("a target cannot be scraped", {
        url: this.target.url,
        reason: lastError,
        ...(error instanceof OpsError && { code: error.code }),
      });
    }
    this.#state = {
      ...this.#state,
      health: "down",
      lastScrapeMs: atMs,
      lastDurationMs: tookMs,
      lastError,
      skippedLines: 0,
      firstProblem: "",
    };
    onScrape("failed", atMs);
    const values: readonly number[] = [0, tookMs / 1_000, 0, 0, 0];
    const extra = REPORT_NAMES.map((name, i) => this.#sample(name, timeMs, values[i] ?? 0));
    await ingest.endSource(this.source, timeMs, extra).catch((reason: unknown) => {
      log.warn("a failed scrape could not be stored", { reason: String(reason) });
    });
  }

  #sample(name: string, timeMs: number, value: number): NamedSample {
    return { labels: named(this.target.labels, name), timeMs, value };
  }
}

function named(labels: Labels, name: string): Labels {
  return withLabels(labels, { __name__: name });
}
