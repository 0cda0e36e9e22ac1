/** So many Go sorts by insertion. */
const INSERTED_MOST = 12;
/** From here on the pivot is a median of medians, and what is nearly sorted is mended. */
const LONG = 50;
const MENDED_MOST = 5;
const SWAPS_OF_REVERSED = 12;
const UINT64 = 2n ** 64n - 1n;

/**
 * As Go's sort.Sort and slices.SortFunc leave them, in place: elements that are alike do not stay in
 * their order, and where `isLess` contradicts itself it shows. Go's pattern-defeating quicksort
 * (sort/zsortfunc.go) after Orson Peters, https://github.com/orlp/pdqsort.
 */
export function sortAsGo<T>(items: T[], isLess: (a: T, b: T) => boolean): T[] {
  new GoSort(items, isLess).sort(0, items.length, 32 - Math.clz32(items.length));
  return items;
}

class GoSort<T> {
  readonly #items: T[];
  readonly #compare: (a: T, b: T) => boolean;

  constructor(items: T[], isLess: (a: T, b: T) => boolean) {
    this.#items = items;
    this.#compare = isLess;
  }

  /** `limit`: so many bad pivots are borne before it sorts by a heap. */
  sort(first: number, last: number, limit: number): void {
    let [from, to, left] = [first, last, limit];
    let wasBalanced = true;
    let wasPartitioned = true;
    for (;;) {
      const length = to - from;
      if (length <= INSERTED_MOST) {
        this.#insert(from, to);
        return;
      }
      if (left === 0) {
        this.#heapSort(from, to);
        return;
      }
      if (!wasBalanced) {
        this.#breakPatterns(from, to);
        left--;
      }
      let { pivot, swaps } = this.#choosePivot(from, to);
      if (swaps === SWAPS_OF_REVERSED) {
        this.#reverse(from, to);
        pivot = to - 1 - (pivot - from);
        swaps = 0;
      }
      if (wasBalanced && wasPartitioned && swaps === 0 && this.#mend(from, to)) return;
      if (from > 0 && !this.#isLess(from - 1, pivot)) {
        from = this.#partitionEqual(from, to, pivot);
        continue;
      }
      const parted = this.#partition(from, to, pivot);
      wasPartitioned = parted.wasPartitioned;
      const [before, behind] = [parted.at - from, to - parted.at];
      wasBalanced = Math.min(before, behind) >= Math.floor(length / 8);
      if (before < behind) {
        this.sort(from, parted.at, left);
        from = parted.at + 1;
      } else {
        this.sort(parted.at + 1, to, left);
        to = parted.at;
      }
    }
  }

  #isLess(a: number, b: number): boolean {
    return this.#compare(this.#items[a]!, this.#items[b]!);
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a]!;
    this.#items[a] = this.#items[b]!;
    this.#items[b] = item;
  }

  #insert(from: number, to: number): void {
    for (let i = from + 1; i < to; i++) {
      for (let k = i; k > from && this.#isLess(k, k - 1); k--) this.#swap(k, k - 1);
    }
  }

  #heapSort(from: number, to: number): void {
    const size = to - from;
    for (let i = Math.floor((size - 1) / 2); i >= 0; i--) this.#siftDown(i, size, from);
    for (let i = size - 1; i >= 0; i--) {
      this.#swap(from, from + i);
      this.#siftDown(0, i, from);
    }
  }

  #siftDown(low: number, high: number, first: number): void {
    let root = low;
    for (;;) {
      let child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && this.#isLess(first + child, first + child + 1)) child++;
      if (!this.#isLess(first + root, first + child)) return;
      this.#swap(first + root, first + child);
      root = child;
    }
  }

  /** Moves three elements of the middle to where an xorshift of the length says. */
  #breakPatterns(from: number, to: number): void {
    const length = to - from;
    const mask = 2 ** (32 - Math.clz32(length)) - 1;
    const middle = from + Math.floor(length / 4) * 2 - 1;
    let state = BigInt(length);
    for (let i = 0; i < 3; i++) {
      state ^= (state << 13n) & UINT64;
      state ^= state >> 7n;
      state ^= (state << 17n) & UINT64;
      const other = Number(state & BigInt(mask));
      this.#swap(middle + i, from + (other >= length ? other - length : other));
    }
  }

  /** `swaps`: 0 = it seems to be sorted, SWAPS_OF_REVERSED = backwards. */
  #choosePivot(from: number, to: number): { readonly pivot: number; readonly swaps: number } {
    const quarter = Math.floor((to - from) / 4);
    let swaps = 0;
    const inOrder = (a: number, b: number): readonly [number, number] => {
      if (!this.#isLess(b, a)) return [a, b];
      swaps++;
      return [b, a];
    };
    const median = (a: number, b: number, c: number): number => {
      const [least, middle] = inOrder(a, b);
      const [lower] = inOrder(middle, c);
      return inOrder(least, lower)[1];
    };
    const places = [from + quarter, from + quarter * 2, from + quarter * 3].map((at) =>
      to - from >= LONG ? median(at - 1, at, at + 1) : at,
    );
    return { pivot: median(places[0]!, places[1]!, places[2]!), swaps };
  }

  #reverse(from: number, to: number): void {
    for (let i = from, k = to - 1; i < k; i++, k--) this.#swap(i, k);
  }

  /** Whether it is sorted now. */
  #mend(from: number, to: number): boolean {
    let at = from + 1;
    for (let mended = 0; mended < MENDED_MOST; mended++) {
      while (at < to && !this.#isLess(at, at - 1)) at++;
      if (at === to) return true;
      if (to - from < LONG) return false;
      this.#swap(at, at - 1);
      if (at - from >= 2) {
        for (let k = at - 1; k >= 1 && this.#isLess(k, k - 1); k--) this.#swap(k, k - 1);
      }
      if (to - at >= 2) {
        for (let k = at + 1; k < to && this.#isLess(k, k - 1); k++) this.#swap(k, k - 1);
      }
    }
    return false;
  }

  /** Those that are not greater than the pivot come first; where the others begin. */
  #partitionEqual(from: number, to: number, pivot: number): number {
    this.#swap(from, pivot);
    let [low, high] = [from + 1, to - 1];
    for (;;) {
      while (low <= high && !this.#isLess(from, low)) low++;
      while (low <= high && this.#isLess(from, high)) high--;
      if (low > high) return low;
      this.#swap(low++, high--);
    }
  }

  /** Those that are less come first; where the pivot is then, and whether they stood so before. */
  #partition(
    from: number,
    to: number,
    pivot: number,
  ): { readonly at: number; readonly wasPartitioned: boolean } {
    this.#swap(from, pivot);
    let [low, high] = [from + 1, to - 1];
    for (let swaps = 0; ; swaps++) {
      while (low <= high && this.#isLess(low, from)) low++;
      while (low <= high && !this.#isLess(high, from)) high--;
      if (low > high) {
        this.#swap(high, from);
        return { at: high, wasPartitioned: swaps === 0 };
      }
      this.#swap(low++, high--);
    }
  }
}
