import { readRuleFile, readRuleTestFile, runRuleTests } from "@hms-ops/control";
import { shippedRules } from "@hms-ops/layers";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { expect, it } from "vitest";

/** What the shipped rules do with series of a sample each 15 s; empty = as the cases say. */
async function failures(series: Readonly<Record<string, string>>, cases: readonly string[]) {
  const read = await Promise.all(shippedRules.map(({ text, file }) => readRuleFile(text, file)));
  const inputs = Object.entries(series).map(
    ([labels, values]) => `  - {series: '${labels}', values: '${values}'}`,
  );
  const text = `evaluation_interval: 15s
tests:
- interval: 15s
  input_series:
${inputs.join("\n")}
  alert_rule_test:
${cases.map((one) => `  - ${one}`).join("\n")}
`;
  const { tests, problems } = readRuleTestFile(text, "test.yml");
  if (!tests) throw new Error(JSON.stringify(problems));
  const groups = read.flatMap((one) => one.groups);
  const outcomes = await runRuleTests(tests, groups, openMemoryStore);
  return outcomes.flatMap((outcome) => outcome.failures);
}

/** Cases in which nothing fires, each half minute of the ten from the given one on. */
function nothing(alertname: string, fromMinute: number): readonly string[] {
  const at = (i: number) => `${fromMinute * 60 + i * 30}s`;
  return Array.from({ length: 20 }, (_, i) => {
    return `{eval_time: ${at(i)}, alertname: ${alertname}, exp_alerts: []}`;
  });
}

/** Counters that rise by 300 a sample, but for those from the fifth minute on that a fault took. */
function counted(faultSamples: number): string {
  const after = 6_000 + 300;
  return `0+300x20 6000x${faultSamples - 1} ${after}+300x60`;
}

function paymentBuckets(faultSamples: number): Readonly<Record<string, string>> {
  const bucket = (le: string) => `ach_latency_ms_bucket{service="hms-ach",le="${le}"}`;
  const quick = counted(faultSamples);
  return {
    [bucket("256.0")]: quick,
    [bucket("2048.0")]: quick,
    [bucket("4096.0")]: "0+300x120",
    [bucket("+Inf")]: "0+300x120",
  };
}

it("payments that were slow for two minutes page nobody once they are well again", async () => {
  expect(await failures(paymentBuckets(8), nothing("SlowPayments", 8))).toEqual([]);
});

it("payments that stay slow do page", async () => {
  const summary = "hms-ach: p95 is 3.994s, promise 2 s";
  const fires = `{eval_time: 12m, alertname: SlowPayments, exp_alerts: [{exp_labels: {service: hms-ach, severity: warning}, exp_annotations: {summary: "${summary}", runbook: runbooks/latency.md}}]}`;
  expect(await failures(paymentBuckets(40), [fires])).toEqual([]);
});

it("a service that failed for two minutes pages nobody once it is well again", async () => {
  const series = {
    'requests_total{service="usda-score"}': "0+300x120",
    'errors_total{service="usda-score"}': "0x20 60+60x7 480x90",
  };
  expect(await failures(series, nothing("ServiceErrorRate", 7))).toEqual([]);
});

it("a target that cannot be read is named, and not said to be silent", async () => {
  const series = { 'up{job="ach",instance="127.0.0.1:8000"}': "0x20" };
  const labels = "{job: ach, instance: '127.0.0.1:8000', severity: warning}";
  const annotations = `{summary: "ach at 127.0.0.1:8000 gives no metrics", description: "It does not answer, answers too slowly or with an error, or with nothing that can be taken: Home and hms-ops doctor say which.", runbook: runbooks/target-down.md}`;
  const fires = `{eval_time: 2m, alertname: TargetDown, exp_alerts: [{exp_labels: ${labels}, exp_annotations: ${annotations}}]}`;
  expect(await failures(series, [fires])).toEqual([]);
});
