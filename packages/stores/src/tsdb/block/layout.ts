import type { PageTable } from "./pages.ts";

/** Names and constants of a block's files; drawn in docs/formats/block.md. */
export const CHUNKS_FILE = "chunks";
export const INDEX_FILE = "index";
export const CHUNKS_MAGIC = "HMS-CHK1";
export const INDEX_MAGIC = "HMS-IDX1";
export const MAGIC_BYTES = 8;
/** | offset of the directory, a double | its length | crc32 of these 12 bytes |, at the end of `index`. */
export const TRAILER_BYTES = 16;

/** Rows of one chunk; a longer series has several. Below what a budget wants to hear of at once. */
export const CHUNK_ROWS_MAX = 960;
export const SERIES_PER_PAGE = 256;
export const PAIRS_PER_PAGE = 256;
/** Words of postings a page. */
export const POSTINGS_PER_PAGE = 16_384;

/** Words of a series' record ahead of its pairs, and of each chunk behind them. */
export const SERIES_HEADER_WORDS = 6;
export const CHUNK_WORDS = 4;

/** Where everything stands; JSON, the last page of `index`. */
export interface BlockDirectory {
  readonly seriesCount: number;
  readonly pairCount: number;
  /** Of `chunks`. */
  readonly timePages: PageTable;
  readonly valuePages: PageTable;
  /** Of `index`. */
  readonly seriesPages: PageTable;
  readonly pairPages: PageTable;
  readonly postingPages: PageTable;
  /** Sorted; the pairs of a name are [first, end). */
  readonly names: readonly {
    readonly name: string;
    readonly first: number;
    readonly end: number;
  }[];
}
