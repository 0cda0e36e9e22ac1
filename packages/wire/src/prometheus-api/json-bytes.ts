import { NUMBER_BYTES_MAX, writeSampleValue } from "./number-bytes.ts";
import { PointTimes, TIME_TEXT_BYTES } from "./point-times.ts";

const LEAST_BYTES = 4_096;
/** A time, a value, and `"],` behind it. */
const POINT_BYTES_MAX = TIME_TEXT_BYTES + NUMBER_BYTES_MAX + 3;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const CLOSE = 93;
const SPACE = 32;
const ASCII_END = 128;

const encoder = new TextEncoder();

/** Collects JSON as UTF-8, so that a large answer is never a string, nor a sample one. */
export class JsonBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #times = new PointTimes();

  /** It grows where `expectedBytes` are too few. */
  constructor(expectedBytes = 0) {
    this.#bytes = new Uint8Array(Math.max(LEAST_BYTES, expectedBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What is collected. */
  get length(): number {
    return this.#length;
  }

  /** Text that is JSON already. */
  write(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= ASCII_END) {
        this.#encode(text);
        return;
      }
      bytes[start + i] = code;
    }
    this.#length = start + text.length;
  }

  /** Any text, as JSON quotes it. */
  writeString(text: string): void {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const isPlain = code >= SPACE && code < ASCII_END && code !== QUOTE && code !== BACKSLASH;
      if (!isPlain) {
        this.#encode(JSON.stringify(text));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at] = QUOTE;
    this.#length = at + 1;
  }

  /** The samples of a series, without the bracket before the first one: `[1,"0.5"],[2,"1"]]`. Hot. */
  writePoints(timesMs: Float64Array, values: Float64Array): void {
    this.#times.begin(timesMs);
    this.#reserve(POINT_BYTES_MAX);
    let at = this.#length;
    for (let i = 0; i < timesMs.length; i++) {
      if (at + POINT_BYTES_MAX > this.#bytes.length) {
        this.#length = at;
        this.#reserve(POINT_BYTES_MAX);
      }
      const bytes = this.#bytes;
      at = this.#times.write(bytes, this.#view, at, timesMs[i]!);
      at = writeSampleValue(bytes, at, values[i]!);
      bytes[at] = QUOTE;
      bytes[at + 1] = CLOSE;
      bytes[at + 2] = COMMA;
      at += 3;
    }
    // The last comma is none.
    this.#length = timesMs.length > 0 ? at : at + 1;
    this.#bytes[this.#length - 1] = CLOSE;
  }

  /** Hands over what was collected, and begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #encode(text: string): void {
    // A UTF-16 unit becomes at most three bytes.
    this.#reserve(text.length * 3);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#length));
    this.#length += written;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
