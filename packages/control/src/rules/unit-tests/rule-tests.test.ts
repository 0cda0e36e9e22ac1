import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { formatJunit } from "./junit.ts";
import { readRuleTestFile } from "./read-test-file.ts";

/** The values of one input series; a text is what is wrong with them. */
function valuesOf(values: string) {
  const text = `tests: [{input_series: [{series: x, values: '${values}'}]}]`;
  const { tests, problems } = readRuleTestFile(text, "t.yml");
  return tests?.tests[0]?.series[0]?.samples ?? problems[0]?.message ?? "";
}

function problemsOf(text: string): readonly string[] {
  const { tests, problems } = readRuleTestFile(text, "t.yml");
  expect(tests).toBeUndefined();
  return problems.map(({ line, code, message }) => `${line} ${code} ${message}`);
}

describe("values of input series", () => {
  it("are numbers, runs, gaps and ends", () => {
    expect(valuesOf("1 -2.5 .5 1e3 +Inf nan stale")).toEqual([
      1,
      -2.5,
      0.5,
      1000,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      "stale",
    ]);
    expect(valuesOf("  0+10x3   5x2 ")).toEqual([0, 10, 20, 30, 5, 5, 5]);
    expect(valuesOf("-2-3x2")).toEqual([-2, -5, -8]);
    expect(valuesOf("1 _ _x2 2")).toEqual([1, undefined, undefined, undefined, 2]);
    expect(valuesOf("1x0 _x0")).toEqual([1]);
    expect(valuesOf("")).toEqual([]);
  });

  it("are added up step by step, as promtool does", () => {
    expect(valuesOf("0+0.1x3")).toEqual([0, 0.1, 0.2, 0.1 + 0.1 + 0.1]);
  });

  it("are native histograms, with runs", () => {
    const [first, second, third] = valuesOf(
      "{{schema:1 count:3 sum:-4.5 z_bucket:1 z_bucket_w:0.1 offset:-1 buckets:[1 0 1]}}+{{count:1 sum:1}}x1 {{counter_reset_hint:gauge custom_values:[1 2] n_buckets:[]}}",
    );
    expect(first).toMatchObject({
      schema: 1,
      count: 3,
      sum: -4.5,
      zeroCount: 1,
      zeroThreshold: 0.1,
      positive: { spans: [{ offset: -1, length: 3 }], counts: Float64Array.of(1, 0, 1) },
    });
    expect(second).toMatchObject({ count: 4, sum: -3.5 });
    expect(third).toMatchObject({ schema: -53, resetHint: "gauge" });
  });

  it("are refused with the word that is wrong", () => {
    expect(valuesOf("1 two")).toBe("series x: two is not a value.");
    expect(valuesOf("stalex3")).toContain("stalex3");
    expect(valuesOf("1x2x3")).toContain("1x2x3");
    expect(valuesOf("Infx2")).toContain("Infx2");
    expect(valuesOf("1\n\n  2")).toContain("one line");
    expect(valuesOf("1x99999999999")).toContain("more than");
    expect(valuesOf("{{counts:1}}")).toContain("a histogram has no counts");
    expect(valuesOf("{{count:1 count:2}}")).toContain("two count");
    expect(valuesOf("{{buckets:1}}")).toContain("must be a list");
    expect(valuesOf("{{schema:9}}")).toContain("no schema 9");
    expect(valuesOf("{{offset:1.5}}")).toContain("must be whole");
    expect(valuesOf("{{count:many}}")).toContain("many is not a number");
    expect(valuesOf("{{counter_reset_hint:yes}}")).toContain("no hint");
    expect(valuesOf("{{custom_values:[1] buckets:[1]}}+{{schema:0 buckets:[1]}}x1")).toContain(
      "do not fit",
    );
  });
});

describe("a file of rule tests", () => {
  it("is read with what it leaves out", () => {
    const { tests, problems } = readRuleTestFile(
      `rule_files: [a.yml]
tests:
- input_series: [{series: 'up{job="ach"}', values: 1}]
  alert_rule_test: [{eval_time: 1m, alertname: Down, exp_alerts: [{exp_labels: {a: 1}}]}]
  promql_expr_test: [{expr: 1, eval_time: 0, exp_samples: [{value: -.Inf}]}]
- {name: second, interval: 5s, start_timestamp: 1970-01-01T00:01:00Z}
`,
      "t.yml",
    );
    expect(problems).toEqual([]);
    expect(tests).toMatchObject({
      ruleFiles: ["a.yml"],
      evaluationIntervalMs: 60_000,
      fuzzyCompare: false,
      tests: [
        {
          name: "unnamed#0",
          startMs: 0,
          series: [{ labels: labelsOf({ __name__: "up", job: "ach" }), intervalMs: 60_000 }],
          alerts: [{ expected: [{ labels: { a: "1", alertname: "Down" }, annotations: {} }] }],
          expressions: [{ expr: "1", expected: [{ labels: [], value: -Infinity }] }],
        },
        { name: "second", startMs: 60_000 },
      ],
    });
    expect(readRuleTestFile("", "t.yml").tests?.tests).toEqual([]);
    const octal = "tests: [{promql_expr_test: [{exp_samples: [{value: 010}]}]}]";
    expect(readRuleTestFile(octal, "t.yml").tests?.tests[0]?.expressions[0]?.expected).toEqual([
      { labels: [], value: 8 },
    ]);
  });

  it("is refused as a whole, every fault with its place", () => {
    expect(problemsOf("- a")[0]).toMatch(/^1 OPS-1405/);
    expect(problemsOf("tests: 5")[0]).toMatch(/^1 OPS-1405/);
    expect(problemsOf("evaluation_interval: 5")[0]).toMatch(/^1 OPS-1406/);
    expect(problemsOf("tests:\n- inputs: []")[0]).toMatch(/^2 OPS-1403/);
    expect(problemsOf("group_eval_order: [a, a]")[0]).toMatch(/stands there twice/);
    expect(problemsOf("fuzzy_compare: perhaps")[0]).toMatch(/neither true nor false/);
    expect(problemsOf("tests:\n- alert_rule_test:\n  - eval_time: 1m")[0]).toMatch(/^3 OPS-1425/);
    expect(problemsOf("tests:\n- start_timestamp: soon")[0]).toMatch(/soon is no time/);
    const expectation = (sample: string) =>
      problemsOf(`tests:\n- promql_expr_test:\n  - exp_samples:\n    - ${sample}`)[0];
    expect(expectation("{value: '1'}")).toMatch(/^4 OPS-1425 .*not a number of YAML/);
    expect(expectation("{labels: 'a{b!=\"c\"}'}")).toMatch(/^4 OPS-1424/);
    expect(expectation("{histogram: '{{x:1}}'}")).toMatch(/^4 OPS-1424/);
  });
});

it("JUnit XML holds suites, cases and failures, whatever stands in them", () => {
  const text = formatJunit([
    {
      name: "a.yml",
      timestamp: "2026-11-21T08:00:00Z",
      cases: [
        { name: "one", failures: [] },
        { name: 'two <"&">', failures: ["a\u0000b\nc"] },
      ],
      errors: [],
    },
    { name: "b.yml", timestamp: "2026-11-21T08:00:00Z", cases: [], errors: ["no such file"] },
  ]);
  expect(text).toBe(
    '<testsuites><testsuite name="a.yml" tests="2" failures="1" errors="0" skipped="0" timestamp="2026-11-21T08:00:00Z"><testcase name="one"></testcase><testcase name="two &lt;&#34;&amp;&#34;&gt;"><failure>a\uFFFDb&#xA;c</failure></testcase></testsuite><testsuite name="b.yml" tests="1" failures="0" errors="1" skipped="0" timestamp="2026-11-21T08:00:00Z"><testcase name="unknown"><error>no such file</error></testcase></testsuite></testsuites>',
  );
});
