import {
  formatLabels,
  type Labels,
  METRIC_NAME,
  NEW_SERIES_BASE,
  type Rejection,
  type RejectionReason,
  type SampleBatch,
  senderOf,
} from "@hms-ops/model";
import type { TsdbLimits } from "../../limits.ts";
import { labelFault } from "./label-fault.ts";
import type { LimitWatch } from "./limit-watch.ts";

const SHOWN_LABELS_CHARS = 500;
/** Offenders of one batch that are looked at; the limits' own counts are of all. */
const BLAMED_MAX = 1_000;

const IN_SECONDS = "; times are in milliseconds, and this one looks like seconds";

/** Times outside are refused. */
export interface AcceptedTimes {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RefusalContext {
  readonly labelsOf: (series: number) => Labels;
  readonly limits: TsdbLimits;
  readonly watch: LimitWatch;
}

/** Rejections of one batch by reason, each with the first row as its example. */
export class Refusals {
  readonly #batch: SampleBatch;
  readonly #times: AcceptedTimes;
  readonly #context: RefusalContext;
  readonly #byReason = new Map<RejectionReason, { count: number; readonly example: string }>();
  /** Rows by new series, of reasons that are about series. */
  readonly #bySeries = new Map<number, { readonly reason: RejectionReason; count: number }>();

  constructor(batch: SampleBatch, times: AcceptedTimes, context: RefusalContext) {
    this.#batch = batch;
    this.#times = times;
    this.#context = context;
  }

  get isEmpty(): boolean {
    return this.#byReason.size === 0;
  }

  add(reason: RejectionReason, row: number): void {
    this.addAt(reason, this.#batch.ids[row]!, this.#batch.timesMs[row]!);
  }

  addAt(reason: RejectionReason, id: number, timeMs: number): void {
    const known = this.#byReason.get(reason);
    if (known) known.count++;
    else this.#byReason.set(reason, { count: 1, example: this.#example(reason, id, timeMs) });
    if (id < NEW_SERIES_BASE || !isAboutSeries(reason)) return;
    const series = this.#bySeries.get(id);
    if (series) series.count++;
    else this.#bySeries.set(id, { reason, count: 1 });
  }

  /** Also tells the watch which limits were passed, and by whom. */
  list(): readonly Rejection[] {
    if (this.#byReason.size > 0) this.#blame();
    return [...this.#byReason].map(([reason, { count, example }]) => ({ reason, count, example }));
  }

  #blame(): void {
    const { watch } = this.#context;
    const ahead = this.#byReason.get("too-new");
    if (ahead) watch.count("aheadMs", ahead.count);
    const byOffender = new Map<string, Parameters<LimitWatch["blame"]>[0]>();
    let looked = 0;
    for (const [id, { reason, count }] of this.#bySeries) {
      const labels = this.#labelsOf(id);
      const { limit, text } = this.#cause(reason, labels);
      if (limit === undefined) continue;
      if (++looked > BLAMED_MAX) {
        watch.count(limit, count);
        continue;
      }
      const metric = metricOf(labels);
      const key = `${limit} ${metric}`;
      const known = byOffender.get(key);
      const example = known?.example ?? `${shownLabels(labels)}: ${text}`;
      const source = senderOf(this.#batch.source);
      byOffender.set(key, { limit, metric, source, count: (known?.count ?? 0) + count, example });
    }
    for (const offence of byOffender.values()) watch.blame(offence);
  }

  #example(reason: RejectionReason, id: number, timeMs: number): string {
    const labels = this.#labelsOf(id);
    const { text } = this.#cause(reason, labels);
    const hint = reason === "too-old" && this.#looksLikeSeconds(timeMs) ? IN_SECONDS : "";
    const sender = senderOf(this.#batch.source);
    return `${shownLabels(labels)} at ${timeMs} ms, sent by ${sender}: ${text}${hint}`;
  }

  /** Whoever writes seconds where milliseconds belong is in January 1970. */
  #looksLikeSeconds(timeMs: number): boolean {
    const { fromMs, toMs } = this.#times;
    return timeMs * 1_000 >= fromMs && timeMs * 1_000 <= toMs;
  }

  #labelsOf(id: number): Labels {
    return this.#batch.newSeries[id - NEW_SERIES_BASE]?.labels ?? this.#context.labelsOf(id);
  }

  #cause(
    reason: RejectionReason,
    labels: Labels,
  ): { readonly limit?: keyof TsdbLimits; readonly text: string } {
    const { limits } = this.#context;
    switch (reason) {
      case "duplicate":
        return { text: "another value is stored for that time" };
      case "too-old":
        return { text: "older than the retention" };
      case "too-new":
        return { limit: "aheadMs", text: "ahead of this machine's clock" };
      case "invalid-labels":
        return labelFault(labels, limits);
      case "series-limit":
        return {
          limit: "seriesMax",
          text: `the store holds ${limits.seriesMax} series, as many as it may`,
        };
      case "metric-limit":
        return {
          limit: "seriesPerMetricMax",
          text: `the metric ${metricOf(labels)} has ${limits.seriesPerMetricMax} series, as many as one may have`,
        };
    }
  }
}

function isAboutSeries(reason: RejectionReason): boolean {
  return reason === "invalid-labels" || reason === "series-limit" || reason === "metric-limit";
}

function metricOf(labels: Labels): string {
  const at = labels.indexOf(METRIC_NAME);
  return at >= 0 && at % 2 === 0 ? (labels[at + 1] ?? "") : "";
}

function shownLabels(labels: Labels): string {
  return formatLabels(labels).slice(0, SHOWN_LABELS_CHARS);
}
