import { giveBack } from "@hms-ops/model";
import type { PageCache, PageSection } from "./page-cache.ts";
import { slotAt, slotCount } from "./pages.ts";
import { decodeTimes, TIME_COLUMN } from "./time-codec.ts";

/** Between them a time, and its distance from any other, is a whole number without loss. */
const EXACT_MS = 2 ** 52;

interface TimePage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * Reads the columns of times of a file. Most are those of a target scraped at even intervals: a few
 * bytes, of which the times follow in less time than they would be read from where they are kept.
 * Only the others are kept decoded, each by itself.
 */
export class TimeColumns {
  /** Of the column sought last. */
  count = 0;
  firstMs = 0;
  lastMs = 0;
  readonly #cache: PageCache;
  readonly #readPage: (page: number) => Uint8Array;
  readonly #pages: PageSection<TimePage>;
  /** By page: of those of its columns that are kept decoded. */
  readonly #columns: (PageSection<Float64Array> | undefined)[];
  #stepMs = 0;
  #uneven: Float64Array | undefined;

  constructor(cache: PageCache, pages: number, readPage: (page: number) => Uint8Array) {
    this.#cache = cache;
    this.#readPage = readPage;
    this.#pages = cache.newSection(pages);
    this.#columns = new Array<PageSection<Float64Array> | undefined>(pages).fill(undefined);
  }

  /** Turns to a column. Hot. */
  seek(page: number, slot: number): void {
    const { bytes, view } = this.#page(page);
    const at = slotAt(bytes, slot);
    this.count = view.getUint32(at + TIME_COLUMN.count, true);
    this.firstMs = view.getFloat64(at + TIME_COLUMN.first, true);
    this.#stepMs = view.getFloat64(at + TIME_COLUMN.least, true);
    this.lastMs = this.firstMs + (this.count - 1) * this.#stepMs;
    this.#uneven = undefined;
    const isEven = view.getUint8(at + TIME_COLUMN.planes) === 0;
    if (isEven && this.firstMs >= -EXACT_MS && this.lastMs <= EXACT_MS) return;
    const section = this.#columns[page] ?? this.#newSection(page, slotCount(bytes));
    this.#uneven = this.#cache.get(section, slot, () => {
      const value = decodeTimes(bytes, at);
      return { value, bytes: value.byteLength };
    });
    this.lastMs = this.#uneven[this.count - 1]!;
  }

  /** Copies the column sought last; not once the cache has been asked for something else. Hot. */
  copyTo(into: Float64Array, start: number): void {
    if (this.#uneven) {
      into.set(this.#uneven, start);
      return;
    }
    const { count, firstMs } = this;
    const stepMs = this.#stepMs;
    for (let i = 0; i < count; i++) into[start + i] = firstMs + i * stepMs;
  }

  close(): void {
    this.#cache.closeSection(this.#pages);
    for (const columns of this.#columns) if (columns) this.#cache.closeSection(columns);
  }

  #newSection(page: number, slots: number): PageSection<Float64Array> {
    const section = this.#cache.newSection<Float64Array>(slots, giveBack);
    this.#columns[page] = section;
    return section;
  }

  #page(page: number): TimePage {
    return this.#cache.get(this.#pages, page, () => {
      const bytes = this.#readPage(page);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return { value: { bytes, view }, bytes: bytes.length };
    });
  }
}
