import { writeTimestamp } from "./number-bytes.ts";

/** Of `[1700000000.123,"`, and of every time that a store can hold. */
export const TIME_TEXT_BYTES = 32;
const DOUBLE_BYTES = 8;
const OPEN = 91;
const COMMA = 44;
const QUOTE = 34;

/** Most answers have no series of points: theirs cost nothing. */
const NO_TIMES = new Float64Array(0);
const NO_TEXTS = new DataView(new ArrayBuffer(0));
const NO_LENGTHS = new Uint8Array(0);

/**
 * The beginnings of points, `[1700000000,"`: the series of an answer have most of their times in
 * common, which are written once and copied.
 */
export class PointTimes {
  #known: Float64Array = NO_TIMES;
  /** A text every TIME_TEXT_BYTES. */
  #texts = NO_TEXTS;
  #lengths = NO_LENGTHS;
  #next = 0;

  /** To be called before the points of each series, whose times rise. */
  begin(timesMs: Float64Array): void {
    this.#next = 0;
    if (timesMs.length > this.#known.length) this.#learn(timesMs);
  }

  /**
   * Writes at `at` of `bytes`, which is what `view` shows; answers where the text ends. There must
   * be room for TIME_TEXT_BYTES: those behind the text are undefined. Hot.
   */
  write(bytes: Uint8Array, view: DataView, at: number, timeMs: number): number {
    const known = this.#known;
    while (this.#next < known.length && known[this.#next]! < timeMs) this.#next++;
    if (known[this.#next] !== timeMs) return writeBeginning(bytes, at, timeMs);
    const length = this.#lengths[this.#next]!;
    const from = this.#next * TIME_TEXT_BYTES;
    // No eight ASCII characters are a NaN, of which a copy could differ.
    for (let i = 0; i < length; i += DOUBLE_BYTES) {
      view.setFloat64(at + i, this.#texts.getFloat64(from + i));
    }
    return at + length;
  }

  #learn(timesMs: Float64Array): void {
    this.#known = timesMs;
    const texts = new Uint8Array(timesMs.length * TIME_TEXT_BYTES);
    this.#texts = new DataView(texts.buffer);
    this.#lengths = new Uint8Array(timesMs.length);
    for (let i = 0; i < timesMs.length; i++) {
      const from = i * TIME_TEXT_BYTES;
      this.#lengths[i] = writeBeginning(texts, from, timesMs[i]!) - from;
    }
  }
}

function writeBeginning(bytes: Uint8Array, at: number, timeMs: number): number {
  bytes[at] = OPEN;
  const end = writeTimestamp(bytes, at + 1, timeMs);
  bytes[end] = COMMA;
  bytes[end + 1] = QUOTE;
  return end + 2;
}
