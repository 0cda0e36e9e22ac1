import type { Clock, MetricMetadata, StepGrid } from "@hms-ops/model";
import type { Explanation } from "@hms-ops/wire/api";
import { DEFAULT_LOOKBACK_MS } from "../limits.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";
import { readRangeGrid } from "./parameters.ts";

/** Typing asks several times a second; what kinds of metrics there are changes seldom. */
const TYPES_MS = 10_000;

export interface ExplainedText {
  readonly expr: string;
  readonly grid: StepGrid;
  readonly lookbackMs: number;
  readonly shortForms: boolean;
  readonly drawn: boolean;
  /** Run every part over the grid, and tell what it cost. */
  readonly measured: boolean;
  /** By the names of metrics in the text. */
  readonly types: Readonly<Record<string, string>>;
}

export interface ExplainParts {
  readonly clock: Clock;
  readonly metadata: () => Promise<ReadonlyMap<string, MetricMetadata>>;
  readonly explain: (
    question: ExplainedText,
    limits: { readonly signal: StopSignal },
  ) => Promise<Explanation>;
}

/** `/api/ops/v1/explain` */
export class ExplainApi {
  readonly #parts: ExplainParts;
  #families: ReadonlyMap<string, MetricMetadata> = new Map();
  #familiesAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ExplainParts) {
    this.#parts = parts;
  }

  readonly explain = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    const expr = form.get("query") ?? "";
    const measured = form.has("step");
    const nowMs = this.#parts.clock.now();
    const question: ExplainedText = {
      expr,
      grid: measured ? readRangeGrid(form) : { startMs: nowMs, stepMs: 1, count: 1 },
      lookbackMs: DEFAULT_LOOKBACK_MS,
      shortForms: form.get("short_forms") === "true",
      drawn: form.get("drawn") === "true",
      measured,
      types: await this.#typesIn(expr),
    };
    const answer = await this.#parts.explain(question, { signal: request.signal });
    return jsonAnswer(answer);
  };

  /** Families name the parts of a histogram too, but those are told by their endings. */
  async #typesIn(expr: string): Promise<Readonly<Record<string, string>>> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#familiesAtMs > TYPES_MS) {
      this.#families = await this.#parts.metadata();
      this.#familiesAtMs = nowMs;
    }
    const types: Record<string, string> = {};
    for (const [name] of expr.matchAll(/[\p{L}_:][\p{L}\p{N}_:.]*/gu)) {
      const type = this.#families.get(name)?.type;
      if (type !== undefined && type !== "unknown") types[name] = type;
    }
    return types;
  }
}
