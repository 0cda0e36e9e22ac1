import {
  dropLabels,
  formatLabels,
  keepLabels,
  type Labels,
  labelValue,
  METRIC_NAME,
} from "@hms-ops/model";

const NAME_ONLY: ReadonlySet<string> = new Set([METRIC_NAME]);

/** `{{job}} at {{instance}}`; a label that the series does not have leaves nothing. */
export function legendText(labels: Labels, legend: string): string {
  return legend
    .replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name: string) => labelValue(labels, name))
    .trim();
}

/**
 * Names for the series of one query. Without a legend they are told apart by the labels in which
 * they differ: by its value where that is one label.
 */
export function nameSeries(sets: readonly Labels[], legend: string | undefined): readonly string[] {
  if (legend) return sets.map((labels) => legendText(labels, legend) || plainName(labels));
  const differing = differingLabels(sets);
  if (sets.length < 2 || differing.size === 0) return sets.map(plainName);
  const [only] = differing;
  if (differing.size === 1 && only !== undefined) {
    return sets.map((labels) => labelValue(labels, only) || `no ${only}`);
  }
  return sets.map((labels) => formatLabels(keepLabels(labels, differing)));
}

function plainName(labels: Labels): string {
  const name = labelValue(labels, METRIC_NAME);
  const rest = dropLabels(labels, NAME_ONLY);
  if (labels.length === 0) return "value";
  return rest.length === 2 && !name ? (rest[1] ?? "") : formatLabels(labels);
}

function differingLabels(sets: readonly Labels[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const labels of sets) for (let i = 0; i < labels.length; i += 2) names.add(labels[i] ?? "");
  const differing = new Set<string>();
  for (const name of names) {
    const first = labelValue(sets[0] ?? [], name);
    if (sets.some((labels) => labelValue(labels, name) !== first)) differing.add(name);
  }
  return differing;
}
