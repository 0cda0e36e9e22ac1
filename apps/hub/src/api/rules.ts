import type { Alert, Health, Rule, RuleGroup } from "@hms-ops/control";
import { labelsOf, OpsError } from "@hms-ops/model";
import type { ListedRule, RuleList } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";
import type { Route } from "../ports.ts";
import { jsonAnswer, prometheusAnswer } from "./json-answer.ts";
import { labelTest } from "./label-tests.ts";
import { badParameter } from "./parameters.ts";
import { alertJson, timeText } from "./rule-json.ts";

/** The groups as they stand; jobs/rules answers this. */
export type GroupSource = () => readonly {
  readonly group: RuleGroup;
  readonly intervalMs: number;
  readonly lastRunMs: number | undefined;
  readonly durationMs: number;
  /** Slots since the hub started that slow runs made it miss. */
  readonly missedCount?: number;
  readonly rules: readonly ShownRule[];
}[];

export interface ShownRule {
  readonly rule: Rule;
  readonly state: NonNullable<ListedRule["state"]>;
  readonly health: Health;
  readonly lastError: string;
  readonly lastEvaluationMs: number | undefined;
  /** Of the latest run. */
  readonly tookMs: number;
  readonly alerts: readonly Alert[];
}

type ShownGroup = ReturnType<GroupSource>[number];

/** `GET /api/v1/rules`, with Prometheus' filters and paging. */
export function rulesAnswer(groups: GroupSource): Route["handle"] {
  return ({ query }) => {
    const keeps = ruleFilter(query);
    const files = new Set(query.getAll("file[]"));
    const names = new Set(query.getAll("rule_group[]"));
    const hidesAlerts = isTrue(query, "exclude_alerts");
    const isFiltered = [...query.keys()].some((key) =>
      /^(type|rule_name\[\]|match\[\])$/.test(key),
    );
    const shown = groups()
      .filter(({ group }) => files.size === 0 || files.has(group.file))
      .filter(({ group }) => names.size === 0 || names.has(group.name))
      .map((entry) => ({ ...entry, rules: entry.rules.filter(({ rule }) => keeps(rule)) }))
      .filter(({ rules }) => !isFiltered || rules.length > 0);
    const { page, nextToken } = pageOf(shown, query);
    return prometheusAnswer({
      groups: page.map((entry) => groupJson(entry, hidesAlerts)),
      ...(nextToken && { groupNextToken: nextToken }),
    });
  };
}

/** `GET /api/ops/v1/rules`: every rule with its origin and as it was written. */
export function opsRulesAnswer(groups: GroupSource): Route["handle"] {
  return () => {
    const rules = groups().flatMap((entry) => entry.rules.map((shown) => listed(entry, shown)));
    return jsonAnswer({ rules } satisfies RuleList);
  };
}

function listed({ group }: ShownGroup, { rule, state, health, lastError }: ShownRule): ListedRule {
  const { name, kind, dialect, source, expr, forMs, origin } = rule;
  return {
    name,
    kind,
    group: group.name,
    dialect,
    origin: origin.file,
    source,
    expr,
    forMs,
    state: kind === "recording" ? null : state,
    health,
    lastError,
  };
}

function groupJson(
  { group, rules, intervalMs, lastRunMs, durationMs, missedCount }: ShownGroup,
  hides: boolean,
) {
  return {
    name: group.name,
    file: group.file,
    rules: rules.map((shown) => ruleJson(shown, hides)),
    interval: intervalMs / 1000,
    limit: group.limit,
    evaluationTime: durationMs / 1000,
    lastEvaluation: timeText(lastRunMs),
    ...(missedCount !== undefined && { iterationsMissed: missedCount }),
  };
}

function ruleJson(
  { rule, state, health, lastError, lastEvaluationMs, tookMs, alerts }: ShownRule,
  hides: boolean,
) {
  const run = {
    health,
    ...(lastError && { lastError }),
    evaluationTime: tookMs / 1000,
    lastEvaluation: timeText(lastEvaluationMs),
  };
  const { name, expr, labels } = rule;
  if (rule.kind === "recording") return { name, query: expr, labels, ...run, type: "recording" };
  return {
    state,
    name,
    query: expr,
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    labels,
    annotations: rule.annotations,
    alerts: hides ? [] : alerts.map(alertJson),
    ...run,
    type: "alerting",
  };
}

function ruleFilter(query: URLSearchParams): (rule: Rule) => boolean {
  const type = query.get("type") ?? "";
  if (!["", "alert", "record"].includes(type))
    throw badParameter("type", `not supported value ${JSON.stringify(type)}`);
  const kind = type === "alert" ? "alerting" : type === "record" ? "recording" : undefined;
  const names = new Set(query.getAll("rule_name[]"));
  const selectors = query.getAll("match[]").map(readSelector);
  return (rule) =>
    (kind === undefined || rule.kind === kind) &&
    (names.size === 0 || names.has(rule.name)) &&
    (selectors.length === 0 || selectors.some((matches) => matches(rule)));
}

/** Tests the labels as they are configured, before templates are expanded. */
function readSelector(text: string): (rule: Rule) => boolean {
  const test = labelTest(text);
  if (test([])) throw new OpsError(HUB_ERRORS.emptyMatch);
  return (rule) => test(labelsOf({ ...rule.labels }));
}

/** A token names the group after which the next page begins. */
function pageOf(
  groups: readonly ShownGroup[],
  query: URLSearchParams,
): { readonly page: readonly ShownGroup[]; readonly nextToken: string | undefined } {
  const token = query.get("group_next_token");
  const limit = readGroupLimit(query.get("group_limit") ?? "");
  if (limit === undefined) {
    const reason = "group_limit needs to be present in order to paginate over the groups";
    if (token) throw badParameter("group_next_token", reason);
    return { page: groups, nextToken: undefined };
  }
  const start = token ? groups.findIndex((entry) => tokenOf(entry) === token) : 0;
  if (start < 0)
    throw badParameter(
      "group_next_token",
      `invalid group_next_token '${token}'. were rule groups changed?`,
    );
  const next = groups[start + limit];
  return { page: groups.slice(start, start + limit), nextToken: next && tokenOf(next) };
}

/** In 32 bits, as in Prometheus. */
function readGroupLimit(text: string): number | undefined {
  if (text === "") return undefined;
  const limit = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(limit >= -(2 ** 31) && limit < 2 ** 31)) {
    const fault = Number.isNaN(limit) ? "invalid syntax" : "value out of range";
    const reason = `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${fault}`;
    throw badParameter("group_limit", `group_limit needs to be a valid number: ${reason}`);
  }
  if (limit > 0) return limit;
  throw badParameter("group_limit", "group_limit needs to be greater than 0");
}

function tokenOf({ group }: ShownGroup): string {
  return Buffer.from(`${group.file};${group.name}`).toString("base64url");
}

function isTrue(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null || text === "") return false;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  const reason = `strconv.ParseBool: parsing ${JSON.stringify(text.toLowerCase())}: invalid syntax`;
  throw badParameter(name, `error converting ${name}: ${reason}`);
}
