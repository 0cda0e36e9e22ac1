const PAGE_SHIFT = 16;
const PAGE_WORDS = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_WORDS - 1;

/** Words that grow page by page: nothing is copied, and at most a page is room for nothing. */
export class WordList {
  readonly #pages: Uint32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Hot. */
  push(word: number): void {
    const at = this.#length++;
    if (at >>> PAGE_SHIFT === this.#pages.length) this.#pages.push(new Uint32Array(PAGE_WORDS));
    this.#pages[at >>> PAGE_SHIFT]![at & PAGE_MASK] = word;
  }

  /** Hot. Of a word that was pushed. */
  at(index: number): number {
    return this.#pages[index >>> PAGE_SHIFT]![index & PAGE_MASK]!;
  }

  /** Copies words [from, to) into `target` from `start` on. */
  copyTo(target: Uint32Array, start: number, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const end = Math.min(to, (at | PAGE_MASK) + 1);
      const page = this.#pages[at >>> PAGE_SHIFT]!;
      const first = at & PAGE_MASK;
      target.set(page.subarray(first, first + end - at), start + at - from);
      at = end;
    }
  }
}
