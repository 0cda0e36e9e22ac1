import type { Alert, RuleGroup } from "@hms-ops/control";
import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import type { HubRequest, Route } from "../ports.ts";
import { alertsAnswer } from "./alerts.ts";
import { notificationsAnswer } from "./notifications.ts";
import { type GroupSource, opsRulesAnswer, rulesAnswer, type ShownRule } from "./rules.ts";
import { ruleFileAnswers } from "./rules-upload.ts";

const AT = 1_700_000_000_500;

const ALERT: Alert = {
  labels: labelsOf({ alertname: "High", job: "ach" }),
  annotations: { summary: "slow" },
  state: "firing",
  value: 3.14,
  activeAtMs: AT,
  firedAtMs: AT + 60_000,
};

const origin = { file: "alerts/a.yml", line: 1 };
const common = {
  dialect: "prometheus",
  keepFiringForMs: 0,
  annotations: {},
  notify: [],
  origin,
} as const;

function group(name: string, rules: readonly ShownRule[]): ReturnType<GroupSource>[number] {
  const file = "alerts/a.yml";
  const inner: RuleGroup = {
    name,
    file,
    queryOffsetMs: 0,
    limit: 0,
    rules: rules.map(({ rule }) => rule),
  };
  return { group: inner, intervalMs: 15_000, lastRunMs: AT, durationMs: 2, rules };
}

const alerting: ShownRule = {
  rule: {
    ...common,
    kind: "alerting",
    name: "High",
    expr: "x > 1",
    source: "x > 1",
    forMs: 60_000,
    labels: { severity: "critical" },
  },
  state: "firing",
  health: "ok",
  lastError: "",
  lastEvaluationMs: AT,
  tookMs: 1.5,
  alerts: [ALERT],
};

const recording: ShownRule = {
  rule: {
    ...common,
    kind: "recording",
    name: "job:x",
    expr: "sum(x)",
    source: "sum(x)",
    forMs: 0,
    labels: {},
  },
  state: "unknown",
  health: "err",
  lastError: "timed out",
  lastEvaluationMs: undefined,
  tookMs: 0,
  alerts: [],
};

const groups: GroupSource = () => [group("g", [alerting, recording]), group("h", [recording])];

async function ask(handle: Route["handle"], query = "", body = "") {
  const request: HubRequest = {
    method: "GET",
    path: "/",
    params: {},
    query: new URLSearchParams(query),
    headers: {},
    remoteAddress: "127.0.0.1",
    signal: new AbortController().signal,
    body: async () => new TextEncoder().encode(body),
    form: async () => new URLSearchParams(query),
  };
  const { body: answer, status } = await handle(request);
  expect(status).toBe(200);
  return JSON.parse(String(answer));
}

describe("/api/v1/rules and /api/v1/alerts", () => {
  const names = async (query: string) => {
    const { data } = await ask(rulesAnswer(groups), query);
    return data.groups.map((one: { name: string; rules: { name: string }[] }) => [
      one.name,
      ...one.rules.map(({ name }) => name),
    ]);
  };

  it("answer as Prometheus does", async () => {
    const { status, data } = await ask(rulesAnswer(groups));
    expect(status).toBe("success");
    expect(data.groups[0]).toEqual({
      name: "g",
      file: "alerts/a.yml",
      interval: 15,
      limit: 0,
      evaluationTime: 0.002,
      lastEvaluation: "2023-11-14T22:13:20.5Z",
      rules: [
        {
          state: "firing",
          name: "High",
          query: "x > 1",
          duration: 60,
          keepFiringFor: 0,
          labels: { severity: "critical" },
          annotations: {},
          alerts: [
            {
              labels: { alertname: "High", job: "ach" },
              annotations: { summary: "slow" },
              state: "firing",
              activeAt: "2023-11-14T22:13:20.5Z",
              firedAt: "2023-11-14T22:14:20.5Z",
              value: "3.14e+00",
            },
          ],
          health: "ok",
          evaluationTime: 0.0015,
          lastEvaluation: "2023-11-14T22:13:20.5Z",
          type: "alerting",
        },
        {
          name: "job:x",
          query: "sum(x)",
          labels: {},
          health: "err",
          lastError: "timed out",
          evaluationTime: 0,
          lastEvaluation: "0001-01-01T00:00:00Z",
          type: "recording",
        },
      ],
    });
    expect((await ask(alertsAnswer(groups))).data.alerts).toEqual(data.groups[0].rules[0].alerts);
  });

  it("can be filtered and paged", async () => {
    expect(await names("type=alert")).toEqual([["g", "High"]]);
    expect(await names("rule_name[]=job:x")).toEqual([
      ["g", "job:x"],
      ["h", "job:x"],
    ]);
    expect(await names("rule_group[]=h")).toEqual([["h", "job:x"]]);
    expect(await names("file[]=other.yml")).toEqual([]);
    expect(await names('match[]={severity=~"crit.*"}')).toEqual([["g", "High"]]);
    const { data } = await ask(rulesAnswer(groups), "exclude_alerts=true&group_limit=1");
    expect(data.groups).toHaveLength(1);
    expect(data.groups[0].rules[0].alerts).toEqual([]);
    expect(await names(`group_limit=1&group_next_token=${data.groupNextToken}`)).toEqual([
      ["h", "job:x"],
    ]);
  });

  it("refuse parameters that make no sense", async () => {
    const refused = (query: string, reason: string) =>
      expect(ask(rulesAnswer(groups), query), query).rejects.toThrow(reason);
    const bad = (query: string, name: string, reason: string) =>
      refused(query, `invalid parameter "${name}": ${reason}`);
    await bad("type=nonsense", "type", 'not supported value "nonsense"');
    await refused("match[]=rate(", '1:5: parse error: unexpected "("');
    await refused("match[]={}", "match[] must contain at least one non-empty matcher");
    await bad("group_limit=0", "group_limit", "group_limit needs to be greater than 0");
    await bad(
      "group_limit=1e3",
      "group_limit",
      'group_limit needs to be a valid number: strconv.ParseInt: parsing "1e3": invalid syntax',
    );
    await bad(
      "group_limit=9999999999",
      "group_limit",
      'group_limit needs to be a valid number: strconv.ParseInt: parsing "9999999999": value out of range',
    );
    await bad(
      "group_next_token=x",
      "group_next_token",
      "group_limit needs to be present in order to paginate over the groups",
    );
    await bad(
      "group_limit=1&group_next_token=gone",
      "group_next_token",
      "invalid group_next_token 'gone'. were rule groups changed?",
    );
    await bad(
      "exclude_alerts=perhaps",
      "exclude_alerts",
      'error converting exclude_alerts: strconv.ParseBool: parsing "perhaps": invalid syntax',
    );
    expect(await names("group_limit=")).toHaveLength(2);
  });
});

describe("our own API", () => {
  it("lists rules with origin and source", async () => {
    const { rules } = await ask(opsRulesAnswer(groups));
    expect(rules[0]).toEqual({
      name: "High",
      kind: "alerting",
      group: "g",
      dialect: "prometheus",
      origin: "alerts/a.yml",
      source: "x > 1",
      expr: "x > 1",
      forMs: 60_000,
      state: "firing",
      health: "ok",
      lastError: "",
    });
    const recorded = rules.find(({ kind }: { kind: string }) => kind === "recording");
    expect(recorded).toMatchObject({ name: "job:x", state: null });
  });

  it("passes uploads on, and refuses what is none", async () => {
    const report = { ok: true, added: [], changed: [], removed: [], unchanged: 0, problems: [] };
    const seen: unknown[] = [];
    const keep = async (upload: unknown) => {
      seen.push(upload);
      return report;
    };
    const answers = ruleFileAnswers({
      upload: keep,
      remove: keep,
      check: keep,
      reload: async () => report,
    });
    const upload = { file: "a.yaml", text: "groups: []" };
    expect(await ask(answers.storeRules, "", JSON.stringify(upload))).toEqual(report);
    expect(await ask(answers.reloadRules)).toEqual(report);
    expect(await ask(answers.removeRules, "file=a.yaml")).toEqual(report);
    expect(seen).toEqual([upload, "a.yaml"]);
    for (const body of ["", "[]", '{"file":"a"}', '{"file":" ","text":""}', '{"text":"x"}']) {
      await expect(ask(answers.checkRules, "", body)).rejects.toThrow("not a rule file");
    }
  });

  it("lists notifications, fifty if nothing else is said", async () => {
    const limits: number[] = [];
    const handle = notificationsAnswer((limit) => {
      limits.push(limit);
      return [];
    });
    expect(await ask(handle)).toEqual({ notifications: [] });
    await ask(handle, "limit=3");
    await ask(handle, "limit=100000");
    await ask(handle, "limit=x");
    expect(limits).toEqual([50, 3, 1000, 50]);
  });
});
