import {
  dropLabels,
  isLegacyLabelName,
  keepLabels,
  type Labels,
  labelsKey,
  labelValue,
  OpsError,
  withLabels,
} from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import type { VectorMatching } from "../syntax/ast.ts";
import { quote } from "../syntax/quoted.ts";
import { finished, NAME_LABELS, type Nameless } from "./names.ts";

/** Labels by which a series finds its partner. */
export function matchLabels(labels: Labels, { on, labels: names }: VectorMatching): Labels {
  if (on) return keepLabels(labels, new Set(names));
  return dropLabels(labels, new Set([...names, ...NAME_LABELS]));
}

/** Rows of a side by match key. */
export interface MatchGroups {
  readonly keyOfRow: readonly string[];
  readonly rowsOfKey: ReadonlyMap<string, readonly number[]>;
}

export function groupByMatch(series: readonly Labels[], matching: VectorMatching): MatchGroups {
  const rowsOfKey = new Map<string, number[]>();
  const keyOfRow = series.map((labels, row) => {
    const key = labelsKey(matchLabels(labels, matching));
    const rows = rowsOfKey.get(key);
    if (rows) rows.push(row);
    else rowsOfKey.set(key, [row]);
    return key;
  });
  return { keyOfRow, rowsOfKey };
}

/** Labels of a result: of the "many" (or left) series, and what the "one" side gives. */
export function resultLabels(
  many: Labels,
  one: Labels,
  matching: VectorMatching,
  rename: Nameless,
): Labels {
  const base = rename(many);
  if (matching.card === "one-to-one") {
    const names = new Set(matching.labels);
    return matching.on ? keepLabels(base, names) : dropLabels(base, names);
  }
  const included = Object.fromEntries(
    matching.include.map((name) => [name, labelValue(one, name)]),
  );
  return withLabels(base, included);
}

export function duplicateError(
  first: Labels,
  second: Labels,
  matching: VectorMatching,
  side: "left" | "right",
): Error {
  const group = goLabels(matchLabels(first, matching));
  const both = `[${goLabels(second)}, ${goLabels(first)}]`;
  return manyMatchesError(
    `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ${both};many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}

export function manyMatchesError(reason: string): Error {
  return new OpsError(QUERY_ERRORS.manyMatches, { reason });
}

/** As Prometheus writes label sets in errors: the name is a label like the others. */
function goLabels(all: Labels): string {
  const labels = finished(all);
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] ?? "";
    const shown = isLegacyLabelName(name) ? name : quote(name);
    pairs.push(`${shown}=${quote(labels[i + 1] ?? "")}`);
  }
  return `{${pairs.join(", ")}}`;
}
