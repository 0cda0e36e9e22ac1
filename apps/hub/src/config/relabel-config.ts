import { isLegacyLabelName } from "@hms-ops/model";
import { compileRegex } from "@hms-ops/query/regex";
import type { RelabelRule } from "../ports.ts";
import { DEFAULT_RELABEL_RULE, RELABEL_ACTIONS } from "./relabel.ts";
import { listOf, oneOf, type ReadNode, text, wholeNumber } from "./yaml-reader.ts";

const regex: ReadNode<string> = (node, reader) => {
  const pattern = text(node, reader);
  if (pattern === undefined) return undefined;
  const compiled = compileRegex(pattern);
  if ("test" in compiled) return pattern;
  return reader.error(node, `the regex ${pattern} is not valid: ${compiled.message}`);
};

const NEEDS_TARGET: ReadonlySet<RelabelRule["action"]> = new Set([
  "replace",
  "hashmod",
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
] as const);

/** Reads one entry of relabel_configs or metric_relabel_configs. */
export const readRelabelRule: ReadNode<RelabelRule> = (node, reader) => {
  const action: ReadNode<RelabelRule["action"]> = (actionNode) =>
    oneOf(RELABEL_ACTIONS)(actionNode, reader);
  const read = reader.map(node, {
    action,
    source_labels: listOf(text),
    separator: text,
    regex,
    modulus: wholeNumber,
    target_label: text,
    replacement: text,
  });
  const rule: RelabelRule = {
    action: read.action ?? DEFAULT_RELABEL_RULE.action,
    sourceLabels: read.source_labels ?? DEFAULT_RELABEL_RULE.sourceLabels,
    separator: read.separator ?? DEFAULT_RELABEL_RULE.separator,
    regex: read.regex ?? DEFAULT_RELABEL_RULE.regex,
    modulus: read.modulus ?? DEFAULT_RELABEL_RULE.modulus,
    targetLabel: read.target_label ?? DEFAULT_RELABEL_RULE.targetLabel,
    replacement: read.replacement ?? DEFAULT_RELABEL_RULE.replacement,
  };
  const problem = ruleProblem(rule);
  return problem === undefined ? rule : reader.error(node, problem);
};

function ruleProblem({
  action,
  targetLabel,
  modulus,
  sourceLabels,
}: RelabelRule): string | undefined {
  if (NEEDS_TARGET.has(action) && targetLabel === "") {
    return `the action ${action} needs a target_label`;
  }
  if (action === "hashmod" && modulus === 0) return "the action hashmod needs a modulus above 0";
  if (targetLabel !== "" && !targetLabel.includes("$") && !isLegacyLabelName(targetLabel)) {
    return `${targetLabel} cannot be a target_label`;
  }
  if ((action === "keep" || action === "drop") && sourceLabels.length === 0) {
    return `the action ${action} needs source_labels`;
  }
  return undefined;
}
