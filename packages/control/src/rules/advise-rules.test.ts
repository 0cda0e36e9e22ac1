import { expect, it } from "vitest";
import { adviseRules, type RuleAdvice } from "./advise-rules.ts";
import { readRuleFile } from "./read-rule-file.ts";

async function advised(
  rules: string,
  advice: Partial<RuleAdvice> = {},
): Promise<readonly string[]> {
  const { groups } = await readRuleFile(`groups: [{name: g, rules: [${rules}]}]`, "r.yml");
  expect(groups).toHaveLength(1);
  const problems = await adviseRules(groups, { intervalMs: 15_000, ...advice });
  expect(problems.every(({ severity }) => severity === "warning")).toBe(true);
  return problems.map(({ message }) => message);
}

it("says what is legal and hardly meant", async () => {
  expect(await advised("{alert: A, expr: up == 0, for: 1m}")).toEqual([]);
  expect(await advised("{alert: A, expr: up == 0, for: 20s}")).toEqual([
    expect.stringContaining("shorter than two evaluations"),
  ]);
  expect(await advised("{record: a, expr: 'rate(temperature[5m])'}")).toEqual([
    expect.stringMatching(/^group "g", "a": rate\(\) is for counters/),
  ]);
  expect(await advised("{record: a, expr: 'up[5m]'}")).toEqual([
    expect.stringContaining("range vector"),
  ]);
  expect(await advised("{record: a, expr: 1}, {record: a, expr: 2}")).toEqual([
    expect.stringContaining("same labels"),
  ]);
});

it("says which selectors match nothing in a hub, but for what rules record", async () => {
  const catalog: RuleAdvice["catalog"] = {
    metricNames: async () => ["up", "requests_total"],
    labelNames: async () => ["job"],
    labelValues: async () => ["ach"],
    matches: async (matchers) => matchers.some(({ value }) => value === "up"),
  };
  expect(await advised("{record: a, expr: upp}, {record: b, expr: a + up}", { catalog })).toEqual([
    expect.stringContaining("there is no metric called upp"),
  ]);
});
