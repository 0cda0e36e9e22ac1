import { type MetricMetadata, OpsError } from "@hms-ops/model";
import { writeDataAnswer } from "@hms-ops/wire/prometheus-api";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, IngestService } from "../ports.ts";

/** What scraping knows of its targets, as /api/v1/targets lists them. */
export interface TargetViews {
  activeTargets(): readonly { readonly scrapePool: string }[];
  droppedTargets(): readonly { readonly scrapePool: string }[];
  droppedTargetCounts(): Readonly<Record<string, number>>;
}

/** `/api/v1/targets` and `/api/v1/metadata`. */
export class TargetsApi {
  readonly #targets: TargetViews;
  readonly #ingest: Pick<IngestService, "metadata">;

  constructor(targets: TargetViews, ingest: Pick<IngestService, "metadata">) {
    this.#targets = targets;
    this.#ingest = ingest;
  }

  readonly targets = ({ query }: HubRequest): HubResponse => {
    const state = (query.get("state") ?? "any").toLowerCase();
    const pool = query.get("scrapePool") ?? "";
    const wanted = <T extends { readonly scrapePool: string }>(list: readonly T[], on: boolean) =>
      on ? list.filter(({ scrapePool }) => pool === "" || scrapePool === pool) : [];
    const showActive = state !== "dropped";
    const showDropped = state !== "active";
    return json({
      activeTargets: wanted(this.#targets.activeTargets(), showActive),
      droppedTargets: wanted(this.#targets.droppedTargets(), showDropped),
      droppedTargetCounts: showDropped ? this.#targets.droppedTargetCounts() : null,
    });
  };

  readonly metadata = async ({ query }: HubRequest): Promise<HubResponse> => {
    const limit = readCount(query.get("limit"));
    readCount(query.get("limit_per_metric"));
    const metric = query.get("metric") ?? "";
    const known = [...(await this.#ingest.metadata())].filter(
      ([family]) => metric === "" || family === metric,
    );
    const shown = limit === 0 ? known : known.slice(0, limit);
    return json(Object.fromEntries(shown.map(([family, one]) => [family, [plain(one)]])));
  };
}

function plain({ type, unit, help }: MetricMetadata) {
  return { type, unit, help };
}

function readCount(text: string | null): number {
  if (text === null || text === "") return 0;
  if (!/^-?\d+$/.test(text)) throw new OpsError(HUB_ERRORS.limitNoNumber);
  return Math.max(0, Number(text));
}

function json(data: unknown): HubResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: writeDataAnswer(data),
  };
}
