import {
  compareText,
  formatDurationMs,
  labelsToRecord,
  labelValue,
  withLabels,
} from "@hms-ops/model";
import type { DiscoveredService, PulseTick } from "@hms-ops/wire/api";
import type { HubServices, Job } from "../../ports.ts";
import { HttpReader } from "./http-reader.ts";
import { DROPPED_TARGETS_LISTED_MAX, PULSE_TICKS } from "./limits.ts";
import type { TargetProvider } from "./provider.ts";
import {
  compareTargets,
  type RefusedTarget,
  type ScrapeTarget,
  targetKey,
  withoutRepeats,
} from "./target.ts";
import { type ScrapeTools, TargetLoop } from "./target-loop.ts";

/** An entry of `activeTargets` of /api/v1/targets. */
export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** RFC 3339; the year 1 = never. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: "up" | "down" | "unknown";
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

/** An entry of `droppedTargets` of /api/v1/targets. */
export interface DroppedTargetEntry {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

const NEVER = "0001-01-01T00:00:00Z";
const HEALTH_ORDER = ["down", "unknown", "up"] as const;

/**
 * A target that is gone is marked stale after two intervals and a tenth: it may have moved, and
 * then nothing of it ended.
 */
const END_AFTER_INTERVALS = 2.1;

/** Scrapes the targets that its providers know; an earlier provider's word counts more. */
export class ScrapeJob implements Job {
  readonly name = "scrape";
  readonly #providers: readonly TargetProvider[];
  readonly #tools: ScrapeTools;
  readonly #reader: HttpReader;
  readonly #loops = new Map<string, TargetLoop>();
  /** Loops of targets that are gone but not yet marked stale: how to forget the marking. */
  readonly #ending = new Map<string, () => void>();
  readonly #pulse: PulseTick[] = [];
  #started = false;

  constructor(
    services: Pick<HubServices, "clock" | "log" | "ingest">,
    providers: readonly TargetProvider[],
  ) {
    const { clock, log, ingest } = services;
    this.#reader = new HttpReader(clock);
    const onScrape: ScrapeTools["onScrape"] = (state, atMs) => this.#note({ state, atMs });
    this.#tools = { clock, log, ingest, reader: this.#reader, onScrape };
    this.#providers = providers;
  }

  async start(): Promise<void> {
    this.#started = true;
    for (const provider of this.#providers) await provider.start(() => this.#reconcile());
    this.#reconcile();
  }

  /** No series is marked stale: the hub stops, not the targets. */
  async stop(): Promise<void> {
    this.#started = false;
    for (const forget of this.#ending.values()) forget();
    this.#ending.clear();
    for (const provider of this.#providers) await provider.stop();
    await Promise.all([...this.#loops.values()].map(async (loop) => await loop.stop()));
    this.#loops.clear();
    this.#reader.close();
  }

  /** With those that are no address: they are down until somebody corrects them. */
  activeTargets(): readonly ActiveTarget[] {
    const scraped = this.#sorted().map(({ target, state }) => ({
      discoveredLabels: labelsToRecord(target.discoveredLabels),
      labels: labelsToRecord(target.labels),
      scrapePool: target.config.jobName,
      scrapeUrl: target.url,
      globalUrl: target.url,
      lastError: state.lastError,
      lastScrape: state.lastScrapeMs === null ? NEVER : new Date(state.lastScrapeMs).toISOString(),
      lastScrapeDuration: state.lastDurationMs / 1_000,
      health: state.health,
      scrapeInterval: formatDurationMs(target.intervalMs),
      scrapeTimeout: formatDurationMs(target.timeoutMs),
    }));
    return [...scraped, ...this.#refused().map(refusedTarget)];
  }

  droppedTargets(): readonly DroppedTargetEntry[] {
    return this.#providers
      .flatMap((provider) => provider.dropped())
      .slice(0, DROPPED_TARGETS_LISTED_MAX)
      .map(({ discoveredLabels, scrapePool }) => ({
        discoveredLabels: labelsToRecord(discoveredLabels),
        scrapePool,
      }));
  }

  /** How many targets relabelling dropped, by pool. */
  droppedTargetCounts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { scrapePool } of this.#providers.flatMap((provider) => provider.dropped())) {
      counts[scrapePool] = (counts[scrapePool] ?? 0) + 1;
    }
    return counts;
  }

  scrapePools(): readonly string[] {
    const scraped = this.#sorted().map(({ target }) => target.config.jobName);
    const refused = this.#refused().map(({ scrapePool }) => scrapePool);
    return [...new Set([...scraped, ...refused])].sort(compareText);
  }

  /** Every target as the page shows it, worst first. */
  services(): readonly DiscoveredService[] {
    const scraped = this.#sorted().map(({ target, state }) => ({
      job: labelValue(target.labels, "job"),
      instance: labelValue(target.labels, "instance"),
      url: target.url,
      origin: target.origin,
      health: state.health,
      lastScrapeMs: state.lastScrapeMs,
      lastError: state.lastError || state.firstProblem,
      skippedLines: state.skippedLines,
    }));
    return [...this.#refused().map(refusedService), ...scraped].sort(
      (a, b) => HEALTH_ORDER.indexOf(a.health) - HEALTH_ORDER.indexOf(b.health),
    );
  }

  /** The latest scrapes of all targets, oldest first. */
  pulse(): readonly PulseTick[] {
    return [...this.#pulse];
  }

  #note(tick: PulseTick): void {
    this.#pulse.push(tick);
    if (this.#pulse.length > PULSE_TICKS) this.#pulse.shift();
  }

  #refused(): readonly RefusedTarget[] {
    return this.#providers.flatMap((provider) => provider.refused());
  }

  #sorted(): readonly TargetLoop[] {
    return [...this.#loops.values()].sort((a, b) => compareTargets(a.target, b.target));
  }

  /** Starts loops of new targets, ends those of targets that nobody knows any more. */
  #reconcile(): void {
    if (!this.#started) return;
    const wanted = withoutRepeats(this.#providers.flatMap((provider) => provider.targets()));
    const byKey = new Map(wanted.map((target) => [targetKey(target), target]));
    for (const [key, loop] of this.#loops) {
      const target = byKey.get(key);
      if (target && isSameSetting(target, loop.target)) continue;
      this.#loops.delete(key);
      if (target === undefined) this.#retire(key, loop);
      else void loop.stop();
    }
    for (const [key, target] of byKey) {
      if (this.#loops.has(key)) continue;
      this.#ending.get(key)?.();
      this.#ending.delete(key);
      const loop = new TargetLoop(target, this.#tools);
      this.#loops.set(key, loop);
      loop.start();
    }
  }

  #retire(key: string, loop: TargetLoop): void {
    const { clock, log } = this.#tools;
    const { intervalMs } = loop.target;
    const missedSlotMs = (loop.state.lastScrapeMs ?? clock.now()) + intervalMs;
    void loop.stop();
    const forget = clock.after(intervalMs * END_AFTER_INTERVALS, () => {
      this.#ending.delete(key);
      loop.end(missedSlotMs).catch((reason: unknown) => {
        log.warn("the end of a target could not be stored", { reason: String(reason) });
      });
    });
    this.#ending.set(key, forget);
  }
}

function refusedTarget({ scrapePool, address, labels, reason }: RefusedTarget): ActiveTarget {
  const job = { job: scrapePool };
  return {
    discoveredLabels: labelsToRecord(withLabels(labels, { ...job, __address__: address })),
    labels: labelsToRecord(withLabels(labels, { ...job, instance: address })),
    scrapePool,
    scrapeUrl: "",
    globalUrl: "",
    lastError: reason,
    lastScrape: NEVER,
    lastScrapeDuration: 0,
    health: "down",
    scrapeInterval: "",
    scrapeTimeout: "",
  };
}

function refusedService({ scrapePool, address, reason }: RefusedTarget): DiscoveredService {
  return {
    job: scrapePool,
    instance: address,
    url: "",
    origin: "configured",
    health: "down",
    lastScrapeMs: null,
    lastError: reason,
    skippedLines: 0,
  };
}

function isSameSetting(a: ScrapeTarget, b: ScrapeTarget): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
