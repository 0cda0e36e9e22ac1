import { describe, expect, it } from "vitest";
import { readRuleFile } from "../index.ts";

const CONTEXT = {
  directory: {
    contacts: { oncall: "sms:+15551234", team: "oncall" },
    environment: { HOOK: "https://chat.example.gov/hooks/abc" },
  },
  hasDefaultReceivers: true,
};

const read = (text: string, file = "alerts/a.yaml") => readRuleFile(text, file, CONTEXT);

async function only(text: string, file?: string) {
  const { groups, problems } = await read(text, file);
  expect(problems).toEqual([]);
  expect(groups).toHaveLength(1);
  return groups[0]!.rules[0]!;
}

/** The one problem of a file, as `line:column code message`. */
async function problemOf(text: string) {
  const { groups, problems } = await read(text);
  expect(problems.map(({ code }) => code)).toHaveLength(1);
  const problem = problems[0]!;
  if (problem.severity === "error") expect(groups).toEqual([]);
  return problem;
}

describe("rule groups as Prometheus writes them", () => {
  it("keep all that they say", async () => {
    const { groups, problems } = await read(`groups:
- name: ach_alerts
  interval: 30s
  limit: 10
  query_offset: 5s
  labels: {team: payments, severity: info}
  rules:
  - alert: HighErrorRate
    expr: |
      rate(errors_total[3m])
      / rate(requests_total[3m]) > 0.05
    for: 3m
    keep_firing_for: 1m
    labels:
      severity: critical
    annotations:
      summary: "HMS-ACH 500-error spike"
  - record: job:requests:rate1m
    expr: sum by (job) (rate(requests_total[1m]))
`);
    expect(problems).toEqual([]);
    expect(groups).toMatchObject([
      {
        name: "ach_alerts",
        intervalMs: 30_000,
        limit: 10,
        queryOffsetMs: 5000,
        rules: [
          {
            kind: "alerting",
            name: "HighErrorRate",
            forMs: 180_000,
            keepFiringForMs: 60_000,
            labels: { team: "payments", severity: "critical" },
            annotations: { summary: "HMS-ACH 500-error spike" },
            condition: { subject: "HighErrorRate", operator: ">", threshold: 0.05 },
            origin: { file: "alerts/a.yaml", line: 8 },
          },
          { kind: "recording", name: "job:requests:rate1m", labels: { team: "payments" } },
        ],
      },
    ]);
    expect(groups[0]!.rules[0]!.expr).toBe(
      "rate(errors_total[3m])\n/ rate(requests_total[3m]) > 0.05",
    );
  });

  it("may be empty", async () => {
    expect(await read("")).toEqual({ groups: [], problems: [] });
    expect(await read("# nothing yet\n")).toEqual({ groups: [], problems: [] });
    expect(await read("groups: []")).toEqual({ groups: [], problems: [] });
  });

  const inGroup = (rule: string) => `groups:\n- name: g\n  rules:\n  - ${rule}`;

  it("point at what is wrong, and say how to mend it", async () => {
    expect(await problemOf("groups:\n- name: g\n  ruels: []")).toMatchObject({
      line: 3,
      column: 3,
      code: "OPS-1403",
      message: "ruels is not a key of a group.",
      mend: "Did you mean rules?",
    });
    expect(await problemOf(inGroup("alert: A\n    expr: up\n    for: 5"))).toMatchObject({
      line: 6,
      column: 10,
      code: "OPS-1406",
    });
    expect(await problemOf(inGroup("alert: A"))).toMatchObject({ line: 4, code: "OPS-1404" });
    expect(await problemOf(inGroup("record: 'a{b=\"c\"}'\n    expr: up"))).toMatchObject({
      code: "OPS-1408",
      mend: expect.stringContaining("`expr`"),
    });
    expect(await problemOf(inGroup("record: a\n    expr: up\n    for: 5m"))).toMatchObject({
      code: "OPS-1411",
    });
    expect(await problemOf(inGroup("record: a\n    alert: b\n    expr: up"))).toMatchObject({
      code: "OPS-1421",
    });
    const template = "alert: A\n    expr: up\n    annotations: {x: '{{ if }}'}";
    expect(await problemOf(inGroup(template))).toMatchObject({ line: 6, code: "OPS-1409" });
    const label = "alert: A\n    expr: up\n    labels: {v: '{{ $value }}'}";
    expect(await problemOf(inGroup(label))).toMatchObject({
      severity: "warning",
      code: "OPS-1419",
    });
    expect(await problemOf("groups:\n- {name: g}\n- {name: g}")).toMatchObject({
      line: 3,
      code: "OPS-1410",
    });
  });

  it("point into expressions, whatever their form", async () => {
    expect(await problemOf(inGroup("alert: A\n    expr: rate(x[5m]"))).toMatchObject({
      line: 5,
      code: "OPS-1407",
    });
    const block = "alert: A\n    expr: |\n      up\n        and rate(x[5m]\n";
    const problem = await problemOf(inGroup(block));
    expect(problem.line).toBeGreaterThanOrEqual(6);
    expect(problem.message).toContain('group "g", rule 1, "A"');
  });

  it("tell all problems of a file at once", async () => {
    const { groups, problems } = await read(
      inGroup("alert: A\n    expr: up\n    for: x\n    nonsense: 1\n  - alert: B\n"),
    );
    expect(groups).toEqual([]);
    expect(problems.map(({ code }) => code).sort()).toEqual(["OPS-1403", "OPS-1404", "OPS-1406"]);
  });

  it("are strict PromQL", async () => {
    const rule = await only(inGroup("alert: A\n    expr: latency_ms_p95 > 400"));
    expect(rule.expr).toBe("latency_ms_p95 > 400");
  });
});

describe("a bare rule", () => {
  const LATENCY = `# alerts/latency.yml  (10 lines)
alert: "High Scoring Latency"
expr:  "latency_ms_p95 > 400"
for:   "5m"
labels:
  severity: "critical"
annotations:
  summary: "Scoring service is slow"
  runbook: "runbooks/latency.md"
`;

  it("may use short forms, which become PromQL", async () => {
    const rule = await only(LATENCY, "alerts/latency.yml");
    expect(rule).toMatchObject({
      dialect: "bare",
      name: "High Scoring Latency",
      source: "latency_ms_p95 > 400",
      forMs: 300_000,
      labels: { severity: "critical" },
      annotations: { runbook: "runbooks/latency.md" },
      condition: { subject: "latency_ms_p95", operator: ">", threshold: 400 },
      origin: { file: "alerts/latency.yml", line: 2 },
    });
    expect(rule.expr).toContain("histogram_quantile(0.95");
  });

  it("names whom to tell", async () => {
    const targets = "[oncall, team, 'sms:+1 (555) 987-1234', 'webhook:$HOOK']";
    const rule = await only(`alert: A\nexpr: up == 0\nnotify: ${targets}\n`);
    expect(rule.notify).toEqual([
      { channel: "sms", address: "+15551234" },
      { channel: "sms", address: "+15551234" },
      { channel: "sms", address: "+15559871234" },
      { channel: "webhook", address: "https://chat.example.gov/hooks/abc" },
    ]);
  });

  it("refuses targets that could never work", async () => {
    const refused = async (target: string) =>
      (await problemOf(`alert: A\nexpr: up\nnotify: '${target}'`)).code;
    expect(await refused("sms:+1-555-ONCALL")).toBe("OPS-1413");
    expect(await refused("sms:$NOT_SET")).toBe("OPS-1413");
    expect(await refused("webhook:not a url")).toBe("OPS-1413");
    expect(await refused("carrier-pigeon:roof")).toBe("OPS-1413");
    expect(await refused("nobody")).toBe("OPS-1413");
  });

  it("warns of channels that cannot send yet, of secrets, and of silence", async () => {
    const problem = await problemOf("alert: A\nexpr: up\nnotify: 'slack:#oncall'");
    expect(problem).toMatchObject({ severity: "warning", code: "OPS-1414" });
    const secret = "https://x.example.gov/hook/a1b2c3d4e5f6g7h8";
    const { problems, groups } = await read(`alert: A\nexpr: up\nnotify: 'teams:${secret}'`);
    expect(problems.map(({ code }) => code)).toEqual(["OPS-1414", "OPS-1416"]);
    expect(JSON.stringify(problems)).not.toContain("a1b2c3d4e5f6g7h8");
    expect(groups).toHaveLength(1);
    const lonely = await readRuleFile("alert: A\nexpr: up", "a.yml");
    expect(lonely.problems).toMatchObject([{ severity: "warning", code: "OPS-1415" }]);
  });
});

describe("a metric rule", () => {
  const PAYMENT = `# alerts/payment_latency.yaml
metric:   payment_latency_ms
when:     avg_over_30s > 2000   # ms
action:   sms:+15551234
message:  "Payment latency {{value}} ms (>2 s)"
`;

  it("becomes a rule that averages over events, else over samples", async () => {
    const rule = await only(PAYMENT, "alerts/payment_latency.yaml");
    expect(rule).toMatchObject({
      dialect: "metric-when",
      name: "payment_latency",
      source: "payment_latency_ms avg_over_30s > 2000",
      expr: "(increase(payment_latency_ms_sum[30s]) / increase(payment_latency_ms_count[30s]) or avg_over_time(payment_latency_ms[30s])) > 2000",
      notify: [{ channel: "sms", address: "+15551234" }],
      labels: { severity: "critical" },
      condition: { subject: "payment_latency_ms", operator: ">", threshold: 2000 },
    });
    expect(rule.annotations.summary).toBe('Payment latency {{ printf "%.4g" $value }} ms (>2 s)');
  });

  it("knows other conditions, and dotted names", async () => {
    const expr = async (when: string, metric = "x") =>
      (await only(`metric: ${metric}\nwhen: '${when}'\naction: oncall`)).expr;
    expect(await expr("> 5")).toBe("x > 5");
    expect(await expr("max_over_5m >= 1.5")).toBe("max_over_time(x[5m]) >= 1.5");
    expect(await expr("rate_1m < 1")).toBe("rate(x[1m]) < 1");
    expect(await expr("last_over_1m == 0", "finance.api_ms")).toBe(
      'last_over_time({"finance.api_ms"}[1m]) == 0',
    );
    expect(await expr("p95_over_5m > 400")).toContain(
      "histogram_quantile(0.95, rate(x_bucket[5m]))",
    );
  });

  it("is not named like its metric", async () => {
    expect((await only(PAYMENT, "alerts/payment_latency_ms.yaml")).name).toBe(
      "payment_latency_ms_alert",
    );
  });

  it("says which condition it cannot read", async () => {
    expect(await problemOf("metric: x\nwhen: often\naction: oncall")).toMatchObject({
      line: 2,
      column: 7,
      code: "OPS-1418",
    });
  });
});

describe("any other file", () => {
  it("is told what a rule looks like", async () => {
    expect(await problemOf("hello: world")).toMatchObject({ code: "OPS-1402" });
    expect(await problemOf("- a\n- b")).toMatchObject({ code: "OPS-1402" });
  });

  it("that is no YAML is told where", async () => {
    const { groups, problems } = await read('alert: "A\nexpr: up\n');
    expect(groups).toEqual([]);
    expect(problems[0]).toMatchObject({ code: "OPS-1401", severity: "error" });
    expect(problems[0]!.line).toBeGreaterThanOrEqual(1);
  });

  it("with several documents is read up to the first end", async () => {
    const { groups, problems } = await read("alert: A\nexpr: up\n---\nalert: B\nexpr: up\n");
    expect(groups).toHaveLength(1);
    expect(problems).toMatchObject([{ code: "OPS-1417", severity: "warning" }]);
  });
});

describe("a rule file that is nested without end", () => {
  it("is refused with a reason, in YAML and in JSON", async () => {
    const levels = 100_000;
    const texts = [
      `{"groups": ${"[".repeat(levels)}${"]".repeat(levels)}}`,
      `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`,
      "[".repeat(levels),
      `${"- ".repeat(levels)}a`,
      `${"? ".repeat(levels)}a`,
    ];
    for (const text of texts) {
      const { groups, problems } = await read(text);
      expect(groups).toEqual([]);
      expect(problems[0]?.message).toBe("This is not YAML: It is nested too deeply");
    }
  });
});
