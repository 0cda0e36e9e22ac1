import { labelsKey, labelsOf, OpsError } from "@hms-ops/model";
import { CONTROL_ERRORS } from "../errors.ts";
import type { Rule, RuleGroup, RuleProblem } from "./rule.ts";

/** Where a group came from: what ships gives way to what people write. */
export interface OriginGroups {
  readonly shipped: readonly RuleGroup[];
  readonly written: readonly RuleGroup[];
}

export interface JoinedRules {
  readonly groups: readonly RuleGroup[];
  readonly problems: readonly RuleProblem[];
}

/**
 * All groups as one set. An alert that two written files define is an error; a shipped alert of
 * the same name is left out.
 */
export function joinRules({ shipped, written }: OriginGroups): JoinedRules {
  const problems: RuleProblem[] = [];
  const files = new Map<string, string>();
  for (const { rules } of written) {
    for (const { kind, name, origin } of rules) {
      if (kind !== "alerting") continue;
      const other = files.get(name);
      if (other === undefined) files.set(name, origin.file);
      else if (other !== origin.file) {
        const { code, message, mend } = new OpsError(CONTROL_ERRORS.repeatedAlert, { name, other });
        problems.push({ ...origin, column: 1, severity: "error", code, message, mend });
      }
    }
  }
  const kept = shipped.map((group) => ({
    ...group,
    rules: group.rules.filter(({ kind, name }) => kind === "recording" || !files.has(name)),
  }));
  const groups = [...kept.filter(({ rules }) => rules.length > 0), ...written];
  return { groups, problems };
}

/**
 * What stays the same as long as a rule keeps its file, group, name and labels: its state is kept
 * under this text. Rules that agree in all of these are told apart by their order.
 */
export function ruleKeys(group: RuleGroup): ReadonlyMap<Rule, string> {
  const counts = new Map<string, number>();
  const keys = new Map<Rule, string>();
  for (const rule of group.rules) {
    const base = [group.file, group.name, rule.kind, rule.name, labelsKey(labelsOf(rule.labels))]
      .map((part) => `${part.length}:${part}`)
      .join("");
    const nth = counts.get(base) ?? 0;
    counts.set(base, nth + 1);
    keys.set(rule, `${base}#${nth}`);
  }
  return keys;
}

export interface RuleChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** What differs between two sets, by the names of rules. */
export function compareRules(
  before: readonly RuleGroup[],
  after: readonly RuleGroup[],
): RuleChanges {
  const old = textsByName(before);
  const now = textsByName(after);
  const names = [...now.keys()];
  const same = names.filter((name) => old.get(name) === now.get(name));
  return {
    added: names.filter((name) => !old.has(name)).map(shownName),
    changed: names
      .filter((name) => old.has(name) && old.get(name) !== now.get(name))
      .map(shownName),
    removed: [...old.keys()].filter((name) => !now.has(name)).map(shownName),
    unchanged: same.length,
  };
}

const NAME_END = "\u0000";

function textsByName(groups: readonly RuleGroup[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const group of groups) {
    const { rules, ...settings } = group;
    for (const [rule, key] of ruleKeys(group)) {
      const { origin, ...meaning } = rule;
      texts.set(`${rule.name}${NAME_END}${key}`, JSON.stringify([meaning, settings]));
    }
  }
  return texts;
}

function shownName(key: string): string {
  return key.slice(0, key.indexOf(NAME_END));
}
