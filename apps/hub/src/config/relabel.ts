import { createHash } from "node:crypto";
import { bug, type Labels, labelsFromPairs, labelsToRecord } from "@hms-ops/model";
import { compileRegex, type LinearRegex } from "@hms-ops/query/regex";
import type { RelabelRule } from "../ports.ts";

/** The labels after all rules; undefined when a rule dropped the set. */
export type Relabel = (labels: Labels) => Labels | undefined;

/** What a rule that says nothing else means. */
export const DEFAULT_RELABEL_RULE: RelabelRule = {
  action: "replace",
  sourceLabels: [],
  separator: ";",
  regex: "(.*)",
  modulus: 0,
  targetLabel: "",
  replacement: "$1",
};

type LabelRecord = Record<string, string>;

/** Changes the set in place; false = drop it. */
type Step = (labels: LabelRecord, rule: RelabelRule, regex: LinearRegex) => boolean;

const STEPS: Readonly<Record<RelabelRule["action"], Step>> = {
  replace: (labels, rule, regex) => {
    const value = sourceValue(labels, rule);
    const target = regex.replace(value, rule.targetLabel);
    const result = regex.replace(value, rule.replacement);
    if (target === undefined || result === undefined || target === "") return true;
    return set(labels, target, result);
  },
  keep: (labels, rule, regex) => regex.test(sourceValue(labels, rule)),
  drop: (labels, rule, regex) => !regex.test(sourceValue(labels, rule)),
  keepequal: (labels, rule) => (labels[rule.targetLabel] ?? "") === sourceValue(labels, rule),
  dropequal: (labels, rule) => (labels[rule.targetLabel] ?? "") !== sourceValue(labels, rule),
  hashmod: (labels, rule) =>
    set(labels, rule.targetLabel, hashModulus(sourceValue(labels, rule), rule.modulus)),
  labelmap: (labels, rule, regex) => {
    for (const [name, value] of Object.entries(labels)) {
      const mapped = regex.replace(name, rule.replacement);
      if (mapped) set(labels, mapped, value);
    }
    return true;
  },
  labeldrop: (labels, _, regex) => removeNames(labels, (name) => regex.test(name)),
  labelkeep: (labels, _, regex) => removeNames(labels, (name) => !regex.test(name)),
  lowercase: (labels, rule) =>
    set(labels, rule.targetLabel, sourceValue(labels, rule).toLowerCase()),
  uppercase: (labels, rule) =>
    set(labels, rule.targetLabel, sourceValue(labels, rule).toUpperCase()),
};

export const RELABEL_ACTIONS = Object.keys(STEPS) as readonly RelabelRule["action"][];

/** The rules were checked when the configuration was read. */
export function compileRelabelling(rules: readonly RelabelRule[]): Relabel {
  if (rules.length === 0) return (labels) => labels;
  const steps = rules.map((rule) => ({ rule, step: STEPS[rule.action], regex: regexOf(rule) }));
  return (labels) => {
    const record = labelsToRecord(labels);
    for (const { rule, step, regex } of steps) if (!step(record, rule, regex)) return undefined;
    const result = labelsFromPairs(Object.entries(record));
    return result.length === 0 ? undefined : result;
  };
}

/** One rule's work: the labels after it, none once a rule dropped the target. */
export interface RelabelStep {
  readonly output: Readonly<Record<string, string>>;
  readonly keep: boolean;
}

/** What each rule makes of the labels, one after the other. */
export function relabelSteps(
  rules: readonly RelabelRule[],
  labels: Readonly<Record<string, string>>,
): readonly RelabelStep[] {
  const record: LabelRecord = Object.assign(Object.create(null), labels);
  let keep = true;
  return rules.map((rule) => {
    keep &&= STEPS[rule.action](record, rule, regexOf(rule));
    return { output: keep ? { ...record } : {}, keep };
  });
}

function regexOf({ regex }: RelabelRule): LinearRegex {
  const compiled = compileRegex(regex);
  return "test" in compiled ? compiled : bug(`a relabelling rule has the bad regex ${regex}`);
}

function sourceValue(labels: LabelRecord, { sourceLabels, separator }: RelabelRule): string {
  return sourceLabels.map((name) => labels[name] ?? "").join(separator);
}

function set(labels: LabelRecord, name: string, value: string): true {
  if (value === "") delete labels[name];
  else labels[name] = value;
  return true;
}

function removeNames(labels: LabelRecord, isGone: (name: string) => boolean): true {
  for (const name of Object.keys(labels)) if (isGone(name)) delete labels[name];
  return true;
}

/** The lower eight bytes of the MD5, as Prometheus shards: the same target lands in the same shard. */
function hashModulus(text: string, modulus: number): string {
  const low = createHash("md5").update(text).digest().readBigUInt64BE(8);
  return String(low % BigInt(modulus));
}
