import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import {
  type Alert,
  type AlertState,
  CHANNELS,
  fingerprint,
  NEW_ALERT_RULE_STATE,
  notificationOf,
  phoneLine,
  type Rule,
  receiversOf,
  redactText,
  redactUrl,
  smsText,
  type Transition,
} from "../index.ts";

const AT = 1_700_000_000_500;

const RULE: Rule = {
  kind: "alerting",
  name: "payment_latency",
  expr: "avg_over_time(payment_latency_ms[30s]) > 2000",
  source: "payment_latency_ms avg_over_30s > 2000",
  dialect: "metric-when",
  forMs: 0,
  keepFiringForMs: 0,
  labels: { severity: "critical" },
  annotations: {},
  notify: [],
  condition: { subject: "payment_latency_ms", operator: ">", threshold: 2000 },
  origin: { file: "alerts/payment_latency.yaml", line: 1 },
};

function alert(state: AlertState, value: number, job = "dmv"): Alert {
  return {
    labels: labelsOf({ alertname: RULE.name, job, severity: "critical" }),
    annotations: { summary: `<b>${job}</b> is slow`, runbook: "runbooks/latency.md" },
    state,
    value,
    activeAtMs: AT - 60_000,
    firedAtMs: AT,
    ...(state === "inactive" && { resolvedAtMs: AT + 30_000 }),
  };
}

function told(alerts: readonly Alert[], transitions: readonly Transition[], rule = RULE) {
  const state = { ...NEW_ALERT_RULE_STATE, alerts };
  const notification = notificationOf(rule, state, transitions, AT);
  if (!notification) throw new Error("nothing was told");
  return notification;
}

const fired = (value: number, rule = RULE) => {
  const firing = alert("firing", value);
  return told([firing], [{ alert: firing, from: "pending", to: "firing" }], rule);
};

const resolved = () => {
  const ended = alert("inactive", 2900);
  return told([ended], [{ alert: ended, from: "firing", to: "inactive" }]);
};

describe("what people are told", () => {
  it("is one notification a rule when something fires or ends, and nothing else", () => {
    const pending = alert("pending", 1);
    const state = { ...NEW_ALERT_RULE_STATE, alerts: [pending] };
    const begun: Transition = { alert: pending, from: "none", to: "pending" };
    expect(notificationOf(RULE, state, [begun], AT)).toBeUndefined();
    const dropped: Transition = { alert: pending, from: "pending", to: "inactive" };
    expect(notificationOf(RULE, state, [dropped], AT)).toBeUndefined();
    expect(fired(2900)).toMatchObject({ status: "firing", isFirst: true, truncatedCount: 0 });
    expect(resolved()).toMatchObject({ status: "resolved", isFirst: false });
  });

  it("groups all alerts of the rule, firing first", () => {
    const [a, b] = [alert("firing", 1, "a"), alert("inactive", 2, "b")];
    const both = told([b, a], [{ alert: b, from: "firing", to: "inactive" }]);
    expect(both.status).toBe("firing");
    expect(both.alerts.map(({ state }) => state)).toEqual(["firing", "inactive"]);
  });

  it("goes to the rule's own list, else to the hub's receivers, else to the terminal", () => {
    const own = { channel: "sms", address: "+15551234" };
    const hub = { channel: "webhook", address: "http://127.0.0.1:1/x" };
    expect(receiversOf({ ...RULE, notify: [own] }, [hub])).toEqual([own]);
    expect(receiversOf(RULE, [hub])).toEqual([hub]);
    expect(receiversOf(RULE, [])).toEqual([{ channel: "terminal", address: "hub" }]);
  });
});

describe("the text message", () => {
  it("is the chapter's, to the letter", () => {
    expect(phoneLine(smsText(fired(2874)))).toBe(
      "📱 SMS: [HMS-OPS] ALERT – payment_latency_ms 2.9 s (>2 s)",
    );
  });

  const reads = (condition: Rule["condition"], value: number, text: string) =>
    expect(smsText(fired(value, { ...RULE, condition: condition! }))).toBe(
      `[HMS-OPS] ALERT – ${text}`,
    );

  it("writes times in the unit that suits them", () => {
    reads(RULE.condition, 11_213, "payment_latency_ms 11 s (>2 s)");
    reads(RULE.condition, 999.6, "payment_latency_ms 1000 ms (>2 s)");
    const seconds = { subject: "refund_check_seconds", operator: ">=", threshold: 0.25 } as const;
    reads(seconds, 0.3, "refund_check_seconds 300 ms (>=250 ms)");
    reads(seconds, 3, "refund_check_seconds 3 s (>=250 ms)");
    reads({ subject: "queue_depth", operator: ">", threshold: 500 }, 742, "queue_depth 742 (>500)");
    reads(
      { subject: "HighErrorRate", operator: ">", threshold: 0.05 },
      0.0781,
      "HighErrorRate 0.078 (>0.05)",
    );
  });

  it("says when it is over", () => {
    expect(smsText(resolved())).toBe("[HMS-OPS] RESOLVED – payment_latency_ms (was >2 s)");
  });

  it("gives the summary where the rule measures nothing: it names who it is about", () => {
    const { condition: _none, ...rule } = RULE;
    expect(smsText(fired(1, rule))).toBe("[HMS-OPS] ALERT – payment_latency: <b>dmv</b> is slow");
    reads(
      { subject: "up", operator: "==", threshold: 0 },
      0,
      "payment_latency: <b>dmv</b> is slow",
    );
    const [a, b, over] = [alert("firing", 0, "a"), alert("firing", 0, "b"), alert("inactive", 0)];
    expect(smsText(told([a, b, over], [{ alert: a, from: "none", to: "firing" }], rule))).toBe(
      "[HMS-OPS] ALERT – payment_latency: <b>a</b> is slow, and 1 more",
    );
    const bare = { ...alert("firing", 0), annotations: {} };
    expect(smsText(told([bare], [{ alert: bare, from: "none", to: "firing" }], rule))).toBe(
      "[HMS-OPS] ALERT – payment_latency, job=dmv",
    );
  });

  const ORDERS: Rule = {
    ...RULE,
    name: "TooManyOrders",
    dialect: "prometheus",
    condition: { subject: "zone:orders:rate1m", operator: ">", threshold: 2.5 },
  };
  const orders = (zone: string, value: number, summary: string) => ({
    ...alert("firing", value),
    labels: labelsOf({ alertname: ORDERS.name, zone, severity: "critical" }),
    annotations: { summary },
  });

  it("names the alert, what it says and whom it is about, each once", () => {
    const text = (rule: Rule, ...alerts: Alert[]) =>
      smsText(told(alerts, [{ alert: alerts[0]!, from: "none", to: "firing" }], rule));
    expect(text(ORDERS, orders("us", 3, "more than we can pack"))).toBe(
      "[HMS-OPS] ALERT – TooManyOrders: zone:orders:rate1m 3 (>2.5) – more than we can pack, zone=us",
    );
    expect(text(ORDERS, orders("us", 3, "us: 3 a second"))).toBe(
      "[HMS-OPS] ALERT – TooManyOrders: zone:orders:rate1m 3 (>2.5) – us: 3 a second",
    );
    expect(text(ORDERS, orders("us", 3, "customers wait"))).toContain("wait, zone=us");
    const byName = { ...ORDERS, condition: { ...ORDERS.condition!, subject: ORDERS.name } };
    expect(text(byName, orders("us", 3, ""))).toBe(
      "[HMS-OPS] ALERT – TooManyOrders 3 (>2.5), zone=us",
    );
    const both = [orders("eu", 3, "eu is late"), orders("us", 7, "us is late")];
    expect(text(ORDERS, ...both)).toBe(
      "[HMS-OPS] ALERT – TooManyOrders: zone:orders:rate1m 7 (>2.5) – us is late, and 1 more",
    );
  });

  it("keeps the last bad value to itself when it is over", () => {
    const over = { ...orders("us", 3, "us: 3 a second"), state: "inactive" as const };
    expect(smsText(told([over], [{ alert: over, from: "firing", to: "inactive" }], ORDERS))).toBe(
      "[HMS-OPS] RESOLVED – TooManyOrders: zone:orders:rate1m (was >2.5), zone=us",
    );
  });

  it("tells which one is worst where a rule by metric and limit finds several", () => {
    const [a, b] = [alert("firing", 2100, "a"), alert("firing", 2900, "b")];
    expect(smsText(told([a, b], [{ alert: a, from: "none", to: "firing" }]))).toBe(
      "[HMS-OPS] ALERT – payment_latency_ms 2.9 s (>2 s), job=b, and 1 more",
    );
  });

  it("is not sent without a gateway, and says so", () => {
    expect(CHANNELS.get("sms")).toMatchObject({
      reaches: "terminal",
      unsentNote: "not sent: no SMS gateway",
    });
  });
});

describe("the web hook", () => {
  const webhook = CHANNELS.get("webhook")!;
  const target = { channel: "webhook", address: "http://127.0.0.1:5001/hook" };
  const context = { externalUrl: "http://localhost:9090" };

  it("is Alertmanager's version 4, byte for byte", async () => {
    const { body } = webhook.request!(fired(2900), target, context);
    await expect(body).toMatchFileSnapshot("testdata/webhook-firing.golden");
    const { body: end } = webhook.request!(resolved(), target, context);
    await expect(end).toMatchFileSnapshot("testdata/webhook-resolved.golden");
  });

  it("posts JSON to the address", () => {
    expect(webhook.request!(fired(2900), target, context)).toMatchObject({
      method: "POST",
      url: "http://127.0.0.1:5001/hook",
      headers: { "content-type": "application/json" },
    });
  });

  it("reads receipts: 2xx arrived, 5xx and 429 are worth another try, the rest is refused", () => {
    const receipt = (status: number) => webhook.receipt!({ status, retryAfter: "", body: "no" });
    expect(receipt(204)).toEqual({ delivery: "sent", retry: false, note: "HTTP 204" });
    expect(receipt(503)).toEqual({ delivery: "failed", retry: true, note: "HTTP 503: no" });
    expect(receipt(429).retry).toBe(true);
    expect(receipt(400)).toMatchObject({ delivery: "failed", retry: false });
  });

  it("names label sets as Prometheus does", () => {
    expect(fingerprint([])).toBe("cbf29ce484222325");
    expect(fingerprint(labelsOf({ a: "b" }))).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint(labelsOf({ a: "b" }))).not.toBe(fingerprint(labelsOf({ a: "c" })));
  });
});

describe("secrets", () => {
  it("are struck out of addresses", () => {
    expect(redactUrl("https://user:pw@h.gov/hooks/T024BE7LD0/B0/xoxb123456789?key=1&b=2#f")).toBe(
      "https://…@h.gov/hooks/T024BE7LD0/B0/…?key=…&b=…#…",
    );
    expect(redactUrl("http://127.0.0.1:5001/hook")).toBe("http://127.0.0.1:5001/hook");
    expect(redactUrl("#oncall")).toBe("#oncall");
    expect(redactText("connect to https://a:b@h/x failed")).toBe("connect to https://…@h/x failed");
  });
});
