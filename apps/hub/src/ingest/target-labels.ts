import {
  type Labels,
  labelsFromPairs,
  labelsToRecord,
  labelValue,
  METRIC_NAME,
} from "@hms-ops/model";
import type { LabelLimits } from "../ports.ts";

/**
 * Joins a sample's own labels with those of its target. Where both have a label, the target's
 * counts and the sample's is kept as `exported_…`, unless labels are to be honoured.
 */
export function joinTargetLabels(own: Labels, target: Labels, honorLabels: boolean): Labels {
  if (target.length === 0) return own;
  const joined = labelsToRecord(own);
  const taken = new Set([...Object.keys(joined), ...Object.keys(labelsToRecord(target))]);
  for (let i = 0; i < target.length; i += 2) {
    const name = target[i] ?? "";
    const before = joined[name];
    if (before !== undefined && honorLabels) continue;
    if (before !== undefined) {
      let exported = `exported_${name}`;
      while (taken.has(exported)) exported = `exported_${exported}`;
      taken.add(exported);
      joined[exported] = before;
    }
    joined[name] = target[i + 1] ?? "";
  }
  return labelsFromPairs(Object.entries(joined));
}

/** Which limit of a job the labels exceed, in words; undefined when none. */
export function jobLimitProblem(labels: Labels, limits: LabelLimits): string | undefined {
  const count = labels.length / 2;
  if (limits.count > 0 && count > limits.count) return `${count} labels, ${limits.count} allowed`;
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] ?? "";
    const value = labels[i + 1] ?? "";
    if (limits.nameLength > 0 && name.length > limits.nameLength) {
      return `the name of ${name.slice(0, 60)} is ${name.length} characters long, ${limits.nameLength} allowed`;
    }
    if (limits.valueLength > 0 && value.length > limits.valueLength) {
      return `the value of ${name} is ${value.length} characters long, ${limits.valueLength} allowed`;
    }
  }
  return undefined;
}

export function metricNameOf(labels: Labels): string {
  return labelValue(labels, METRIC_NAME);
}
