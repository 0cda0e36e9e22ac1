import type { Matcher } from "@hms-ops/model";
import { type ValueTest, valueTest } from "../../matching.ts";
import type { IndexReader } from "../index/index-reader.ts";

/** So many series of a selector are remembered at most; more take time to read anyway. */
const REMEMBERED_SERIES_MAX = 4_096;

const NONE = new Uint32Array(0);

/** The series that pass some tests, in the index as far as it was learnt. */
export class MatchedSeries {
  readonly sets: readonly (readonly ValueTest[])[];
  readonly #index: IndexReader;
  #ids: Uint32Array = NONE;
  /** How many series were there when they were matched. */
  #count = 0;

  constructor(index: IndexReader, tests: readonly ValueTest[]) {
    this.#index = index;
    this.sets = [tests];
  }

  /** Rising; nobody may change them. Series only come, so those that are known stay. */
  ids(): Uint32Array {
    const { seriesCount } = this.#index;
    const known = this.#ids;
    if (this.#count === seriesCount) return known;
    const added = this.#index.matchAny(this.sets, this.#count);
    const ids = known.length === 0 ? added : joined(known, added);
    const isKept = ids.length <= REMEMBERED_SERIES_MAX;
    this.#ids = isKept ? ids : NONE;
    this.#count = isKept ? seriesCount : 0;
    return ids;
  }
}

function joined(first: Uint32Array, second: Uint32Array): Uint32Array {
  const all = new Uint32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/**
 * What the matchers of queries that are kept ready match. By the matchers themselves: those of a
 * query that is asked again are the same objects, and go with it.
 */
export class Matches {
  readonly #index: IndexReader;
  readonly #known = new WeakMap<readonly Matcher[], MatchedSeries>();

  constructor(index: IndexReader) {
    this.#index = index;
  }

  /** Throws what `valueTest` throws. */
  of(matchers: readonly Matcher[]): MatchedSeries {
    const known = this.#known.get(matchers);
    if (known) return known;
    const matched = new MatchedSeries(this.#index, matchers.map(valueTest));
    this.#known.set(matchers, matched);
    return matched;
  }
}
