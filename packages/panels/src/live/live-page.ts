import type { LiveStream } from "@hms-ops/client";
import type { Clock } from "@hms-ops/model";
import { OpsError } from "@hms-ops/model";
import { panelErrors } from "../errors.ts";
import { KEPT_QUERIES, MOST_QUESTIONS_AT_ONCE } from "../limits.ts";
import { resolveTimeRange } from "../time/range.ts";
import { chooseStepMs, expandMacros, stepGrid } from "../time/step.ts";
import { followRange } from "./follow-range.ts";
import type { HubAnswer, HubPort } from "./hub-port.ts";
import { LiveQuery, type LiveQueryOptions } from "./live-query.ts";
import type { LiveSource } from "./live-state.ts";
import { mergeSeries, missingGrid, type RangePicture } from "./range-picture.ts";
import type { InstantRequest, RangeRequest } from "./requests.ts";
import { Turnstile } from "./turnstile.ts";

export interface LivePageOptions {
  readonly hub: HubPort;
  readonly clock: Clock;
}

/**
 * All live queries of one page. The same request is one query, however many watch it; it is asked
 * only while somebody does, and again only while the page is visible and not paused.
 */
export class LivePage {
  readonly hub: HubPort;
  readonly clock: Clock;
  readonly #turnstile = new Turnstile(MOST_QUESTIONS_AT_ONCE);
  readonly #queries = new Map<string, LiveQuery<never>>();
  #live: LiveStream | undefined;
  #visible = true;
  #paused = false;

  constructor({ hub, clock }: LivePageOptions) {
    this.hub = hub;
    this.clock = clock;
  }

  instant(request: InstantRequest): LiveSource<HubAnswer> {
    const { expr, atMs, shortForms, refreshMs } = request;
    return this.#query(`instant ${JSON.stringify(request)}`, {
      subject: expr,
      ask: (signal) => this.hub.query(expr, { timeMs: atMs, shortForms, signal }),
      isEmpty: ({ value }) => value.kind === "vector" && value.elements.length === 0,
      refreshMs,
    });
  }

  range(request: RangeRequest): LiveSource<RangePicture> {
    // Neighbouring widths share a step and an answer.
    const widthPx = Math.ceil(Math.max(1, request.widthPx) / 120) * 120;
    const asked = { ...request, widthPx };
    let last: RangePicture | undefined;
    return this.#query(`range ${JSON.stringify(asked)}`, {
      subject: request.expr,
      ask: async (signal, whole) => {
        last = await this.#askRange(asked, whole ? undefined : last, signal);
        return last;
      },
      isEmpty: ({ series }) => series.length === 0,
      refreshMs: request.refreshMs,
      follow: followRange({
        live: () => this.#openLive(),
        clock: this.clock,
        request: asked,
        last: () => last,
        take: (picture) => {
          last = picture;
        },
      }),
    });
  }

  /** Anything else the hub knows; sources with the same key are one. */
  resource<Data>(
    key: string,
    load: (hub: HubPort, signal: AbortSignal) => Promise<Data>,
    refreshMs: number | undefined,
  ): LiveSource<Data> {
    return this.#query(`resource ${key} ${refreshMs}`, {
      // A place of a page lists one kind of thing: in another order the list before may stand in.
      subject: "resource",
      ask: (signal) => load(this.hub, signal),
      isEmpty: () => false,
      refreshMs,
    });
  }

  /** False while the tab is hidden. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#wake();
  }

  /** Paused, nothing is refreshed; what is new on the page is still asked once. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#wake();
  }

  /** Asks everything that is watched, whole. */
  refreshAll(): void {
    for (const query of this.#queries.values()) query.refresh();
  }

  close(): void {
    for (const query of this.#queries.values()) query.close();
    this.#queries.clear();
    this.#live?.close();
  }

  /** One stream for all that the page watches; undefined: the hub has none. */
  #openLive(): LiveStream | undefined {
    this.#live ??= this.hub.openLive?.(this.clock);
    return this.#live;
  }

  #wake(): void {
    for (const query of this.#queries.values()) query.setAwake(this.#awake);
  }

  get #awake(): boolean {
    return this.#visible && !this.#paused;
  }

  #query<Data>(
    key: string,
    options: Pick<LiveQueryOptions<Data>, "subject" | "ask" | "isEmpty" | "refreshMs" | "follow">,
  ): LiveSource<Data> {
    // The key holds the request whole, so what is found under it answers with this type.
    const known = this.#queries.get(key) as LiveQuery<Data> | undefined;
    const { clock } = this;
    const query =
      known ?? new LiveQuery<Data>({ ...options, clock, turnstile: this.#turnstile }, this.#awake);
    // Last in the map = asked for last; the oldest go first when there are too many.
    this.#queries.delete(key);
    this.#queries.set(key, query as unknown as LiveQuery<never>);
    this.#dropOldest();
    return query;
  }

  #dropOldest(): void {
    if (this.#queries.size <= KEPT_QUERIES) return;
    for (const [key, query] of this.#queries) {
      if (query.watched) continue;
      this.#queries.delete(key);
      if (this.#queries.size <= KEPT_QUERIES) return;
    }
  }

  async #askRange(
    request: RangeRequest,
    last: RangePicture | undefined,
    signal: AbortSignal,
  ): Promise<RangePicture> {
    const { time, zone, widthPx, scrapeIntervalMs, shortForms } = request;
    const range = resolveTimeRange(time, this.clock.now(), zone);
    if (!range) throw new OpsError(panelErrors.noTimeRange, { ...time });
    const stepMs = chooseStepMs(range, widthPx);
    const grid = stepGrid(range, stepMs);
    const missing = missingGrid(last, grid);
    const expr = expandMacros(request.expr, { range, stepMs, scrapeIntervalMs });
    const { value, warnings, infos } = await this.hub.queryRange(expr, {
      fromMs: missing.startMs,
      toMs: missing.startMs + (missing.count - 1) * stepMs,
      stepMs,
      shortForms,
      signal,
    });
    const fresh = value.kind === "matrix" ? value.series : [];
    const reused = last !== undefined && missing !== grid;
    const series = reused ? mergeSeries(last.series, fresh, grid.startMs, missing.startMs) : fresh;
    return { series, range, stepMs, notes: [...warnings, ...infos] };
  }
}
