import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../exit-codes.ts";
import { runWords } from "../../run.test.tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-rules-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...words: string[]) {
  const { code, out, said } = await runWords(words, { HMS_OPS_URL: "http://127.0.0.1:1" });
  return { code, out: out.replaceAll(folder, ""), said: said.replaceAll(folder, "") };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const RULES = `groups:
- name: second
  rules:
  - {record: total:double, expr: sum(claims:sum) * 2}
- name: first
  rules:
  - {record: claims:sum, expr: sum by (service) (claims)}
  - alert: PileUp
    expr: claims:sum > 100
    for: 1m
    annotations: {summary: '{{ $labels.service }}: {{ $value }} of {{ query "sum(claims)" | first | value }}'}
  - alert: Waits
    expr: waits
    annotations: {summary: '{{ $value }}'}
`;

beforeAll(() => {
  file("rules.yml", RULES);
});

/** The lines that `rules test` prints of one test over the rules above. */
async function tested(text: string, ...flags: string[]) {
  const path = file("t.yml", `rule_files: [rules.yml]\n${text}`);
  return run("rules", "test", path, ...flags);
}

const SERIES = `tests:
- interval: 1m
  input_series:
  - {series: 'claims{service="ssn", office="a"}', values: '50x2 150x5'}
  - {series: 'claims{service="ssn", office="b"}', values: '10x9'}
`;

describe("rules test", () => {
  it("runs groups in the order that is asked for", async () => {
    const wanted = (value: string) => `  promql_expr_test:
  - {expr: total:double, eval_time: 3m, exp_samples: [{labels: total:double, value: ${value}}]}
`;
    // The group that reads stands before the one that records: it sees the minute before.
    expect((await tested(SERIES + wanted("120"))).code).toBe(EXIT.ok);
    const ordered = `group_eval_order: [first, second]\n${SERIES}${wanted("320")}`;
    expect((await tested(ordered)).code).toBe(EXIT.ok);
  });

  it("spells numbers that are none as PromQL does", async () => {
    const { out } = await tested(`tests:
- promql_expr_test: [{expr: vector(1 / 0), eval_time: 0, exp_samples: [{value: -.Inf}]}]
`);
    expect(out).toContain("- {} -Inf");
    expect(out).toContain("+ {} +Inf");
  });

  it("judges alerts with their expanded texts, at the run before the time", async () => {
    const at = (time: string, alerts: string) => `  alert_rule_test:
  - {eval_time: ${time}, alertname: PileUp, exp_alerts: ${alerts}}
`;
    const fires = "[{exp_labels: {service: ssn}, exp_annotations: {summary: 'ssn: 160 of 160'}}]";
    expect((await tested(SERIES + at("3m", "[]"))).code).toBe(EXIT.ok);
    expect((await tested(SERIES + at("4m59s", fires))).code).toBe(EXIT.ok);
    const failed = await tested(SERIES + at("4m", "[]"));
    expect(failed).toMatchObject({ code: EXIT.failure, said: "" });
    expect(failed.out).toBe(`/t.yml: FAILED, 0 of 1 tests
  unnamed#0: alert PileUp at 4m (- expected, + got):
      nothing was expected
      + {alertname="PileUp", service="ssn"} with {summary="ssn: 160 of 160"}
`);
  });

  it("ends a test at the first run in which a rule fails", async () => {
    file("limited.yml", "groups: [{name: g, limit: 1, rules: [{record: r, expr: claims}]}]");
    const { out } = await tested(SERIES.replace("tests:", "tests:").concat(""), "-o", "json");
    expect(JSON.parse(out)).toMatchObject({ passed: true });
    const path = file("limit-test.yml", `rule_files: [limited.yml]\n${SERIES}`);
    expect((await run("rules", "test", path)).out).toContain(
      "unnamed#0: rule r at 0s: exceeded limit of 1 with 2 series",
    );
  });

  it("knows native histograms, in alerts too", async () => {
    const { out } = await tested(`tests:
- interval: 1m
  input_series: [{series: 'waits{a="b"}', values: '{{schema:0 count:3 sum:4 buckets:[1 2]}}x3'}]
  promql_expr_test:
  - {expr: histogram_sum(waits), eval_time: 1m, exp_samples: [{labels: '{a="b"}', value: 4}]}
  - {expr: waits, eval_time: 1m, exp_samples: [{labels: 'waits{a="b"}', histogram: '{{count:3 sum:4 buckets:[1 2 0]}}'}]}
  - {expr: waits, eval_time: 1m, exp_samples: [{labels: 'waits{a="b"}', value: 4}]}
  alert_rule_test:
  - eval_time: 1m
    alertname: Waits
    exp_alerts: [{exp_labels: {a: b}, exp_annotations: {summary: '{count:3, sum:4, (0.5,1]:1, (1,2]:2}'}}]
`);
    expect(out.split("\n")[1]).toBe("  unnamed#0: waits at 1m (- expected, + got):");
    expect(out.match(/unnamed#0/g)).toHaveLength(1);
  });

  it("fails a recording of a histogram with fewer than no observations", async () => {
    file("negative.yml", "groups: [{name: g, rules: [{record: r, expr: waits - 2 * waits}]}]");
    const path = file(
      "negative-test.yml",
      "rule_files: [negative.yml]\ntests: [{input_series: [{series: waits, values: '{{count:1 sum:1 buckets:[1]}}'}]}]",
    );
    expect((await run("rules", "test", path)).out).toContain("observation count is negative");
  });

  it("starts when it is told to, and forgives the last bit where it is told to", async () => {
    const text = (flag: string) => `fuzzy_compare: ${flag}
tests:
- start_timestamp: 2026-11-21T08:00:00Z
  input_series: [{series: a, values: 0.1 0.1}]
  promql_expr_test:
  - {expr: time(), eval_time: 1m, exp_samples: [{value: 1795248060}]}
  - {expr: a + 0.2, eval_time: 1m, exp_samples: [{value: 0.3}]}
`;
    expect((await tested(text("true"))).out).toContain("passed, 1 of 1");
    expect((await tested(text("false"))).out).toContain("{} 0.30000000000000004");
  });

  it("writes JUnit XML, and runs the tests that are asked for", async () => {
    const text = `${SERIES}  name: good
- {name: bad, promql_expr_test: [{expr: 'sum(', eval_time: 0}]}
`;
    const report = join(folder, "report.xml");
    expect((await tested(text, "--junit", report)).code).toBe(EXIT.failure);
    expect(readFileSync(report, "utf8")).toMatch(
      /<testsuites><testsuite name=".*t.yml" tests="2" failures="1" errors="0"/,
    );
    expect((await tested(text, "--run", "goo.")).out).toContain("passed, 1 of 1 tests");
    expect((await tested(text, "--run", "oo")).out).toContain("passed, 0 of 0 tests");
    expect((await tested(text, "--run", "(")).code).toBe(EXIT.usage);
  });

  it("goes on with the other files where one cannot be read", async () => {
    const good = file("good.yml", "tests: []");
    const { code, out } = await run("rules", "test", join(folder, "none.yml"), good);
    expect(code).toBe(EXIT.failure);
    expect(out).toMatch(/none\.yml: FAILED[\s\S]*good\.yml: passed/);
  });

  it("refuses a test that would never end", async () => {
    const text = "tests: [{promql_expr_test: [{expr: 1, eval_time: 1000000y}]}]";
    expect((await tested(text)).out).toMatch(/more than 10000000 evaluations|not a duration/);
  });
});

describe("rules check", () => {
  it("exits with 3 for warnings only where it is asked to", async () => {
    const odd = file("odd.yml", "groups: [{name: g, rules: [{record: a, expr: 'up[1m]'}]}]");
    const checked = await run("rules", "check", odd);
    expect(checked).toMatchObject({ code: EXIT.ok, out: "1 file, 1 rule, 1 problem\n" });
    expect(checked.said).toMatch(/odd\.yml:1:1: warning: .*\(OPS-1427\)/);
    expect((await run("rules", "check", odd, "--lint-fatal")).code).toBe(EXIT.findings);
  });
});

describe("rules check with a hub", () => {
  const answers: Readonly<Record<string, unknown>> = {
    "/api/v1/metadata": { temperature: [{ type: "gauge", help: "", unit: "" }] },
    "/api/v1/label/__name__/values": ["temperature", "up"],
    "/api/v1/series": [],
  };
  const server = createServer((request, response) => {
    request.resume();
    const data = answers[request.url?.split("?")[0] ?? ""] ?? [];
    request.on("end", () => response.end(JSON.stringify({ status: "success", data })));
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => void server.close());

  it("says which selectors match nothing, and what is near", async () => {
    const near = file("near.yml", "groups: [{name: g, rules: [{record: a, expr: temprature}]}]");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const checked = await run("rules", "check", near, "--url", url);
    expect(checked.code).toBe(EXIT.ok);
    expect(checked.said).toMatch(/there is no metric called temprature[\s\S]*mean temperature/);
  });
});

describe("rules backfill", () => {
  it("says what it needs", async () => {
    const rules = join(folder, "rules.yml");
    expect(await run("rules", "backfill", rules)).toMatchObject({
      code: EXIT.usage,
      said: expect.stringContaining("--start TIME is needed"),
    });
    const times = (start: string, end: string) => ["--start", start, "--end", end];
    expect((await run("rules", "backfill", rules, ...times("soon", "5"))).code).toBe(EXIT.usage);
    expect((await run("rules", "backfill", rules, ...times("9", "5"))).said).toContain("is after");
    const interval = ["--eval-interval", "0"];
    expect((await run("rules", "backfill", rules, ...times("1", "5"), ...interval)).code).toBe(
      EXIT.usage,
    );
    expect((await run("rules", "backfill", rules, ...times("1", "5"))).code).toBe(EXIT.unreachable);
  });

  it("records into a stopped folder, again without a change", async () => {
    const into = join(folder, "data");
    const constant = file(
      "constant.yml",
      "groups: [{name: g, rules: [{record: answer, expr: vector(42)}, {record: twice, expr: answer * 2}]}]",
    );
    const words = ["rules", "backfill", constant, "--start", "0", "--end", "9000", "--into", into];
    const ran = await run(...words);
    expect(ran).toMatchObject({
      code: EXIT.ok,
      out: "2 recording rules: 1,200 samples are there\n",
    });
    expect(await run(...words)).toEqual(ran);
    const exported = await run(
      "tsdb",
      "export",
      into,
      "--match",
      "twice",
      "--format",
      "openmetrics",
    );
    expect(exported.out.match(/^twice 84\.?0? /gm)).toHaveLength(600);
  });
});
