import { labelValue, type MatrixSeries, METRIC_NAME } from "@hms-ops/model";
import type { Binary } from "../syntax/ast.ts";

/** Values shown of a label. */
const MOST_SHOWN = 3;

type Reason = readonly [message: string, suggestion: string];

/** Why no series of one side of a join found a partner on the other; both sides have some. */
export function pairingReason(
  node: Binary,
  left: readonly MatrixSeries[],
  right: readonly MatrixSeries[],
): Reason {
  const sides = [new Side(left), new Side(right)] as const;
  const [one, other] = sides;
  const wanted = wantedNames(node, sides);
  if (meet(wanted, left, right)) {
    return [
      "series of both sides belong together, but never have samples at the same time",
      "look at the offsets of both sides, and at which of them ended",
    ];
  }
  const lacking = wanted.filter((name) => one.has(name) !== other.has(name));
  if (lacking.length > 0) return unlikeNames(node, sides, lacking);
  const apart = wanted.find((name) => areApart(one.valuesOf(name), other.valuesOf(name)));
  const by = `paired by ${wanted.join(", ")}`;
  if (apart === undefined) {
    return [
      `no series of the left side has a partner on the right side: ${by}, never all of them alike`,
      "leave out what need not be alike with ignoring (…)",
    ];
  }
  return [
    `no series of the left side has a partner on the right side: ${by}, and ${apart} is ${one.shown(apart)} on the left, ${other.shown(apart)} on the right`,
    node.matching.on
      ? "pair by a label whose values both sides have"
      : `if ${apart} need not be alike, write ignoring (${apart})`,
  ];
}

/** One side has a label by which they are paired, and the other has not. */
function unlikeNames(
  { matching }: Binary,
  [one, other]: readonly [Side, Side],
  lacking: readonly string[],
): Reason {
  const by =
    matching.on && matching.labels.length > 0 ? `on (${matching.labels.join(", ")})` : "all labels";
  const common = one.names.filter((name) => other.has(name));
  const message = `no series of the left side has a partner on the right side: paired by ${by}, and the left side has ${one.text}, the right side ${other.text}`;
  if (common.length > 0 && !matching.on) {
    return [message, `to leave out ${lacking.join(", ")}, write on (${common.join(", ")})`];
  }
  if (common.length > 0) return [message, `both have ${common.join(", ")}`];
  return [message, "they have no label in common: on () pairs all with one series"];
}

function wantedNames({ matching }: Binary, [one, other]: readonly [Side, Side]): readonly string[] {
  if (matching.on) return matching.labels;
  return [...new Set([...one.names, ...other.names])].filter(
    (name) => !matching.labels.includes(name),
  );
}

function meet(
  names: readonly string[],
  left: readonly MatrixSeries[],
  right: readonly MatrixSeries[],
): boolean {
  const keyOf = ({ labels }: MatrixSeries) =>
    JSON.stringify(names.map((name) => labelValue(labels, name)));
  const keys = new Set(left.map(keyOf));
  return right.some((series) => keys.has(keyOf(series)));
}

/** The label sets of one side, without their metrics' names. */
class Side {
  readonly names: readonly string[];
  readonly #series: readonly MatrixSeries[];

  constructor(series: readonly MatrixSeries[]) {
    const all = series.flatMap(({ labels }) => labels.filter((_, i) => i % 2 === 0));
    this.names = [...new Set(all)].filter((name) => name !== METRIC_NAME).sort();
    this.#series = series;
  }

  get text(): string {
    return this.names.join(", ") || "no labels";
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  valuesOf(name: string): ReadonlySet<string> {
    return new Set(this.#series.map(({ labels }) => labelValue(labels, name)));
  }

  shown(name: string): string {
    const values = [...this.valuesOf(name)].sort();
    const some = values.slice(0, MOST_SHOWN).map((value) => JSON.stringify(value));
    return some.join(", ") + (values.length > MOST_SHOWN ? ", …" : "");
  }
}

function areApart(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const value of some) if (others.has(value)) return false;
  return true;
}
