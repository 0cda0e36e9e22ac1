/** A set of series as bits. */
export class SeriesBits {
  readonly #words: Uint32Array;
  readonly #count: number;

  /** Of the series below `count`; empty, or all of them. */
  constructor(count: number, isFull = false) {
    this.#count = count;
    this.#words = new Uint32Array(Math.ceil(count / 32));
    if (isFull) this.#words.fill(0xffff_ffff);
  }

  add(series: number): void {
    this.#words[series >>> 5]! |= 1 << (series & 31);
  }

  remove(series: number): void {
    this.#words[series >>> 5]! &= ~(1 << (series & 31));
  }

  /** Rising, from `from` on. */
  list(from: number): Uint32Array<ArrayBuffer> {
    const words = this.#words;
    let size = 0;
    for (let i = from >>> 5; i < words.length; i++) size += bitsOf(words[i]!);
    const series = new Uint32Array(size);
    let end = 0;
    for (let i = from >>> 5; i < words.length; i++) {
      for (let rest = words[i]!; rest !== 0; rest &= rest - 1) {
        series[end++] = i * 32 + 31 - Math.clz32(rest & -rest);
      }
    }
    const first = lowerBound(series, end, from);
    return series.subarray(first, lowerBound(series, end, this.#count));
  }
}

function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return (((bits + (bits >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}

function lowerBound(series: Uint32Array, end: number, value: number): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (series[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
