import { labelsOf, type NativeHistogram, NO_BUCKETS, type VectorElement } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import type { Rule } from "../rules/rule.ts";
import {
  type Alert,
  type AlertRuleState,
  NEW_ALERT_RULE_STATE,
  type RuleSample,
  ruleStateOf,
} from "./alert.ts";
import {
  type AlertEvaluationOptions,
  evaluateAlertRule,
  failedAlertRule,
} from "./evaluate-alert-rule.ts";
import { evaluateRecordingRule, NEW_RECORDING_RULE_STATE } from "./evaluate-recording-rule.ts";
import { resumeState } from "./resume.ts";
import { missedSlots, slotFrom, slotOffsetMs } from "./slots.ts";

const START = 1_700_000_000_000;
const MINUTE = 60_000;

const RULE: Rule = {
  kind: "alerting",
  name: "High",
  expr: "x > 1",
  source: "x > 1",
  dialect: "prometheus",
  forMs: 2 * MINUTE,
  keepFiringForMs: 0,
  labels: { severity: "critical", empty: "{{ $labels.nothing }}", alertname: "loses" },
  annotations: { summary: "{{ $labels.job }} is at {{ $value }}" },
  notify: [],
  origin: { file: "alerts/a.yml", line: 1 },
};

/** Runs a rule minute by minute and remembers what came out last. */
class Bench {
  state: AlertRuleState = NEW_ALERT_RULE_STATE;
  rule: Rule;
  minute = 0;
  transitions: readonly string[] = [];
  samples: readonly RuleSample[] = [];

  constructor(changes: Partial<Rule> = {}) {
    this.rule = { ...RULE, ...changes };
  }

  get nowMs() {
    return START + this.minute * MINUTE;
  }

  get alert(): Alert | undefined {
    return this.state.alerts[0];
  }

  run(
    minute: number,
    values: Record<string, number>,
    options: Partial<AlertEvaluationOptions> = {},
  ) {
    this.minute = minute;
    const vector: VectorElement[] = Object.entries(values).map(([job, value]) => ({
      labels: labelsOf({ __name__: "x", job }),
      timeMs: this.nowMs,
      value,
    }));
    const outcome = evaluateAlertRule(this.rule, this.state, vector, this.nowMs, {
      ...CONTEXT,
      nowMs: this.nowMs,
      sampleTimeMs: this.nowMs,
      ...options,
    });
    this.state = outcome.state;
    this.samples = outcome.samples;
    this.transitions = outcome.transitions.map(({ from, to }) => `${from} -> ${to}`);
    return this;
  }

  series(name: string): readonly string[] {
    return this.samples
      .filter(({ labels }) => labels.includes(name))
      .map(({ labels, value, stale }) => {
        const state = labels[labels.indexOf("alertstate") + 1] ?? "";
        return `${labels.includes("alertstate") ? `${state} ` : ""}${stale ? "stale" : value}`;
      });
  }
}

const CONTEXT: AlertEvaluationOptions = {
  externalLabels: {},
  externalUrl: "http://localhost:9090",
  nowMs: START,
  answers: new Map(),
  limit: 0,
  holdMissing: false,
  sampleTimeMs: START,
  stateMetric: true,
};

describe("one run of an alerting rule", () => {
  it("[ALERT1] begins pending, or fires at once without `for`", () => {
    const bench = new Bench().run(0, { ach: 2 });
    expect(bench.alert).toMatchObject({ state: "pending", activeAtMs: START });
    expect(bench.alert?.labels).toEqual(
      labelsOf({ alertname: "High", job: "ach", severity: "critical" }),
    );
    expect(bench.transitions).toEqual(["none -> pending"]);
    const atOnce = new Bench({ forMs: 0 }).run(0, { ach: 2 });
    expect(atOnce.alert).toMatchObject({ state: "firing", firedAtMs: START });
    expect(atOnce.transitions).toEqual(["none -> firing"]);
  });

  it("[ALERT2] fires when `for` has passed", () => {
    const bench = new Bench().run(0, { ach: 2 }).run(1, { ach: 2 });
    expect(bench.alert?.state).toBe("pending");
    bench.run(2, { ach: 2 });
    expect(bench.alert).toMatchObject({ state: "firing", firedAtMs: bench.nowMs });
    expect(bench.transitions).toEqual(["pending -> firing"]);
    expect(bench.run(3, { ach: 2 }).transitions).toEqual([]);
  });

  it("[ALERT3] forgets a pending alert whose element is missing", () => {
    const bench = new Bench().run(0, { ach: 2 }).run(1, {});
    expect(bench.state.alerts).toEqual([]);
    expect(bench.transitions).toEqual(["pending -> inactive"]);
  });

  it("[ALERT4] resolves a firing alert whose element is missing", () => {
    const bench = firing().run(3, {});
    expect(bench.alert).toMatchObject({ state: "inactive", resolvedAtMs: bench.nowMs });
    expect(bench.transitions).toEqual(["firing -> inactive"]);
  });

  it("[ALERT5] keeps firing for a while where the rule says so", () => {
    const bench = firing({ keepFiringForMs: 3 * MINUTE })
      .run(3, {})
      .run(5, {});
    expect(bench.alert?.state).toBe("firing");
    bench.run(5.5, { ach: 2 }).run(6, {}).run(8, {});
    expect(bench.alert?.state).toBe("firing");
    expect(bench.run(9, {}).alert?.state).toBe("inactive");
  });

  it("[ALERT6] keeps a resolved alert for 15 minutes, and begins anew when it comes back", () => {
    const bench = firing().run(3, {}).run(18, {});
    expect(bench.alert?.state).toBe("inactive");
    expect(bench.run(19, {}).state.alerts).toEqual([]);
    const again = firing().run(3, {}).run(4, { ach: 3 });
    expect(again.alert).toMatchObject({ state: "pending", activeAtMs: again.nowMs });
    expect(again.transitions).toEqual(["none -> pending"]);
  });

  it("[ALERT7] refreshes value and annotations", () => {
    const bench = firing().run(3, { ach: 7 });
    expect(bench.alert).toMatchObject({
      value: 7,
      annotations: { summary: "ach is at 7" },
      activeAtMs: START,
    });
  });

  it("[ALERT8] goes back to pending when a reload raised `for`", () => {
    const bench = firing();
    bench.rule = { ...bench.rule, forMs: 10 * MINUTE };
    bench.run(3, { ach: 2 });
    expect(bench.alert?.state).toBe("pending");
    expect(bench.alert).not.toHaveProperty("firedAtMs");
    expect(bench.transitions).toEqual(["firing -> pending"]);
  });

  it("[ALERT9] never looks at the value", () => {
    expect(new Bench({ forMs: 0 }).run(0, { ach: 0 }).alert?.state).toBe("firing");
    expect(new Bench({ forMs: 0 }).run(0, { ach: Number.NaN }).alert?.state).toBe("firing");
  });

  it("[ALERT10] fails when two elements have the same labels", () => {
    const bench = firing();
    bench.rule = { ...bench.rule, labels: { job: "same" } };
    const before = bench.state.alerts;
    bench.run(3, { a: 2, b: 2 });
    expect(bench.state.alerts).toEqual(before);
    expect(bench.state).toMatchObject({ health: "err" });
    expect(bench.state.lastError).toContain("same labelset after applying alert labels");
    expect(bench.samples).toEqual([]);
  });

  it("[ALERT11] drops all alerts beyond the limit", () => {
    const bench = firing().run(3, { a: 2, b: 2 }, { limit: 1 });
    expect(bench.state).toMatchObject({
      alerts: [],
      health: "err",
      lastError: "exceeded limit of 1 with 2 alerts",
    });
    expect(bench.transitions).toEqual([]);
    expect(bench.samples).toEqual([]);
  });

  it("[ALERT12] leaves alerts as they are when the query fails", () => {
    const bench = firing();
    const failed = failedAlertRule(bench.state, "timed out", START);
    expect(failed.state).toMatchObject({ alerts: bench.state.alerts, health: "err" });
    expect(failed.transitions).toEqual([]);
    bench.state = failed.state;
    expect(bench.run(4, { ach: 2 }).state).toMatchObject({ health: "ok", lastError: "" });
  });
});

describe("what a run writes", () => {
  it("[ALERT13] is ALERTS and ALERTS_FOR_STATE of each alert that is on", () => {
    const bench = new Bench().run(1, { ach: 2 });
    expect(bench.series("ALERTS")).toEqual(["pending 1"]);
    expect(bench.series("ALERTS_FOR_STATE")).toEqual([String(START / 1000 + 60)]);
  });

  it("[ALERT14] ends the series that are no longer written", () => {
    const bench = firing();
    expect(bench.series("ALERTS")).toEqual(["firing 1", "pending stale"]);
    expect(bench.series("ALERTS_FOR_STATE")).toEqual([String(START / 1000)]);
    bench.run(3, {});
    expect(bench.series("ALERTS")).toEqual(["firing stale"]);
    expect(bench.series("ALERTS_FOR_STATE")).toEqual(["stale"]);
    expect(bench.run(4, {}).series("ALERTS")).toEqual([]);
  });

  it("[ALERT15] is a metric named like the alert, 0 or 1", () => {
    const state = (bench: Bench) => bench.samples.find(({ labels }) => labels[1] === "High")?.value;
    expect(state(new Bench().run(0, {}))).toBe(0);
    expect(state(new Bench().run(0, { ach: 2 }))).toBe(0);
    expect(state(firing())).toBe(1);
    expect(state(firing().run(3, {}))).toBe(0);
    expect(state(new Bench().run(0, {}, { stateMetric: false }))).toBeUndefined();
  });

  it("is summed up in the state of the rule", () => {
    expect(ruleStateOf(NEW_ALERT_RULE_STATE)).toBe("unknown");
    expect(ruleStateOf(new Bench().run(0, {}).state)).toBe("inactive");
    expect(ruleStateOf(new Bench().run(0, { a: 1 }).state)).toBe("pending");
    expect(ruleStateOf(firing().run(3, { ach: 2, new: 2 }).state)).toBe("firing");
  });
});

describe("a rule across a restart", () => {
  const restart = (bench: Bench, minute: number) => {
    bench.state = resumeState(JSON.parse(JSON.stringify(bench.state)), START + minute * MINUTE);
    return bench;
  };

  it("[ALERT16] goes on from its stored state", () => {
    const bench = restart(firing(), 3).run(3, { ach: 2 });
    expect(bench.transitions).toEqual([]);
    expect(bench.alert).toMatchObject({ state: "firing", firedAtMs: START + 2 * MINUTE });
    const resolved = restart(firing().run(3, {}), 4).run(4, {});
    expect(resolved.transitions).toEqual([]);
  });

  it("[ALERT17] counts a short outage as watched, a long one not", () => {
    const short = restart(new Bench().run(0, { ach: 2 }), 4).run(4, { ach: 2 });
    expect(short.alert?.state).toBe("firing");
    const long = restart(new Bench().run(0, { ach: 2 }).run(1, { ach: 2 }), 61);
    expect(long.run(61, { ach: 2 }).alert?.state).toBe("pending");
    expect(long.run(62, { ach: 2 }).alert?.state).toBe("firing");
  });

  it("[ALERT18] changes nothing for a missing element while it holds", () => {
    const bench = restart(firing(), 3).run(3, {}, { holdMissing: true });
    expect(bench.alert?.state).toBe("firing");
    expect(bench.transitions).toEqual([]);
    expect(bench.series("ALERTS")).toEqual(["firing 1"]);
    expect(bench.run(4, {}).transitions).toEqual(["firing -> inactive"]);
    const pending = new Bench().run(0, { ach: 2 }).run(1, {}, { holdMissing: true });
    expect(pending.run(2, { ach: 2 }).alert?.state).toBe("firing");
  });
});

it("[ALERT21] a histogram counts as 0 and is printed as it is", () => {
  const histogram: NativeHistogram = {
    isInteger: false,
    resetHint: "unknown",
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 2,
    sum: 3,
    positive: { spans: [{ offset: 1, length: 1 }], counts: Float64Array.of(2) },
    negative: NO_BUCKETS,
    customBounds: new Float64Array(0),
  };
  const annotations = { shown: "{{ $value }}", computed: "{{ humanize $value }}" };
  const labels = labelsOf({ job: "a" });
  const vector = [{ labels, timeMs: START, value: Number.NaN, histogram }];
  const { state } = evaluateAlertRule(
    { ...RULE, annotations },
    NEW_ALERT_RULE_STATE,
    vector,
    START,
    {
      externalLabels: {},
      externalUrl: "",
      nowMs: START,
      answers: new Map(),
      limit: 0,
      holdMissing: false,
      sampleTimeMs: START,
      stateMetric: false,
    },
  );
  expect(state.alerts[0]?.value).toBe(0);
  expect(state.alerts[0]?.annotations).toEqual({
    shown: "{count:2, sum:3, (1,2]:2}",
    computed: expect.stringContaining("can't convert"),
  });
});

describe("slots", () => {
  it("[ALERT19] are fixed by file and name, and spread", () => {
    const offset = slotOffsetMs("alerts/a.yml", "a", 15_000);
    expect(slotOffsetMs("alerts/a.yml", "a", 15_000)).toBe(offset);
    const offsets = Array.from({ length: 20 }, (_, i) => slotOffsetMs("f", `g${i}`, 15_000));
    expect(new Set(offsets).size).toBeGreaterThan(15);
    const slot = slotFrom(START, offset, 15_000);
    expect(slot).toBeGreaterThanOrEqual(START);
    expect(slot - START).toBeLessThan(15_000);
    expect(slotFrom(slot, offset, 15_000)).toBe(slot);
    expect(slotFrom(slot + 1, offset, 15_000)).toBe(slot + 15_000);
  });

  it("[ALERT20] that a run overlaps are missed", () => {
    expect(missedSlots(START, START + 14_999, 15_000)).toBe(0);
    expect(missedSlots(START, START + 15_000, 15_000)).toBe(0);
    expect(missedSlots(START, START + 15_001, 15_000)).toBe(1);
    expect(missedSlots(START, START + 46_000, 15_000)).toBe(3);
  });
});

describe("a recording rule", () => {
  const rule: Rule = { ...RULE, kind: "recording", name: "job:x", labels: { team: "ops" } };
  const run = (jobs: readonly string[], previous = NEW_RECORDING_RULE_STATE, limit = 0) =>
    evaluateRecordingRule(
      rule,
      previous,
      jobs.map((job) => ({ labels: labelsOf({ __name__: "x", job }), timeMs: START, value: 5 })),
      START,
      { limit, sampleTimeMs: START - 1000 },
    );

  it("writes the result under its name and ends what vanishes", () => {
    const first = run(["a", "b"]);
    expect(first.samples[0]).toEqual({
      labels: labelsOf({ __name__: "job:x", job: "a", team: "ops" }),
      timeMs: START - 1000,
      value: 5,
    });
    const second = run(["b"], first.state);
    expect(second.samples.map(({ stale }) => stale ?? false)).toEqual([false, true]);
    expect(run(["b"], second.state).samples).toHaveLength(1);
  });

  it("fails on equal label sets and beyond its limit, keeping what it knew", () => {
    const first = run(["a"]);
    const same = evaluateRecordingRule(
      { ...rule, labels: { job: "one" } },
      first.state,
      ["a", "b"].map((job) => ({ labels: labelsOf({ job }), timeMs: START, value: 1 })),
      START,
      { limit: 0, sampleTimeMs: START },
    );
    expect(same.state).toMatchObject({ health: "err", series: first.state.series });
    expect(run(["a", "b"], first.state, 1).state.lastError).toBe(
      "exceeded limit of 1 with 2 series",
    );
  });
});

function firing(changes: Partial<Rule> = {}): Bench {
  return new Bench(changes).run(0, { ach: 2 }).run(2, { ach: 2 });
}
