import { isValidText, parseDurationMs } from "@hms-ops/model";
import { isMap, isScalar, type Node, Scalar, type YAMLMap } from "yaml";
import { CONTROL_ERRORS } from "../../errors.ts";
import { checkExpression, conditionOf } from "../expression.ts";
import type { Rule, RuleGroup } from "../rule.ts";
import { type Entry, isNull, type RuleDocument } from "../rule-document.ts";
import {
  checkSomebodyIsTold,
  mapsOf,
  readDuration,
  readPlainLabels,
  readTargets,
  readTemplates,
} from "../rule-parts.ts";
import type { Dialect, DialectContext } from "./dialect.ts";

const FILE_KEYS = ["groups"];
/** `concurrency` is VictoriaMetrics' and met in public rule files; order is kept here anyway. */
const GROUP_KEYS = ["name", "interval", "limit", "query_offset", "labels", "rules", "concurrency"];
const RULE_KEYS = [
  "alert",
  "record",
  "expr",
  "for",
  "keep_firing_for",
  "labels",
  "annotations",
  "notify",
];
const ALERT_ONLY_KEYS = ["for", "keep_firing_for", "annotations", "notify"];

type Entries = ReadonlyMap<string, Entry>;

/** Rule groups as Prometheus reads them: strict PromQL, unknown keys refused. */
export const prometheus: Dialect = {
  name: "prometheus",
  recognises: (keys) => keys.has("groups"),
  async read(document, root, context) {
    const groups = document.entries(root, FILE_KEYS, "a rule file").get("groups");
    const names = new Set<string>();
    return mapsOf(document, groups, "groups").flatMap((node) => {
      const group = readGroup(document, node, context);
      if (!group) return [];
      if (names.has(group.name)) {
        document.report(CONTROL_ERRORS.repeatedGroup, { name: group.name }, node);
      }
      names.add(group.name);
      return [group];
    });
  },
};

function readGroup(
  document: RuleDocument,
  node: YAMLMap,
  context: DialectContext,
): RuleGroup | undefined {
  const entries = document.entries(node, GROUP_KEYS, "a group");
  const name = document.requiredText(entries, "name", "A group", node)?.text;
  if (name === undefined) return undefined;
  const intervalMs = readDuration(document, entries, "interval");
  const labels = readPlainLabels(document, entries);
  const nodes = mapsOf(document, entries.get("rules"), "rules");
  const rules = nodes.flatMap((ruleNode, index) => {
    const place = `group "${name}", rule ${index + 1}`;
    const rule = readRule(document, ruleNode, place, context);
    return rule ? [{ ...rule, labels: { ...labels, ...rule.labels } }] : [];
  });
  return {
    name,
    file: document.file,
    ...(intervalMs > 0 && { intervalMs }),
    queryOffsetMs: readDuration(document, entries, "query_offset"),
    limit: readCount(document, entries, "limit"),
    rules,
  };
}

function readRule(
  document: RuleDocument,
  node: YAMLMap,
  place: string,
  context: DialectContext,
): Rule | undefined {
  const entries = document.entries(node, RULE_KEYS, place);
  const record = entries.get("record");
  if (record && entries.has("alert")) {
    document.report(CONTROL_ERRORS.bothKinds, {}, record.keyNode);
    return undefined;
  }
  const kind = record ? "recording" : "alerting";
  const named = document.requiredText(entries, record ? "record" : "alert", place, node);
  if (record && named) checkRecordName(document, named.text, named.node);
  if (record) refuseAlertKeys(document, entries);
  const entry = document.requiredText(entries, "expr", place, node);
  const label = named ? `${place}, "${named.text}"` : place;
  const expr = entry && checkExpression(document, entry, label);
  const labels = record
    ? readPlainLabels(document, entries)
    : readTemplates(document, entries, "labels");
  const annotations = record ? {} : readTemplates(document, entries, "annotations");
  const notify = record ? [] : readTargets(document, entries, "notify", context);
  const forMs = readDuration(document, entries, "for");
  const keepFiringForMs = readDuration(document, entries, "keep_firing_for");
  if (!named || !entry || expr === undefined) return undefined;
  if (!record) checkSomebodyIsTold(document, named.text, notify, named.node, context);
  const condition = record ? undefined : conditionOf(expr, named.text);
  return {
    kind,
    name: named.text,
    expr,
    source: entry.text.trim(),
    dialect: "prometheus",
    forMs,
    keepFiringForMs,
    labels,
    annotations,
    notify,
    ...(condition && { condition }),
    origin: { file: document.file, line: document.lineOf(node) },
  };
}

function checkRecordName(document: RuleDocument, name: string, node: Node): void {
  if (isValidText(name) && !/[{}]/.test(name)) return;
  const suggestion = "Name the metric alone; the selector belongs into `expr`.";
  const inputs = { found: JSON.stringify(name), kind: "metric name", suggestion };
  document.report(CONTROL_ERRORS.badName, inputs, node);
}

function refuseAlertKeys(document: RuleDocument, entries: Entries): void {
  for (const key of ALERT_ONLY_KEYS) {
    const entry = entries.get(key);
    if (entry && !saysNothing(entry))
      document.report(CONTROL_ERRORS.notForRecording, { key }, entry.keyNode);
  }
}

/** `for: 0s` and `annotations: {}` are as good as absent. */
function saysNothing({ value }: Entry): boolean {
  if (!value || isNull(value)) return true;
  if (isMap(value)) return value.items.length === 0;
  return isScalar(value) && parseDurationMs(String(value.value)) === 0;
}

/** As Go reads whole numbers of YAML; below 0 there is no limit, as for 0. */
function readCount(document: RuleDocument, entries: Entries, key: string): number {
  const found = document.optionalText(entries, key);
  if (!found) return 0;
  const isPlain = isScalar(found.node) && found.node.type === Scalar.PLAIN;
  if (isNull(found.node)) return 0;
  if (isPlain && /^[-+]?\d+(?:\.0*)?$/.test(found.text)) return Math.max(0, Number(found.text));
  const inputs = { key, wanted: "a whole number", example: `${key}: 100` };
  document.report(CONTROL_ERRORS.wrongShape, inputs, found.node);
  return 0;
}
