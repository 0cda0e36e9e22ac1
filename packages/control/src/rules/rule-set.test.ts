import { describe, expect, it } from "vitest";
import { compareRules, joinRules, type Rule, type RuleGroup, ruleKeys } from "../index.ts";

function group(file: string, names: readonly string[], changes: Partial<Rule> = {}): RuleGroup {
  const rules = names.map(
    (name, i): Rule => ({
      kind: "alerting",
      name,
      expr: "up == 0",
      source: "up == 0",
      dialect: "prometheus",
      forMs: 0,
      keepFiringForMs: 0,
      labels: {},
      annotations: {},
      notify: [],
      origin: { file, line: i + 1 },
      ...changes,
    }),
  );
  return { name: "g", file, queryOffsetMs: 0, limit: 0, rules };
}

describe("all rules of a hub", () => {
  it("have each alert from one file", () => {
    const written = [group("alerts/a.yml", ["A", "A"]), group("alerts/b.yml", ["B", "A"])];
    const { problems } = joinRules({ shipped: [], written });
    expect(problems).toMatchObject([
      { file: "alerts/b.yml", line: 2, code: "OPS-1412", severity: "error" },
    ]);
  });

  it("replace a shipped alert by the one that people wrote", () => {
    const shipped = [group("shipped/ach.yaml", ["A", "B"])];
    const { groups, problems } = joinRules({ shipped, written: [group("alerts/a.yml", ["A"])] });
    expect(problems).toEqual([]);
    expect(groups.map(({ file, rules }) => [file, rules.map(({ name }) => name)])).toEqual([
      ["shipped/ach.yaml", ["B"]],
      ["alerts/a.yml", ["A"]],
    ]);
  });

  it("keep a rule's key while its expression changes, and tell twins apart", () => {
    const before = group("a", ["A", "A"]);
    const keys = [...ruleKeys(before).values()];
    expect(new Set(keys).size).toBe(2);
    expect([...ruleKeys(group("a", ["A", "A"], { expr: "up < 1" })).values()]).toEqual(keys);
    expect([...ruleKeys(group("a", ["A"], { labels: { x: "1" } })).values()]).not.toContain(
      keys[0],
    );
  });

  it("say what a reload changed", () => {
    const before = [group("a", ["A"]), group("b", ["B"]), group("c", ["C"])];
    const after = [group("a", ["A"]), group("b", ["B"], { forMs: 1 }), group("d", ["D"])];
    expect(compareRules(before, after)).toEqual({
      added: ["D"],
      changed: ["B"],
      removed: ["C"],
      unchanged: 1,
    });
  });
});
