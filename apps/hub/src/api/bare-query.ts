import type { Clock } from "@hms-ops/model";
import { formatSampleValue } from "@hms-ops/wire/prometheus-api";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { badParameter, naming, readTime } from "./parameters.ts";

export interface NumberQueries {
  number(
    expr: string,
    timeMs: number,
    limits: { readonly signal?: StopSignal },
  ): Promise<{ readonly value: number; readonly series: number }>;
}

/**
 * `GET /query?q=EXPR`: one number as text, for scripts. A comparison that does not hold is `0`,
 * no series is `NaN`; of several series the largest, their count in `X-HMS-OPS-Series`. An address
 * of Prometheus 3's query page (`/query?g0.expr=EXPR`) leads to Explore.
 */
export class BareQueryApi {
  readonly #queries: NumberQueries;
  readonly #clock: Clock;

  constructor(queries: NumberQueries, clock: Clock) {
    this.#queries = queries;
    this.#clock = clock;
  }

  readonly bareQuery = async ({ query, signal }: HubRequest): Promise<HubResponse> => {
    const expr = query.get("q") ?? query.get("query") ?? "";
    // Prometheus 3 has its page here, and links of its users lead to it; ours reads them at /graph.
    if (expr === "" && query.has("g0.expr")) {
      return { status: 302, headers: { location: `/graph?${query}` }, body: "" };
    }
    if (expr === "") throw badParameter("q", "give an expression: /query?q=up");
    const timeMs = readTime(query, "time", this.#clock.now());
    const answer = await naming("q", this.#queries.number(expr, timeMs, { signal }));
    const headers = {
      "content-type": "text/plain; charset=utf-8",
      "x-hms-ops-series": String(answer.series),
    };
    return { status: 200, headers, body: `${formatSampleValue(answer.value)}\n` };
  };
}
