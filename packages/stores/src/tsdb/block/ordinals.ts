/** Sets of series of one block, as bits or as rising lists. */
export class OrdinalBits {
  readonly #words: Uint32Array;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
    this.#words = new Uint32Array(Math.ceil(count / 32));
  }

  add(ordinal: number): void {
    this.#words[ordinal >>> 5]! |= 1 << (ordinal & 31);
  }

  has(ordinal: number): boolean {
    return ((this.#words[ordinal >>> 5]! >>> (ordinal & 31)) & 1) === 1;
  }

  /** Rising; those in the set, or those not in it. */
  list(isIn: boolean): Uint32Array {
    const found = new Uint32Array(this.#count);
    let length = 0;
    for (let ordinal = 0; ordinal < this.#count; ordinal++) {
      if (this.has(ordinal) === isIn) found[length++] = ordinal;
    }
    return found.subarray(0, length);
  }
}

export function allOrdinals(count: number): Uint32Array {
  const all = new Uint32Array(count);
  for (let ordinal = 0; ordinal < count; ordinal++) all[ordinal] = ordinal;
  return all;
}

/** Of two rising lists. */
export function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(a.length, b.length));
  let length = 0;
  for (let i = 0, k = 0; i < a.length && k < b.length; ) {
    const left = a[i]!;
    const right = b[k]!;
    if (left === right) both[length++] = left;
    if (left <= right) i++;
    if (right <= left) k++;
  }
  return both.subarray(0, length);
}
