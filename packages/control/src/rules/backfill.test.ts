import {
  formatLabels,
  labelsOf,
  type MatrixSeries,
  type NativeHistogram,
  NEW_SERIES_BASE,
  NO_BUCKETS,
  OpsError,
  type SampleBatch,
  type StepGrid,
} from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { slotOffsetMs } from "../alerting/slots.ts";
import { CONTROL_ERRORS } from "../errors.ts";
import { type BackfillRequest, backfillRules } from "./backfill.ts";
import { readRuleFile } from "./read-rule-file.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OFFSET = slotOffsetMs("r.yml", "g", MINUTE);

type Answer = (expr: string, grid: StepGrid) => readonly MatrixSeries[];

/** A series that yields what the function says at each step. */
function series(
  labels: Record<string, string>,
  grid: StepGrid,
  valueAt: (timeMs: number) => number | undefined,
): MatrixSeries {
  const times = Array.from({ length: grid.count }, (_, i) => grid.startMs + i * grid.stepMs);
  const there = times.filter((timeMs) => valueAt(timeMs) !== undefined);
  return {
    labels: labelsOf(labels),
    timesMs: Float64Array.from(there),
    values: Float64Array.from(there, (timeMs) => valueAt(timeMs) ?? 0),
  };
}

async function backfill(rules: string, answer: Answer, changes: Partial<BackfillRequest> = {}) {
  const { groups, problems } = await readRuleFile(rules, "r.yml");
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const asked: { readonly expr: string; readonly grid: StepGrid }[] = [];
  const rows: string[] = [];
  const append = async (batch: SampleBatch) => {
    for (let row = 0; row < batch.count; row++) {
      const labels = batch.newSeries[(batch.ids[row] ?? 0) - NEW_SERIES_BASE]?.labels ?? [];
      const value = batch.stale[row] === 1 ? "stale" : batch.values[row];
      rows.push(`${formatLabels(labels)} ${batch.timesMs[row]} ${value}`);
    }
    for (const { timeMs } of batch.histograms ?? []) rows.push(`histogram ${timeMs}`);
    return { accepted: batch.count + (batch.histograms?.length ?? 0), rejections: [] };
  };
  const reached: number[] = [];
  const report = await backfillRules(
    {
      groups,
      fromMs: 0,
      toMs: HOUR,
      intervalMs: MINUTE,
      fileOf: ({ file }) => file,
      ...changes,
    },
    {
      evaluate: async (expr, grid) => {
        asked.push({ expr, grid });
        return answer(expr, grid);
      },
      append,
      progress: (_, reachedMs) => void reached.push(reachedMs),
    },
  );
  return { asked, rows, report, reached };
}

const ONE = "groups: [{name: g, rules: [{record: r, expr: x}]}]";

describe("back-fill", () => {
  it("asks at the slots at which the hub would, in windows of two hours", async () => {
    const { asked, report, reached, rows } = await backfill(
      ONE,
      (_, grid) => [series({ __name__: "x", a: "b" }, grid, () => 1)],
      { fromMs: HOUR, toMs: 4 * HOUR },
    );
    expect(asked.map(({ grid }) => grid.startMs)).toEqual([HOUR + OFFSET, 2 * HOUR + OFFSET]);
    expect(asked.map(({ grid }) => grid.count)).toEqual([60, 120]);
    expect(report).toMatchObject({
      accepted: 180,
      recordingRules: 1,
      alertingRules: 0,
      problems: [],
    });
    expect(reached).toEqual([2 * HOUR - 1, 4 * HOUR - 1, 4 * HOUR]);
    expect(rows[0]).toBe(`r{a="b"} ${HOUR + OFFSET} 1`);
  });

  it("runs each window's rules in order, leaves alerts out, and sets labels", async () => {
    const { asked, rows, report } = await backfill(
      `groups:
- name: g
  labels: {team: ach}
  rules:
  - {record: first, expr: x, labels: {a: new}}
  - {alert: A, expr: x}
  - {record: second, expr: first}
- {name: h, interval: 30s, rules: [{record: third, expr: second}]}
`,
      (_, grid) => [series({ __name__: "x", a: "old" }, grid, () => 1)],
      { toMs: 3 * HOUR },
    );
    expect(asked.map(({ expr }) => expr)).toEqual(["x", "first", "second", "x", "first", "second"]);
    expect(report).toMatchObject({ recordingRules: 3, alertingRules: 1 });
    expect(rows[0]).toBe(`first{a="new", team="ach"} ${OFFSET} 1`);
  });

  it("ends series where they disappear, also between two windows", async () => {
    const { rows } = await backfill(
      ONE,
      (_, grid) => [series({ a: "b" }, grid, (timeMs) => (timeMs < 2 * HOUR ? 1 : undefined))],
      { fromMs: HOUR, toMs: 4 * HOUR },
    );
    expect(rows).toHaveLength(61);
    expect(rows.at(-1)).toBe(`r{a="b"} ${2 * HOUR + OFFSET} stale`);
  });

  it("records histograms", async () => {
    const histogram: NativeHistogram = {
      isInteger: false,
      resetHint: "unknown",
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 0,
      sum: 0,
      positive: NO_BUCKETS,
      negative: NO_BUCKETS,
      customBounds: new Float64Array(0),
    };
    const { rows } = await backfill(ONE, (_, grid) => [
      {
        labels: [],
        timesMs: new Float64Array(0),
        values: new Float64Array(0),
        histograms: [[grid.startMs, histogram]],
      },
    ]);
    expect(rows).toEqual([`r ${OFFSET + MINUTE} stale`, `histogram ${OFFSET}`]);
  });

  it("leaves out the steps at which the rule would have failed, and tells why", async () => {
    const limited = ONE.replace("name: g", "name: g, limit: 1");
    const { rows, report } = await backfill(limited, (_, grid) => [
      series({ a: "1" }, grid, () => 1),
      series({ a: "2" }, grid, (timeMs) => (timeMs === OFFSET ? 1 : undefined)),
    ]);
    expect(rows).toHaveLength(59);
    expect(report.problems).toEqual([
      expect.stringMatching(/^g, r: exceeded limit of 1 with 2 series \(first at 1970-01-01T00:00/),
    ]);
    const same = await backfill(ONE, (_, grid) => [
      series({ __name__: "x" }, grid, () => 1),
      series({ __name__: "y" }, grid, (timeMs) => (timeMs === OFFSET ? 1 : undefined)),
    ]);
    expect(same.rows).toHaveLength(59);
    expect(same.report.problems[0]).toContain("same labelset");
  });

  it("goes on with the other rules where one cannot be answered", async () => {
    const two = "groups: [{name: g, rules: [{record: a, expr: x}, {record: b, expr: y}]}]";
    const { report } = await backfill(two, (expr, grid) => {
      if (expr === "y") return [series({}, grid, () => 1)];
      throw new OpsError(CONTROL_ERRORS.unreadableFile, { reason: "too much" });
    });
    expect(report.accepted).toBe(60);
    expect(report.problems).toEqual([expect.stringContaining("g, a: ")]);
  });

  it("asks and records earlier by a group's query offset", async () => {
    const late = ONE.replace("name: g", "name: g, query_offset: 10s");
    const { asked } = await backfill(late, () => []);
    const startMs = asked[0]?.grid.startMs ?? 0;
    expect((startMs + 10_000 - OFFSET) % MINUTE).toBe(0);
  });
});
