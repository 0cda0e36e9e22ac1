import type { OpenAlert } from "@hms-ops/panels";
import { describe, expect, it } from "vitest";
import type { ListedRule } from "../../hub-types.ts";
import { alertsSentence, countStates, ruleViews, splitLimit } from "./rule-view.ts";

function rule(
  name: string,
  state: ListedRule["state"],
  more: Partial<ListedRule> = {},
): ListedRule {
  return {
    name,
    kind: "alerting",
    group: "g",
    dialect: "prometheus",
    origin: "alerts/a.yml",
    source: "",
    expr: "up == 0",
    forMs: 0,
    state,
    health: "ok",
    lastError: "",
    ...more,
  };
}

function open(
  name: string,
  severity: OpenAlert["severity"],
  sinceMs: number,
  state: OpenAlert["state"] = "firing",
): OpenAlert {
  return { name, service: "s", state, severity, sinceMs, detail: "", labels: {} };
}

describe("rules with what of them is open", () => {
  const alerts = [
    open("broken", "crit", 300, "pending"),
    open("broken", "crit", 2_000),
    open("broken", "crit", 1_000),
    open("slow", "warn", 500),
  ];
  const views = ruleViews(
    [
      rule("calm", "inactive"),
      rule("slow", "firing"),
      rule("broken", "firing"),
      rule("blind", "unknown"),
      rule("wrong", "inactive", { health: "err" }),
      rule("soon", "pending"),
      rule("sum", "inactive", { kind: "recording" }),
    ],
    alerts,
  );

  it("stand worst first, alerting ones alone", () => {
    expect(views.map(({ rule: { name } }) => name)).toEqual([
      "broken",
      "slow",
      "soon",
      "blind",
      "wrong",
      "calm",
    ]);
  });

  it("say since when, by the oldest that fires", () => {
    expect(views[0]?.sinceMs).toBe(1_000);
    expect(views[5]?.sinceMs).toBeUndefined();
  });

  it("never call a rule OK that cannot be judged", () => {
    expect(views[4]).toMatchObject({ state: "no-data", mark: "none" });
  });

  it("are counted and told in a sentence", () => {
    const counts = countStates(views);
    expect(counts).toEqual({ firing: 2, pending: 1, ok: 1, "no-data": 2 });
    expect(alertsSentence(counts, alerts)).toBe("3 alerts of 2 rules fire. One is pending.");
    expect(alertsSentence(counts, alerts.slice(2))).toBe("2 alerts fire.");
    expect(alertsSentence(counts, alerts.slice(0, 1))).toBe("One is pending.");
    expect(alertsSentence(counts, alerts.slice(1, 3))).toBe("2 alerts of one rule fire.");
    expect(alertsSentence(counts, [])).toBe("Nothing fires.");
  });
});

describe("the limit of an expression", () => {
  it("is split from what is measured", () => {
    expect(splitLimit("rate(a[1m])\n / rate(b[1m]) > 0.05")).toEqual({
      expr: "rate(a[1m])\n / rate(b[1m])",
      value: 0.05,
      bad: "above",
    });
    expect(splitLimit('queue{a=~"x>1"} <= 5e2')).toMatchObject({ value: 500, bad: "below" });
  });

  it("is not guessed where there are several", () => {
    expect(splitLimit("a > 1 and b > 2")).toBeUndefined();
    expect(splitLimit("absent(up)")).toBeUndefined();
    expect(splitLimit("a > b")).toBeUndefined();
  });
});
