import { hashBytes } from "../index/hash.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { SlotPages } from "./pages.ts";
import { encodeTimes } from "./time-codec.ts";

/** Columns remembered; beyond it all are forgotten, and columns that come again are written again. */
const KNOWN_BYTES_MAX = 64 * 1024 * 1024;

export interface TimePlace {
  readonly page: number;
  readonly slot: number;
}

interface Known extends TimePlace {
  readonly bytes: Uint8Array;
}

/** Writes each column of times of a block once: all series of a target share theirs. */
export class TimeDictionary {
  readonly #pages: SlotPages;
  readonly #encoded = new ByteWriter();
  #known = new Map<number, Known>();
  #knownBytes = 0;

  constructor(pages: SlotPages) {
    this.#pages = pages;
  }

  get table(): readonly number[] {
    return this.#pages.table;
  }

  get isFull(): boolean {
    return this.#pages.isFull;
  }

  place(timesMs: Float64Array, from: number, count: number): TimePlace {
    const encoded = this.#encoded;
    encoded.clear();
    encodeTimes(timesMs, from, count, encoded);
    const { buffer, length } = encoded;
    const hash = hashBytes(buffer, 0, length, count);
    const known = this.#known.get(hash);
    if (known && isEqual(known.bytes, buffer, length)) return known;
    const place = { page: this.#pages.page, slot: this.#pages.slot };
    this.#pages.begin().bytes(buffer.subarray(0, length));
    if (!known) this.#remember(hash, { ...place, bytes: encoded.take() });
    return place;
  }

  flush(): Promise<void> {
    return this.#pages.flush();
  }

  #remember(hash: number, known: Known): void {
    this.#knownBytes += known.bytes.length + 100;
    if (this.#knownBytes > KNOWN_BYTES_MAX) {
      this.#known = new Map();
      this.#knownBytes = known.bytes.length;
    }
    this.#known.set(hash, known);
  }
}

function isEqual(known: Uint8Array, bytes: Uint8Array, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[i]) return false;
  return true;
}
