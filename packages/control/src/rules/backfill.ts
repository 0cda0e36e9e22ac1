import {
  type AppendAck,
  type Labels,
  labelsKey,
  type MatrixSeries,
  METRIC_NAME,
  type NativeHistogram,
  OpsError,
  type RejectionReason,
  type SampleBatch,
  SampleBatchBuilder,
  type SeriesId,
  type StepGrid,
  type TimestampMs,
  withLabels,
} from "@hms-ops/model";
import { slotFrom, slotOffsetMs } from "../alerting/slots.ts";
import { BACKFILL_BATCH_ROWS, BACKFILL_MAX_STEPS, BACKFILL_WINDOW_MS } from "../limits.ts";
import type { Rule, RuleGroup } from "./rule.ts";

export interface BackfillRequest {
  readonly groups: readonly RuleGroup[];
  /** Both belong to it. */
  readonly fromMs: TimestampMs;
  readonly toMs: TimestampMs;
  /** Of groups that name none. */
  readonly intervalMs: number;
  /** Under which file the hub runs a group: its slots follow from that. */
  readonly fileOf: (group: RuleGroup) => string;
}

export interface BackfillDoors {
  /** The series of a range query; rejects with an OpsError where there is no answer. */
  readonly evaluate: (expr: string, grid: StepGrid) => Promise<readonly MatrixSeries[]>;
  /** What was appended is seen by the next evaluation. */
  readonly append: (batch: SampleBatch) => Promise<AppendAck>;
  readonly progress: (report: BackfillReport, reachedMs: TimestampMs) => void;
}

export interface BackfillReport {
  /** Samples and staleness markers stored, or there already. */
  readonly accepted: number;
  readonly rejections: ReadonlyMap<RejectionReason, { count: number; example: string }>;
  /** What failed, each rule and reason once, with the first time. */
  readonly problems: readonly string[];
  readonly recordingRules: number;
  /** They are left out. */
  readonly alertingRules: number;
}

/**
 * Records the past: evaluates recording rules at the slots at which the hub would have run them,
 * window by window, within a window in the order of the files, so that each rule sees what those
 * before it recorded. Series that disappear end with a staleness marker. Repeating it changes
 * nothing. Rejects only where samples cannot be delivered.
 */
export async function backfillRules(
  request: BackfillRequest,
  doors: BackfillDoors,
): Promise<BackfillReport> {
  const backfill = new Backfill(request, doors);
  await backfill.run();
  return backfill;
}

class Backfill implements BackfillReport {
  accepted = 0;
  readonly rejections = new Map<RejectionReason, { count: number; example: string }>();
  readonly recordingRules: number;
  readonly alertingRules: number;
  readonly #request: BackfillRequest;
  readonly #doors: BackfillDoors;
  readonly #problems = new Map<string, string>();
  /** Series that a rule had at its latest step. */
  readonly #alive = new Map<Rule, ReadonlyMap<string, Labels>>();

  constructor(request: BackfillRequest, doors: BackfillDoors) {
    this.#request = request;
    this.#doors = doors;
    const rules = request.groups.flatMap((group) => group.rules);
    this.recordingRules = rules.filter(({ kind }) => kind === "recording").length;
    this.alertingRules = rules.length - this.recordingRules;
  }

  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  async run(): Promise<void> {
    const { fromMs, toMs, groups } = this.#request;
    for (let windowMs = fromMs; windowMs <= toMs; ) {
      const nextMs = (Math.floor(windowMs / BACKFILL_WINDOW_MS) + 1) * BACKFILL_WINDOW_MS;
      const lastMs = Math.min(nextMs - 1, toMs);
      for (const group of groups) {
        for (const grid of this.#grids(group, windowMs, lastMs)) await this.#runGroup(group, grid);
      }
      this.#doors.progress(this, lastMs);
      windowMs = nextMs;
    }
  }

  /** The times of a group's samples within a window. */
  #grids(group: RuleGroup, fromMs: number, toMs: number): readonly StepGrid[] {
    const stepMs = group.intervalMs ?? this.#request.intervalMs;
    const offsetMs = slotOffsetMs(this.#request.fileOf(group), group.name, stepMs);
    const grids: StepGrid[] = [];
    let startMs = slotFrom(fromMs, offsetMs - group.queryOffsetMs, stepMs);
    while (startMs <= toMs) {
      const count = Math.min(Math.floor((toMs - startMs) / stepMs) + 1, BACKFILL_MAX_STEPS);
      grids.push({ startMs, stepMs, count });
      startMs += count * stepMs;
    }
    return grids;
  }

  async #runGroup(group: RuleGroup, grid: StepGrid): Promise<void> {
    for (const rule of group.rules) {
      if (rule.kind !== "recording") continue;
      let series: readonly MatrixSeries[];
      try {
        series = await this.#doors.evaluate(rule.expr, grid);
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        this.#problem(group, rule, error.message, grid.startMs);
        continue;
      }
      const columns = new RuleColumns(rule, series, grid);
      columns.failSteps(group.limit);
      for (const [reason, timeMs] of columns.failures) this.#problem(group, rule, reason, timeMs);
      this.#alive.set(rule, await this.#write(columns, this.#alive.get(rule) ?? new Map()));
    }
  }

  #problem(group: RuleGroup, rule: Rule, reason: string, timeMs: TimestampMs): void {
    const text = `${group.name}, ${rule.name}: ${reason}`;
    if (this.#problems.has(text)) return;
    const first = new Date(timeMs).toISOString();
    this.#problems.set(text, `${text} (first at ${first})`);
  }

  /** The series that are alive at the grid's end. */
  async #write(
    columns: RuleColumns,
    before: ReadonlyMap<string, Labels>,
  ): Promise<ReadonlyMap<string, Labels>> {
    const alive = new Map<string, Labels>();
    let builder = new SampleBatchBuilder("backfill");
    let rows = 0;
    const all = new Map([...before].map(([key, labels]) => [key, { labels }] as const));
    for (const [key, { labels }] of columns.series) all.set(key, { labels });
    for (const [key, { labels }] of all) {
      let id: SeriesId | undefined;
      let wasThere = before.has(key);
      for (let step = 0; step < columns.grid.count; step++) {
        if (columns.failed.has(step)) continue;
        const value = columns.at(key, step);
        if (value === undefined && !wasThere) continue;
        const timeMs = columns.grid.startMs + step * columns.grid.stepMs;
        id ??= builder.declare({ labels });
        if (value === undefined) builder.addStale(id, timeMs);
        else if (typeof value === "number") builder.add(id, timeMs, value);
        else builder.addHistogram({ id, timeMs, histogram: value });
        wasThere = value !== undefined;
        if (++rows < BACKFILL_BATCH_ROWS) continue;
        await this.#deliver(builder.build());
        builder = new SampleBatchBuilder("backfill");
        rows = 0;
        id = undefined;
      }
      if (wasThere) alive.set(key, labels);
    }
    if (rows > 0) await this.#deliver(builder.build());
    return alive;
  }

  async #deliver(batch: SampleBatch): Promise<void> {
    const ack = await this.#doors.append(batch);
    this.accepted += ack.accepted;
    for (const { reason, count, example } of ack.rejections) {
      const known = this.rejections.get(reason);
      if (known) known.count += count;
      else this.rejections.set(reason, { count, example });
    }
  }
}

type Value = number | NativeHistogram;

/** What a rule yields over a grid, under its recorded labels. */
class RuleColumns {
  readonly grid: StepGrid;
  readonly series = new Map<string, { readonly labels: Labels; values: (Value | undefined)[] }>();
  /** Steps at which the rule fails: nothing is written, nothing ends. */
  readonly failed = new Set<number>();
  /** Each reason with its first time. */
  readonly failures = new Map<string, TimestampMs>();

  constructor(rule: Rule, matrix: readonly MatrixSeries[], grid: StepGrid) {
    this.grid = grid;
    for (const { labels, timesMs, values, histograms = [] } of matrix) {
      const recorded = withLabels(labels, { ...rule.labels, [METRIC_NAME]: rule.name });
      const key = labelsKey(recorded);
      const column = this.series.get(key) ?? { labels: recorded, values: [] };
      this.series.set(key, column);
      for (const [i, timeMs] of timesMs.entries()) this.#put(column.values, timeMs, values[i] ?? 0);
      for (const [timeMs, histogram] of histograms) this.#put(column.values, timeMs, histogram);
    }
  }

  at(key: string, step: number): Value | undefined {
    return this.series.get(key)?.values[step];
  }

  /** Marks the steps at which more series than the limit came. */
  failSteps(limit: number): void {
    for (let step = 0; limit > 0 && step < this.grid.count; step++) {
      let count = 0;
      for (const { values } of this.series.values()) if (values[step] !== undefined) count++;
      if (count > limit) this.#fail(step, `exceeded limit of ${limit} with ${count} series`);
    }
  }

  #put(values: (Value | undefined)[], timeMs: TimestampMs, value: Value): void {
    const step = Math.round((timeMs - this.grid.startMs) / this.grid.stepMs);
    if (values[step] !== undefined) {
      const reason = "vector contains metrics with the same labelset after applying rule labels";
      this.#fail(step, reason);
    }
    values[step] = value;
  }

  #fail(step: number, reason: string): void {
    this.failed.add(step);
    const timeMs = this.grid.startMs + step * this.grid.stepMs;
    if (!this.failures.has(reason)) this.failures.set(reason, timeMs);
  }
}
