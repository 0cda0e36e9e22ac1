import { type Labels, labelsOf, type MetricMetadata, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, IngestService } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";
import { labelTest } from "./label-tests.ts";
import { badParameter } from "./parameters.ts";

/** What scraping knows of its targets, as /api/v1/targets lists them. */
export interface TargetViews {
  activeTargets(): readonly {
    readonly scrapePool: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  droppedTargets(): readonly { readonly scrapePool: string }[];
  droppedTargetCounts(): Readonly<Record<string, number>>;
  scrapePools(): readonly string[];
}

export interface TargetSources {
  readonly targets: TargetViews;
  readonly ingest: Pick<IngestService, "metadata">;
  /** Names of the metrics that a target's labels are on. */
  readonly metricsOf: (target: Labels) => Promise<readonly string[]>;
}

/** What a histogram or summary is called in its samples. */
const SUFFIXES = ["_bucket", "_count", "_sum", "_total", "_created", "_info"] as const;

/** `/api/v1/targets`, `targets/metadata`, `scrape_pools`, `metadata` and `alertmanagers`. */
export class TargetsApi {
  readonly #sources: TargetSources;

  constructor(sources: TargetSources) {
    this.#sources = sources;
  }

  readonly targets = ({ query }: HubRequest): HubResponse => {
    const { targets } = this.#sources;
    const state = (query.get("state") ?? "any").toLowerCase();
    const pool = query.get("scrapePool") ?? "";
    const wanted = <T extends { readonly scrapePool: string }>(list: readonly T[], on: boolean) =>
      on ? list.filter(({ scrapePool }) => pool === "" || scrapePool === pool) : [];
    const showActive = state !== "dropped";
    const showDropped = state !== "active";
    return prometheusAnswer({
      activeTargets: wanted(targets.activeTargets(), showActive),
      droppedTargets: wanted(targets.droppedTargets(), showDropped),
      droppedTargetCounts: showDropped ? targets.droppedTargetCounts() : null,
    });
  };

  /** What each target's metrics are; the hub keeps one word a family, so it is the latest one. */
  readonly targetMetadata = async ({ query }: HubRequest): Promise<HubResponse> => {
    const limit = readCount(query, "limit", Number.POSITIVE_INFINITY);
    const selector = query.get("match_target") ?? "";
    const matches = selector === "" ? () => true : targetTest(selector);
    const metric = query.get("metric") ?? "";
    const { targets, ingest, metricsOf } = this.#sources;
    const known = await ingest.metadata();
    const found: unknown[] = [];
    for (const { labels: target } of targets.activeTargets()) {
      if (found.length >= limit) break;
      const labels = labelsOf(target);
      if (!matches(labels)) continue;
      const families = familiesOf(await metricsOf(labels), known);
      for (const [family, metadata] of families) {
        if (metric !== "" && family !== metric) continue;
        const named = metric === "" ? { metric: family } : {};
        found.push({ target, ...named, ...plain(metadata) });
      }
    }
    return prometheusAnswer(found.slice(0, limit));
  };

  readonly scrapePools = (): HubResponse =>
    prometheusAnswer({ scrapePools: this.#sources.targets.scrapePools() });

  /** The hub notifies by itself: there are none. */
  readonly alertmanagers = (): HubResponse =>
    prometheusAnswer({ activeAlertmanagers: [], droppedAlertmanagers: [] });

  /** One entry a family: the latest word counts, so `limit_per_metric` has nothing to cut. */
  readonly metadata = async ({ query }: HubRequest): Promise<HubResponse> => {
    const limit = readCount(query, "limit", 0);
    readCount(query, "limit_per_metric", 0);
    const metric = query.get("metric") ?? "";
    const known = [...(await this.#sources.ingest.metadata())].filter(
      ([family]) => metric === "" || family === metric,
    );
    const shown = limit > 0 ? known.slice(0, limit) : known;
    return prometheusAnswer(
      Object.fromEntries(shown.map(([family, one]) => [family, [plain(one)]])),
    );
  };
}

/** Prometheus names the parameter here. */
function targetTest(selector: string): (labels: Labels) => boolean {
  try {
    return labelTest(selector);
  } catch (error) {
    if (error instanceof OpsError) throw badParameter("match_target", error.message);
    throw error;
  }
}

/** Those of which there is a sample under one of their names, in the order of the names. */
function familiesOf(
  names: readonly string[],
  known: ReadonlyMap<string, MetricMetadata>,
): ReadonlyMap<string, MetricMetadata> {
  const families = new Map<string, MetricMetadata>();
  for (const name of names) {
    const suffix = SUFFIXES.find((end) => name.endsWith(end)) ?? "";
    for (const family of [name, name.slice(0, name.length - suffix.length)]) {
      const metadata = known.get(family);
      if (metadata) families.set(family, metadata);
    }
  }
  return families;
}

function plain({ type, unit, help }: MetricMetadata) {
  return { type, help, unit };
}

/** Prometheus takes a negative number for no limit. */
function readCount(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name) ?? "";
  if (text === "") return fallback;
  const count = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(Math.abs(count) < 2 ** 63)) throw new OpsError(HUB_ERRORS.limitNoNumber, { name });
  return count < 0 ? fallback : count;
}
