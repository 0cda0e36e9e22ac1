/** Words that grow. */
export class WordList {
  #words = new Uint32Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Valid until the next `push`. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  push(word: number): void {
    if (this.#length === this.#words.length) {
      const words = new Uint32Array(this.#length * 2);
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[this.#length++] = word;
  }
}
