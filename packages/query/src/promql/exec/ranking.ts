import { Choice } from "./choice.ts";
import type { QueryMemory } from "./query-memory.ts";
import { sortAsGo } from "./sort-as-go.ts";
import type { VectorTable } from "./table.ts";

/** Value and row of a place in a heap. */
const PLACE_BYTES = 12;

/**
 * `topk`, `bottomk`: original series; at a single step in order of rank, groups together. `counts`
 * has one k a step.
 */
export function selectRanked(
  operator: "topk" | "bottomk",
  table: VectorTable,
  groups: readonly Uint32Array[],
  counts: Float64Array,
  memory: QueryMemory,
): VectorTable {
  const choice = new Choice(table);
  for (const rows of groups) {
    const best = new BestOfSteps(counts, rows.length, operator === "topk" ? 1 : -1, memory);
    for (const row of rows) {
      memory.visit();
      best.offer(row, table);
    }
    best.choose(choice);
  }
  return choice.chosen();
}

/**
 * The best k of a group at each step, as heaps with the worst on top. Of equals those stay that
 * stay in Prometheus 3.x, whose heap this is (promql/engine.go, aggregationK). Rows are offered one
 * after the other, so that a table is read as it lies in memory.
 */
class BestOfSteps {
  /** 1 = the largest are best, −1 the smallest. */
  readonly #sign: number;
  /** Of each step; at most so many as there are rows. */
  readonly #limits: Uint32Array;
  readonly #width: number;
  readonly #sizes: Uint32Array;
  /** Ranks are values by sign. */
  readonly #ranks: Float64Array;
  readonly #rows: Uint32Array;

  constructor(counts: Float64Array, rowCount: number, sign: 1 | -1, memory: QueryMemory) {
    this.#sign = sign;
    this.#limits = Uint32Array.from(counts, (k) => Math.max(0, Math.min(Math.trunc(k), rowCount)));
    this.#width = this.#limits.reduce((most, limit) => Math.max(most, limit), 0);
    memory.keepBytes(counts.length * this.#width * PLACE_BYTES);
    this.#sizes = new Uint32Array(counts.length);
    this.#ranks = new Float64Array(counts.length * this.#width);
    this.#rows = new Uint32Array(counts.length * this.#width);
  }

  /** Hot. */
  offer(row: number, { steps, values, present }: VectorTable): void {
    const ranks = this.#ranks;
    const sizes = this.#sizes;
    const limits = this.#limits;
    const width = this.#width;
    const sign = this.#sign;
    const cell = row * steps;
    for (let step = 0; step < steps; step++) {
      if (present[cell + step] !== 1) continue;
      const rank = sign * values[cell + step]!;
      const top = step * width;
      if (sizes[step]! < limits[step]!) this.#push(top, sizes[step]!++, rank, row);
      else if (limits[step]! > 0 && isWorse(ranks[top]!, rank)) {
        this.#replace(top, limits[step]!, rank, row);
      }
    }
  }

  choose(choice: Choice): void {
    const steps = this.#sizes.length;
    for (let step = 0; step < steps; step++) {
      const top = step * this.#width;
      const kept = this.#rows.subarray(top, top + this.#sizes[step]!);
      for (const row of steps === 1 ? this.#sorted(kept) : kept) choice.keep(row, step);
    }
  }

  /** Best first, at the only step. Of two NaN each stands before the other, as in Prometheus. */
  #sorted(kept: Uint32Array): readonly number[] {
    const places = Array.from(kept, (_, place) => place);
    sortAsGo(places, (a, b) => isBefore(this.#ranks[b]!, this.#ranks[a]!));
    return places.map((place) => kept[place]!);
  }

  #push(top: number, size: number, rank: number, row: number): void {
    let at = size;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(rank, this.#ranks[top + parent]!)) break;
      this.#move(top + at, top + parent);
      at = parent;
    }
    this.#ranks[top + at] = rank;
    this.#rows[top + at] = row;
  }

  /** Puts a row in the place of the worst. */
  #replace(top: number, size: number, rank: number, row: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && isBefore(this.#ranks[top + right]!, this.#ranks[top + child]!)) {
        child = right;
      }
      if (!isBefore(this.#ranks[top + child]!, rank)) break;
      this.#move(top + at, top + child);
      at = child;
    }
    this.#ranks[top + at] = rank;
    this.#rows[top + at] = row;
  }

  #move(to: number, from: number): void {
    this.#ranks[to] = this.#ranks[from]!;
    this.#rows[to] = this.#rows[from]!;
  }
}

/** NaN is taken last. */
function isWorse(rank: number, other: number): boolean {
  return rank < other || (Number.isNaN(rank) && !Number.isNaN(other));
}

/** Whether it belongs nearer to the top of the heap. */
export function isBefore(rank: number, other: number): boolean {
  return rank < other || Number.isNaN(rank);
}
