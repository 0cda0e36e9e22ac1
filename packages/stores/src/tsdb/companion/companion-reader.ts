import type { DiskReader } from "../../disk/index.ts";
import type { PageCache, PageSection } from "../block/page-cache.ts";
import { damaged, readPage, slotAt } from "../block/pages.ts";
import { TimeColumns } from "../block/time-columns.ts";
import { readDirectory } from "../block/trailer.ts";
import { BucketDecoder, isKept } from "./companion-codec.ts";
import { COMPANION_MAGIC, COMPANION_VERSION, type CompanionDirectory } from "./companion-layout.ts";
import type { BucketRows } from "./companion-rows.ts";

/** Ahead of a series' buckets: page and slot of its column of bucket numbers. */
const TIME_PLACE_BYTES = 8;

/** A companion opened for reading. What it reads it checks; damage throws OPS-1320. */
export class Companion {
  readonly #file: DiskReader;
  readonly #name: string;
  readonly #cache: PageCache;
  readonly #directory: CompanionDirectory;
  readonly #times: TimeColumns;
  readonly #seriesPages: PageSection<Uint8Array>;
  readonly #decoder = new BucketDecoder();

  /** Closes the file itself if it is not what it should be. */
  constructor(file: DiskReader, name: string, block: string, cache: PageCache) {
    this.#file = file;
    this.#name = name;
    this.#cache = cache;
    try {
      this.#directory = readDirectory(file, name, COMPANION_MAGIC) as CompanionDirectory;
      const { version, block: owner } = this.#directory;
      if (owner !== block) throw damaged(name, 0, `it belongs to block ${owner}`);
      if (version !== COMPANION_VERSION) throw damaged(name, 0, `it has version ${version}`);
    } catch (error) {
      file.close();
      throw error;
    }
    const { timePages, seriesPages } = this.#directory;
    this.#times = new TimeColumns(cache, timePages.length / 2, (page) =>
      readPage(file, name, timePages, page),
    );
    this.#seriesPages = cache.newSection(seriesPages.length / 2);
  }

  /** Whether it has the buckets of a series. */
  keeps(series: number): boolean {
    const { bytes, at } = this.#slotOf(series);
    return isKept(bytes, at + TIME_PLACE_BYTES);
  }

  /** Replaces the buckets of `into` by all of a series that it keeps. */
  read(series: number, into: BucketRows): void {
    const { bytes, at } = this.#slotOf(series);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, TIME_PLACE_BYTES);
    this.#times.seek(view.getUint32(0, true), view.getUint32(4, true));
    const { count } = this.#times;
    into.count = 0;
    into.reserve(count);
    into.count = count;
    this.#times.copyTo(into.numbers, 0);
    this.#decoder.decode(bytes, at + TIME_PLACE_BYTES, count, into);
  }

  close(): void {
    this.#times.close();
    this.#cache.closeSection(this.#seriesPages);
    this.#file.close();
  }

  #slotOf(series: number): { readonly bytes: Uint8Array; readonly at: number } {
    const { firsts, seriesPages } = this.#directory;
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firsts[middle]! <= series) low = middle + 1;
      else high = middle;
    }
    const page = low - 1;
    const bytes = this.#cache.get(this.#seriesPages, page, () => {
      const value = readPage(this.#file, this.#name, seriesPages, page);
      return { value, bytes: value.length };
    });
    return { bytes, at: slotAt(bytes, series - firsts[page]!) };
  }
}
