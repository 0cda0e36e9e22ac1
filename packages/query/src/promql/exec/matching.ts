import {
  dropLabels,
  isLegacyLabelName,
  keepLabels,
  type Labels,
  labelValue,
  OpsError,
  withLabels,
} from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import type { VectorMatching } from "../syntax/ast.ts";
import { quote } from "../syntax/quoted.ts";
import { type LabelChoice, LabelSets } from "./label-sets.ts";
import { NAME_LABELS, type Nameless, unmarked } from "./names.ts";
import type { QueryMemory } from "./query-memory.ts";

/** Labels by which a series finds its partner. */
export function matchLabels(labels: Labels, { on, labels: names }: VectorMatching): Labels {
  if (on) return keepLabels(labels, new Set(names));
  return dropLabels(labels, new Set([...names, ...NAME_LABELS]));
}

/** A side of an operation, by match group; the numbers of the groups are those of both sides. */
export interface MatchSide {
  readonly groupOfRow: Uint32Array;
  /** Rows in order of their groups: those of group g are rows[starts[g]] … rows[starts[g + 1] − 1]. */
  readonly rows: Uint32Array;
  readonly starts: Uint32Array;
}

/** Groups both sides by their match labels: those of `first` in the order in which they come. */
export function groupByMatch(
  first: readonly Labels[],
  second: readonly Labels[],
  matching: VectorMatching,
  memory: QueryMemory,
): readonly [MatchSide, MatchSide] {
  const sets = new LabelSets(matchChoice(matching));
  const groupsOf = (series: readonly Labels[]) => {
    memory.keepBytes(series.length * SIDE_BYTES);
    return Uint32Array.from(series, (labels) => sets.add(labels, memory));
  };
  const sides = [groupsOf(first), groupsOf(second)];
  const [one, other] = sides.map((groupOfRow) => sideOf(groupOfRow, sets.sets.length));
  return [one!, other!];
}

/** Group and place of a row, and where groups start. */
const SIDE_BYTES = 12;

/** Rows of a side keep their order within a group (counting sort). */
function sideOf(groupOfRow: Uint32Array, groupCount: number): MatchSide {
  const starts = new Uint32Array(groupCount + 1);
  for (const group of groupOfRow) starts[group + 1]!++;
  for (let group = 0; group < groupCount; group++) starts[group + 1]! += starts[group]!;
  const next = starts.slice();
  const rows = new Uint32Array(groupOfRow.length);
  for (let row = 0; row < groupOfRow.length; row++) rows[next[groupOfRow[row]!]!++] = row;
  return { groupOfRow, rows, starts };
}

function matchChoice({ on, labels }: VectorMatching): LabelChoice {
  return on
    ? { names: new Set(labels), without: false }
    : { names: new Set([...labels, ...NAME_LABELS]), without: true };
}

/** What becomes of names before labels are chosen and copied, and of those that are there after it. */
export interface Renaming {
  readonly before: Nameless;
  readonly after: Nameless;
}

/**
 * Makes the labels of results: of the "many" (or left) series, and what the "one" side gives. Calls
 * for the same "one" series should come together.
 */
export function resultLabeller(
  { card, on, labels: names, include }: VectorMatching,
  { before, after }: Renaming,
): (many: Labels, one: Labels) => Labels {
  const matched = new Set(names);
  const choose = on ? keepLabels : dropLabels;
  if (card === "one-to-one") return (many) => after(choose(before(many), matched));
  let lastOne: Labels | undefined;
  let included: Readonly<Record<string, string>> = {};
  return (many, one) => {
    if (include.length === 0) return after(before(many));
    if (one !== lastOne) {
      included = Object.fromEntries(include.map((name) => [name, labelValue(one, name)]));
      lastOne = one;
    }
    return after(withLabels(before(many), included));
  };
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

/** As Prometheus writes label sets in errors: the name is a label like the others, also where it is to go. */
function goLabels(all: Labels): string {
  const labels = unmarked(all);
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i] ?? "";
    const shown = isLegacyLabelName(name) ? name : quote(name);
    pairs.push(`${shown}=${quote(labels[i + 1] ?? "")}`);
  }
  return `{${pairs.join(", ")}}`;
}
