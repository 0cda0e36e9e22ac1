import type { Rule } from "@hms-ops/control";
import { labelsOf, type NativeHistogram, NO_BUCKETS } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { alertRule, FakeHub, groupOf } from "./testing/fakes.ts";

const SLOT = 15_000;
const HIGH = alertRule("High", "x > 1", { forMs: 60_000 });

async function hubWith(...rules: readonly Rule[]) {
  const hub = new FakeHub();
  hub.answers.set("x > 1", {});
  await hub.start([groupOf(...rules)]);
  return hub;
}

describe("rules in their slots", () => {
  it("run every 15 s at the slot's time, in the order of the group", async () => {
    const record = alertRule("job:x", "x", { kind: "recording", labels: {} });
    const hub = await hubWith(record, HIGH);
    hub.answers.set("x", { ach: 5 });
    await hub.advance(3 * SLOT);
    expect(hub.asked.map(({ expr }) => expr)).toEqual(Array(3).fill(["x", "x > 1"]).flat());
    const times = hub.asked.filter(({ expr }) => expr === "x").map(({ timeMs }) => timeMs);
    expect(times.map((timeMs) => timeMs % SLOT)).toEqual(Array(3).fill(times[0]! % SLOT));
    expect(hub.latest("job:x")).toMatchObject({ value: 5, timeMs: times[2] });
  });

  it("write the alert's own metric from the first run", async () => {
    const hub = await hubWith(HIGH);
    await hub.advance(SLOT);
    expect(hub.latest("High")?.value).toBe(0);
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(90_000);
    expect(hub.latest("High")?.value).toBe(1);
  });

  it("leave that metric out where the rule reads one of the same name", async () => {
    const hub = new FakeHub();
    hub.answers.set("up == 0", { ach: 0 });
    await hub.start([groupOf(alertRule("up", "up == 0"))]);
    await hub.advance(SLOT);
    expect(hub.latest("up")).toBeUndefined();
    expect(hub.latest("ALERTS")?.value).toBe(1);
  });

  it("count slots that a slow query made them miss, and never queue them", async () => {
    const hub = await hubWith(HIGH);
    hub.queryMs = 40_000;
    await hub.advance(SLOT + 60_000);
    expect(hub.asked.length).toBeLessThanOrEqual(2);
    expect(hub.counts.get("prometheus_rule_group_iterations_missed_total")).toBe(2);
    expect(hub.counts.get("prometheus_rule_group_iterations_total")).toBe(3);
    expect(hub.runner.views()[0]?.missedCount).toBe(2);
  });

  it("show a failing query as the rule's error, and go on", async () => {
    const hub = await hubWith(HIGH);
    hub.answers.set("x > 1", undefined);
    await hub.advance(SLOT);
    expect(hub.runner.views()[0]?.rules[0]).toMatchObject({
      health: "err",
      lastError: "no answer to this",
    });
    hub.answers.set("x > 1", {});
    await hub.advance(SLOT);
    expect(hub.runner.views()[0]?.rules[0]).toMatchObject({ health: "ok", state: "inactive" });
  });

  it("are judged on arrival of samples they name, once a second at most", async () => {
    const hub = await hubWith(HIGH);
    await hub.advance(SLOT);
    const before = hub.asked.length;
    hub.runner.samplesArrived(new Set(["other"]));
    await hub.advance(10);
    expect(hub.asked).toHaveLength(before);
    await hub.advance(1_500);
    for (let i = 0; i < 5; i++) hub.runner.samplesArrived(new Set(["x"]));
    await hub.advance(10);
    expect(hub.asked).toHaveLength(before + 1);
  });
});

const HISTOGRAM: NativeHistogram = {
  isInteger: false,
  resetHint: "gauge",
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 1,
  count: 4,
  sum: 7.5,
  positive: { spans: [{ offset: 0, length: 2 }], counts: Float64Array.of(1, 2) },
  negative: NO_BUCKETS,
  customBounds: new Float64Array(0),
};

describe("what rules record", () => {
  const record = alertRule("job:waits", "waits", { kind: "recording", labels: {} });

  it("are native histograms, too, which end as other series do", async () => {
    const hub = await hubWith(record);
    hub.answers.set("waits", { ach: HISTOGRAM });
    await hub.advance(SLOT);
    expect(hub.latest("job:waits")).toMatchObject({ histogram: HISTOGRAM });
    hub.answers.set("waits", { dmv: 3 });
    await hub.advance(SLOT);
    expect(hub.samples.slice(-2)).toMatchObject([
      { labels: labelsOf({ __name__: "job:waits", job: "dmv" }), value: 3 },
      { labels: labelsOf({ __name__: "job:waits", job: "ach" }), stale: true },
    ]);
  });

  it("and alerts on them have the value 0, and texts that show them", async () => {
    const annotations = { summary: "{{ $value }}, {{ len $labels }} labels" };
    const hub = await hubWith(alertRule("Slow", "waits", { annotations }));
    hub.answers.set("waits", { ach: HISTOGRAM });
    await hub.advance(SLOT);
    expect(hub.runner.views()[0]?.rules[0]?.alerts).toMatchObject([
      {
        value: 0,
        annotations: {
          summary: "{count:4, sum:7.5, [-0.001,0.001]:1, (0.5,1]:1, (1,2]:2}, 1 labels",
        },
      },
    ]);
  });

  it("is the rule's error where the store refuses it, but for what was there before", async () => {
    const hub = await hubWith(record);
    hub.answers.set("waits", { ach: 1 });
    hub.refusal = { reason: "metric-limit", count: 1, example: "job:waits has too many series" };
    await hub.advance(SLOT);
    const { health, lastError } = hub.runner.views()[0]?.rules[0] ?? {};
    expect([health, lastError]).toEqual(["err", "job:waits has too many series"]);
    hub.refusal = { reason: "duplicate", count: 1, example: "it is there" };
    await hub.advance(SLOT);
    expect(hub.runner.views()[0]?.rules[0]?.health).toBe("ok");
  });

  it("is asked and written at the time less the offset", async () => {
    const hub = new FakeHub();
    hub.answers.set("waits", { ach: 1 });
    await hub.start([{ ...groupOf(record), queryOffsetMs: 60_000 }]);
    await hub.advance(SLOT);
    const lastRunMs = hub.runner.views()[0]?.lastRunMs ?? 0;
    expect(hub.asked[0]?.timeMs).toBe(lastRunMs - 60_000);
    expect(hub.latest("job:waits")?.timeMs).toBe(lastRunMs - 60_000);
  });

  it("of a quick group waits for no slow one", async () => {
    const hub = new FakeHub();
    hub.answers.set("waits", { ach: 1 });
    hub.slow.add("slow");
    const slow = alertRule("job:slow", "slow", { kind: "recording", labels: {} });
    await hub.start([groupOf(record), { ...groupOf(slow), name: "slow" }]);
    await hub.advance(4 * SLOT);
    expect(hub.asked.filter(({ expr }) => expr === "slow")).toHaveLength(1);
    expect(hub.asked.filter(({ expr }) => expr === "waits")).toHaveLength(4);
  });
});

describe("people are told", () => {
  it("when an alert fires and when it ends, once each", async () => {
    const hub = await hubWith(HIGH);
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(60_000);
    expect(hub.told()).toEqual([]);
    expect(hub.runner.summary()).toMatchObject({ pending: 1, firing: 0 });
    await hub.advance(60_000);
    expect(hub.told()).toEqual(["High firing"]);
    expect(hub.runner.summary()).toMatchObject({
      firing: 1,
      oldestCritical: { name: "High" },
      steadySinceMs: null,
    });
    hub.answers.set("x > 1", {});
    await hub.advance(60_000);
    expect(hub.told()).toEqual(["High firing", "High resolved"]);
    expect(hub.runner.summary().steadySinceMs).toBeGreaterThan(hub.clock.now() - 60_000);
  });

  it("on the terminal where the rule wants an SMS and there is no gateway", async () => {
    const hub = new FakeHub();
    const rule = alertRule("payment_latency", "avg", {
      dialect: "metric-when",
      notify: [{ channel: "sms", address: "+15551234" }],
      condition: { subject: "payment_latency_ms", operator: ">", threshold: 2000 },
    });
    hub.answers.set("avg", { dmv: 2904.2 });
    await hub.start([groupOf(rule)]);
    await hub.advance(SLOT);
    expect(hub.printed).toEqual(["📱 SMS: [HMS-OPS] ALERT – payment_latency_ms 2.9 s (>2 s)"]);
    expect(hub.outbox.list(10)).toMatchObject([
      {
        alertName: "payment_latency",
        channel: "sms",
        to: "+15551234",
        delivery: "not-sent",
        note: "not sent: no SMS gateway",
      },
    ]);
  });

  it("that it is over when the rule is removed while it fires", async () => {
    const hub = await hubWith(HIGH);
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(120_000);
    await hub.runner.setGroups([]);
    await hub.advance(60_000);
    expect(hub.told()).toEqual(["High firing", "High resolved"]);
    expect(hub.latest("ALERTS")?.stale).toBe(true);
    expect(hub.latest("High")?.stale).toBe(true);
  });
});

describe("a changed set of rules", () => {
  it("keeps alerts of rules that keep name and labels", async () => {
    const hub = await hubWith(HIGH);
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(120_000);
    hub.answers.set("x > 1.5", { ach: 2 });
    await hub.runner.setGroups([groupOf({ ...HIGH, expr: "x > 1.5" })]);
    await hub.advance(60_000);
    expect(hub.told()).toEqual(["High firing"]);
    expect(hub.runner.summary().firing).toBe(1);
    expect(hub.asked.at(-1)?.expr).toBe("x > 1.5");
  });

  it("leaves a group that did not change on its schedule", async () => {
    const hub = await hubWith(HIGH);
    await hub.advance(SLOT);
    const before = hub.asked.length;
    await hub.runner.setGroups([groupOf(HIGH)]);
    await hub.advance(2 * SLOT);
    expect(hub.asked).toHaveLength(before + 2);
  });
});

describe("a hub that is killed and started again", () => {
  it("goes on in the middle of pending, without a reset of `for`", async () => {
    const hub = await hubWith(HIGH);
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(45_000);
    const since = hub.runner.views()[0]?.rules[0]?.alerts[0]?.activeAtMs;
    const again = restart(hub);
    await again.start([groupOf(HIGH)]);
    await again.advance(45_000);
    expect(again.told()).toEqual(["High firing"]);
    expect(again.runner.views()[0]?.rules[0]?.alerts[0]?.activeAtMs).toBe(since);
  });

  it("does not page twice, and tells the end", async () => {
    const hub = await hubWith(HIGH);
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(120_000);
    expect(hub.told()).toEqual(["High firing"]);
    const again = restart(hub);
    // The first samples after a start may lack what made the alert fire.
    again.answers.set("x > 1", {});
    await again.start([groupOf(HIGH)]);
    await again.advance(30_000);
    again.answers.set("x > 1", { ach: 2 });
    await again.advance(120_000);
    expect(again.told()).toEqual([]);
    expect(again.runner.summary().firing).toBe(1);
    again.answers.set("x > 1", {});
    await again.advance(30_000);
    expect(again.told()).toEqual(["High resolved"]);
  });

  it("sends what was on its way", async () => {
    const hub = await hubWith(HIGH);
    hub.receiver = "connect ECONNREFUSED";
    hub.answers.set("x > 1", { ach: 2 });
    await hub.advance(120_000);
    expect(hub.outbox.list(1)).toMatchObject([{ delivery: "waiting" }]);
    const again = restart(hub);
    await again.start([groupOf(HIGH)]);
    await again.advance(1_000);
    expect(again.told()).toEqual(["High firing"]);
    expect(again.outbox.list(1)).toMatchObject([{ delivery: "sent", note: "HTTP 200" }]);
    const third = restart(again);
    await third.start([groupOf(HIGH)]);
    await third.advance(60_000);
    expect(third.told()).toEqual([]);
  });
});

function restart(hub: FakeHub): FakeHub {
  const values = new Map(hub.documents.values);
  hub.kill();
  const again = new FakeHub(hub);
  // The killed hub's store no longer writes; the new one opens the same file.
  Object.assign(again, { documents: hub.documents });
  hub.documents.values.clear();
  for (const [key, value] of values) hub.documents.values.set(key, value);
  Reflect.deleteProperty(hub.documents, "write");
  return again;
}
