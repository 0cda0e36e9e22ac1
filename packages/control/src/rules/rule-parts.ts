import { isValidText, parseDurationMs } from "@hms-ops/model";
import { isMap, isSeq, type Node, type YAMLMap } from "yaml";
import { CONTROL_ERRORS } from "../errors.ts";
import { readTarget } from "../notify/targets.ts";
import type { DialectContext } from "./dialects/dialect.ts";
import type { NotifyTarget } from "./rule.ts";
import { type Entry, isNull, type RuleDocument, type TextEntry } from "./rule-document.ts";
import { checkTemplate } from "./template/expand.ts";

type Entries = ReadonlyMap<string, Entry>;

/** A duration in milliseconds; 0 where the key is absent or wrong. */
export function readDuration(document: RuleDocument, entries: Entries, key: string): number {
  const found = document.optionalText(entries, key);
  if (!found || isNull(found.node)) return 0;
  const durationMs = parseDurationMs(found.text.trim());
  if (durationMs !== undefined) return durationMs;
  document.report(CONTROL_ERRORS.badDuration, { key, found: found.text }, found.node);
  return 0;
}

/** A map whose values are texts as they stand: the labels of recordings and of groups. */
export function readPlainLabels(document: RuleDocument, entries: Entries): Record<string, string> {
  const record: Record<string, string> = {};
  for (const { name, text, node } of document.textMap(entries, "labels")) {
    checkLabelName(document, name, node, "label name");
    record[name] = text;
  }
  return record;
}

/** A map whose values are templates. */
export function readTemplates(
  document: RuleDocument,
  entries: Entries,
  key: "labels" | "annotations",
): Record<string, string> {
  const record: Record<string, string> = {};
  for (const { name, text, node } of document.textMap(entries, key)) {
    checkLabelName(document, name, node, key === "labels" ? "label name" : "annotation name");
    checkTemplateText(document, `${key}.${name}`, { text, node });
    if (key === "labels" && /\{\{.*(\$value|\.Value)\b/s.test(text)) {
      document.report(CONTROL_ERRORS.changingLabel, { label: name }, node, "warning");
    }
    record[name] = text;
  }
  return record;
}

export function checkTemplateText(
  document: RuleDocument,
  key: string,
  { text, node }: TextEntry,
): void {
  const reason = checkTemplate(text);
  if (reason !== undefined) document.report(CONTROL_ERRORS.badTemplate, { key, reason }, node);
}

function checkLabelName(document: RuleDocument, name: string, node: Node, kind: string): void {
  if (name !== "" && name !== "__name__" && isValidText(name)) return;
  const suggestion =
    name === "__name__" ? "Name the series with `record:`." : "Write a name without blanks.";
  document.report(CONTROL_ERRORS.badName, { found: JSON.stringify(name), kind, suggestion }, node);
}

/** Targets of `notify:` or `action:`; those that cannot work are errors at their place. */
export function readTargets(
  document: RuleDocument,
  entries: Entries,
  key: string,
  context: DialectContext,
): readonly NotifyTarget[] {
  return document.textList(entries, key).flatMap(({ text, node }) => {
    const { target, problems } = readTarget(text, context.directory);
    for (const { row, inputs, severity } of problems) document.report(row, inputs, node, severity);
    return target ? [target] : [];
  });
}

/** A warning for an alert that would fire without anybody being told. */
export function checkSomebodyIsTold(
  document: RuleDocument,
  name: string,
  targets: readonly NotifyTarget[],
  node: Node,
  context: DialectContext,
): void {
  if (targets.length > 0 || context.hasDefaultReceivers) return;
  document.report(CONTROL_ERRORS.nobodyTold, { name }, node, "warning");
}

/** The maps of a list. */
export function mapsOf(
  document: RuleDocument,
  entry: Entry | undefined,
  key: string,
): readonly YAMLMap[] {
  const value = entry?.value;
  if (!entry || !value || String(value) === "") return [];
  if (!isSeq(value)) {
    const inputs = { key, wanted: "a list", example: "lines that begin with a dash" };
    document.report(CONTROL_ERRORS.wrongShape, inputs, value);
    return [];
  }
  const items = (value.items as Node[]).map((item) => document.resolved(item) ?? item);
  return items.filter((item): item is YAMLMap => {
    if (isMap(item)) return true;
    if (isNull(item)) return false;
    const wrong = { key: `An entry of ${key}`, wanted: "a map", example: "`- name: …`" };
    document.report(CONTROL_ERRORS.wrongShape, wrong, item ?? value);
    return false;
  });
}
