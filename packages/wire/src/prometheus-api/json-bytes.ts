const FLUSH_CHARACTERS = 32_768;
const FIRST_BYTES = 4_096;

/** Collects text and keeps it as bytes, so that a large answer is never one large string. */
export class JsonBytes {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #text = "";
  readonly #encoder = new TextEncoder();

  /** What is collected, at least. */
  get length(): number {
    return this.#length + this.#text.length;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= FLUSH_CHARACTERS) this.#flush();
  }

  /** Hands over what was collected, and begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #flush(): void {
    // A UTF-16 unit becomes at most three bytes.
    const needed = this.#length + this.#text.length * 3;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    const { written } = this.#encoder.encodeInto(this.#text, this.#bytes.subarray(this.#length));
    this.#length += written;
    this.#text = "";
  }
}
