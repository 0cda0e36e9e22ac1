import { SYMBOLS_PER_REQUEST_MAX } from "../limits.ts";
import { decodeText } from "../prompb/labels.ts";
import type { ProtoReader } from "../prompb/proto-reader.ts";

const NOT_READ = null;

/** The texts of a 2.0 request by number; each becomes a string at most once. */
export class SymbolTable {
  readonly #reader: ProtoReader;
  #starts = new Uint32Array(1_024);
  #ends = new Uint32Array(1_024);
  #texts: (string | undefined | typeof NOT_READ)[] = [];
  count = 0;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  add(start: number, end: number): void {
    if (this.count === SYMBOLS_PER_REQUEST_MAX) {
      this.#reader.fail(`it has more than ${SYMBOLS_PER_REQUEST_MAX} symbols`);
    }
    if (this.count === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
    }
    this.#starts[this.count] = start;
    this.#ends[this.count++] = end;
    this.#texts.push(NOT_READ);
  }

  start(symbol: number): number {
    return this.#starts[symbol]!;
  }

  sizeBytes(symbol: number): number {
    return this.#ends[symbol]! - this.#starts[symbol]!;
  }

  /** Undefined when it is not UTF-8 or there is no such symbol. */
  text(symbol: number): string | undefined {
    const known = this.#texts[symbol];
    if (known !== NOT_READ) return known;
    const { bytes } = this.#reader;
    const text = decodeText(bytes, this.#starts[symbol]!, this.#ends[symbol]!);
    this.#texts[symbol] = text;
    return text;
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
