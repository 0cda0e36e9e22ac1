import type { Labels, NativeHistogram } from "@hms-ops/model";
import type { Binary } from "../syntax/ast.ts";
import { type ElementOperation, valueAt } from "./element.ts";
import { LabelSets } from "./label-sets.ts";
import {
  duplicateError,
  groupByMatch,
  type MatchSide,
  manyMatchesError,
  type Renaming,
  resultLabeller,
} from "./matching.ts";
import type { QueryMemory } from "./query-memory.ts";
import {
  type Compute,
  computeOf,
  isFilter,
  type RowOperation,
  rowOperation,
} from "./row-operations.ts";
import {
  emptyTable,
  histogramsPart,
  occupiedSteps,
  sameLabelsError,
  type VectorTable,
} from "./table.ts";

/** Two vectors whose series find each other by labels. */
export interface Join {
  readonly expr: Binary;
  readonly many: VectorTable;
  readonly one: VectorTable;
  /** The "many" side was written on the right. */
  readonly swapped: boolean;
  /** Undefined where there are only floats, the fast path. */
  readonly elements: ElementOperation | undefined;
  readonly rename: Renaming;
  /** Results of different match groups may be alike. */
  readonly allowsNamesakes: boolean;
  readonly memory: QueryMemory;
}

/** Rows of both sides that meet, in order of their match groups, and the result's row of each. */
interface Pairs {
  readonly many: readonly number[];
  readonly one: readonly number[];
  readonly target: Uint32Array;
  /** By row of the result. */
  readonly series: readonly Labels[];
  readonly hasNamesakes: boolean;
}

const PAIR_BYTES = 32;

/**
 * One to one and many to one. A fault of the "one" side at the first step is told before anything is
 * made, one at a later step unless another comes before it.
 */
export function joinVectors(join: Join): VectorTable {
  const { expr, many, one, memory } = join;
  const [oneSide, manySide] = groupByMatch(one.series, many.series, expr.matching, memory);
  const duplicates = findDuplicates(join, oneSide);
  if (duplicates?.step === 0) throw duplicates.error;
  const pairs = pairsOf(join, oneSide, manySide);
  const result = emptyTable(pairs.series, many.steps);
  memory.keepCells(result.values);
  const filling = new PairFilling(join, manySide, pairs, result, duplicates?.step);
  for (let pair = 0; pair < pairs.many.length; pair++) filling.fill(pair);
  if (duplicates) throw duplicates.error;
  const namesakes = pairs.hasNamesakes ? ({ hasNamesakes: true } as const) : {};
  return { ...result, ...histogramsPart(filling.histograms), ...namesakes };
}

/**
 * Two series of a group on the "one" side at the same step are the query's fault, also if nothing
 * matches them; the first such step's are told of. Where the "many" side is empty nothing is judged,
 * unless a side may be filled.
 */
function findDuplicates({ expr, many, one, swapped, memory }: Join, side: MatchSide) {
  const { steps, present } = one;
  if (side.starts.every((start, group) => start - (side.starts[group - 1] ?? 0) < 2))
    return undefined;
  const judged = expr.matching.fill ? new Uint8Array(steps).fill(1) : occupiedSteps(many);
  /** By group with several series: row + 1 at each step. */
  const holders = new Map<number, Uint32Array>();
  let found: { readonly step: number; readonly rows: readonly [number, number] } | undefined;
  for (const [row, group] of side.groupOfRow.entries()) {
    if (side.starts[group + 1]! - side.starts[group]! < 2) continue;
    memory.visit();
    const holder = holders.get(group) ?? new Uint32Array(steps);
    if (!holders.has(group)) memory.keepBytes(steps * 4);
    holders.set(group, holder);
    for (let step = 0; step < (found?.step ?? steps); step++) {
      if ((present[row * steps + step]! & judged[step]!) === 0) continue;
      const first = holder[step]! - 1;
      if (first >= 0) found = { step, rows: [first, row] };
      else holder[step] = row + 1;
    }
  }
  if (found === undefined) return undefined;
  const [first, second] = found.rows;
  const hand = swapped ? "left" : "right";
  const error = duplicateError(one.series[first]!, one.series[second]!, expr.matching, hand);
  return { step: found.step, error };
}

function pairsOf(join: Join, oneSide: MatchSide, manySide: MatchSide): Pairs {
  const { many, one, memory } = join;
  const labelsOf = resultLabeller(join.expr.matching, join.rename);
  const pairs = { many: [] as number[], one: [] as number[], labels: [] as Labels[] };
  for (let group = 0; group + 1 < oneSide.starts.length; group++) {
    for (let i = oneSide.starts[group]!; i < oneSide.starts[group + 1]!; i++) {
      const oneRow = oneSide.rows[i]!;
      for (let k = manySide.starts[group]!; k < manySide.starts[group + 1]!; k++) {
        const manyRow = manySide.rows[k]!;
        memory.visit();
        if (!doMeet(many, manyRow, one, oneRow)) continue;
        const labels = labelsOf(many.series[manyRow]!, one.series[oneRow]!);
        if (labels !== many.series[manyRow]) memory.keepLabels(labels);
        memory.keepBytes(PAIR_BYTES);
        pairs.many.push(manyRow);
        pairs.one.push(oneRow);
        pairs.labels.push(labels);
      }
    }
  }
  const targets = join.allowsNamesakes ? new NamesakeTargets() : new LabelSets();
  const target = new Uint32Array(pairs.many.length);
  for (const pair of answerOrder(many, pairs.many)) {
    const group = manySide.groupOfRow[pairs.many[pair]!]!;
    target[pair] = targets.add(pairs.labels[pair]!, memory, group);
  }
  const hasNamesakes = targets instanceof NamesakeTargets && targets.hasNamesakes;
  return { many: pairs.many, one: pairs.one, target, series: targets.sets, hasNamesakes };
}

/** Numbers label sets, alike ones once a match group. */
class NamesakeTargets {
  readonly sets: Labels[] = [];
  hasNamesakes = false;
  readonly #numbers = new LabelSets();
  /** By number of a set: the first row that has it, and that one's group. */
  readonly #rows: number[] = [];
  readonly #groups: number[] = [];
  /** Rows of further groups, by number and group. */
  readonly #others = new Map<string, number>();

  add(labels: Labels, memory: QueryMemory, group: number): number {
    const number = this.#numbers.add(labels, memory);
    if (number === this.#rows.length) {
      this.#groups.push(group);
      const row = this.sets.push(labels) - 1;
      this.#rows.push(row);
      return row;
    }
    if (this.#groups[number] === group) return this.#rows[number]!;
    this.hasNamesakes = true;
    const key = `${number} ${group}`;
    const row = this.#others.get(key) ?? this.sets.push(labels) - 1;
    this.#others.set(key, row);
    memory.keepText(key);
    return row;
  }
}

/** Pairs in the order of the "many" side where that is seen, which is at a single step. */
function answerOrder({ steps, series }: VectorTable, many: readonly number[]): Iterable<number> {
  if (steps !== 1) return many.keys();
  const pairOfRow = new Int32Array(series.length).fill(-1);
  for (const [pair, row] of many.entries()) pairOfRow[row] = pair;
  return pairOfRow.filter((pair) => pair >= 0);
}

function doMeet(many: VectorTable, manyRow: number, one: VectorTable, oneRow: number): boolean {
  const { steps } = many;
  for (let step = 0; step < steps; step++) {
    if ((many.present[manyRow * steps + step]! & one.present[oneRow * steps + step]!) === 1) {
      return true;
    }
  }
  return false;
}

/** Computes pairs in their order. */
class PairFilling {
  readonly histograms = new Map<number, NativeHistogram>();
  readonly #join: Join;
  readonly #pairs: Pairs;
  readonly #side: MatchSide;
  readonly #result: VectorTable;
  readonly #isOneToOne: boolean;
  readonly #filters: boolean;
  readonly #compute: Compute;
  readonly #operation: RowOperation;
  /** How many pairs have each row of the result. */
  readonly #claims: Uint32Array;
  /** Steps from here on are not judged. */
  readonly #judgedSteps: number;
  #group = -1;
  /** Of the group, what was matched already: 1 at each step, by what must be matched once. */
  readonly #matched = new Map<number, Uint8Array>();

  constructor(
    join: Join,
    manySide: MatchSide,
    pairs: Pairs,
    result: VectorTable,
    judgedSteps = result.steps,
  ) {
    const { expr, elements } = join;
    this.#judgedSteps = judgedSteps;
    this.#join = join;
    this.#pairs = pairs;
    this.#side = manySide;
    this.#result = result;
    this.#isOneToOne = expr.matching.card === "one-to-one";
    this.#filters = isFilter(expr);
    this.#compute = elements ? () => Number.NaN : computeOf(expr);
    this.#operation = elements ? () => {} : rowOperation(expr);
    this.#claims = new Uint32Array(pairs.series.length);
    for (const target of pairs.target) this.#claims[target]!++;
  }

  fill(pair: number): void {
    this.#join.memory.visit();
    const target = this.#pairs.target[pair]!;
    const group = this.#side.groupOfRow[this.#pairs.many[pair]!]!;
    if (group !== this.#group) this.#matched.clear();
    this.#group = group;
    const { starts } = this.#side;
    const isAlone = !this.#isOneToOne || starts[group + 1]! - starts[group]! < 2;
    if (isAlone && this.#claims[target] === 1 && !this.#join.elements) this.#fillRow(pair);
    else this.#fillCells(pair, this.#matchedOf(this.#isOneToOne ? 0 : target));
  }

  #matchedOf(what: number): Uint8Array {
    const known = this.#matched.get(what);
    if (known) return known;
    const { steps } = this.#result;
    this.#join.memory.keepBytes(steps);
    const matched = new Uint8Array(steps);
    this.#matched.set(what, matched);
    return matched;
  }

  #fillRow(pair: number): void {
    const { many, one, swapped } = this.#join;
    const { steps } = many;
    const ofMany = { table: many, from: this.#pairs.many[pair]! * steps };
    const ofOne = { table: one, from: this.#pairs.one[pair]! * steps };
    const into = { table: this.#result, from: this.#pairs.target[pair]! * steps };
    if (swapped) this.#operation(ofOne, ofMany, into);
    else this.#operation(ofMany, ofOne, into);
  }

  /** Where results may collide, or are histograms. Pairs that a filter drops are judged too. */
  #fillCells(pair: number, matched: Uint8Array): void {
    const { many, one, swapped, elements } = this.#join;
    const { steps } = many;
    const [manyFrom, oneFrom] = [this.#pairs.many[pair]! * steps, this.#pairs.one[pair]! * steps];
    for (let step = 0; step < this.#judgedSteps; step++) {
      const [ofMany, ofOne] = [manyFrom + step, oneFrom + step];
      if ((many.present[ofMany]! & one.present[ofOne]!) === 0) continue;
      const left = swapped ? valueAt(one, ofOne) : valueAt(many, ofMany);
      const right = swapped ? valueAt(many, ofMany) : valueAt(one, ofOne);
      const value = elements
        ? elements.apply(left, right, step, this.#pairs.many[pair]!)
        : this.#filtered(left as number, right as number);
      // Not judged at all.
      if (value === undefined) continue;
      if (matched[step] === 1) throw this.#matchedTwice();
      matched[step] = 1;
      if (value !== "dropped") this.#set(this.#pairs.target[pair]!, step, value);
    }
  }

  #filtered(left: number, right: number): number | "dropped" {
    const outcome = this.#compute(left, right);
    if (!this.#filters) return outcome;
    return outcome === 0 ? "dropped" : left;
  }

  #matchedTwice(): Error {
    return manyMatchesError(
      this.#isOneToOne
        ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
        : "multiple matches for labels: grouping labels must ensure unique matches",
    );
  }

  #set(row: number, step: number, value: number | NativeHistogram): void {
    const { series, steps, present, values } = this.#result;
    const cell = row * steps + step;
    if (present[cell] === 1) throw sameLabelsError(series[row] ?? []);
    present[cell] = 1;
    values[cell] = typeof value === "number" ? value : Number.NaN;
    if (typeof value !== "number") this.histograms.set(cell, value);
  }
}
