import type { Disk, DiskReader } from "../../disk/index.ts";
import { BlockIndex } from "../block/block-index.ts";
import type { BlockMeta } from "../block/index.ts";
import { PageCache } from "../block/index.ts";
import { CHUNK_WORDS, CHUNKS_FILE, INDEX_FILE } from "../block/layout.ts";
import { type PageTable, readPage } from "../block/pages.ts";

/** What one way of writing values, or the times, takes of a block. */
export interface CodecShare {
  readonly codec: string;
  readonly chunks: number;
  /** Before zstd, which packs all chunks of a page together. */
  readonly unpackedBytes: number;
}

export interface BlockShares {
  readonly values: readonly CodecShare[];
  /** Columns of times, each of which many series share. */
  readonly times: CodecShare;
  readonly valueBytes: number;
  readonly timeBytes: number;
  readonly indexBytes: number;
}

const CACHE_BYTES = 16 * 1024 * 1024;
/** By the first byte of a chunk's values; drawn in docs/formats/block.md. */
const KINDS = ["constant", "decimal", "words", "histograms"];
const DECIMAL = 1;
/** Of decimals, by the high half of the second byte. */
const MODES = ["plain", "differences", "differences of differences"];

/** Which codecs a block's values are written in. Throws OPS-1320 where it is damaged. */
export function codecShares(disk: Disk, folder: string, meta: BlockMeta): BlockShares {
  const indexName = disk.join(folder, INDEX_FILE);
  const chunksName = disk.join(folder, CHUNKS_FILE);
  const indexFile = disk.open(indexName);
  const chunksFile = disk.open(chunksName);
  try {
    const index = new BlockIndex(indexFile, indexName, new PageCache(CACHE_BYTES));
    const { valuePages, timePages } = index.directory;
    const values = sharesOf(index, meta, new PieceReader(chunksFile, chunksName, valuePages));
    const times = timesShare(new PieceReader(chunksFile, chunksName, timePages), timePages);
    return {
      values: [...values.values()].sort((a, b) => b.unpackedBytes - a.unpackedBytes),
      times,
      valueBytes: storedBytes(valuePages),
      timeBytes: storedBytes(timePages),
      indexBytes: indexFile.sizeBytes,
    };
  } finally {
    indexFile.close();
    chunksFile.close();
  }
}

type MutableShare = { -readonly [Name in keyof CodecShare]: CodecShare[Name] };

function sharesOf(
  index: BlockIndex,
  meta: BlockMeta,
  pieces: PieceReader,
): Map<string, MutableShare> {
  const shares = new Map<string, MutableShare>();
  for (let ordinal = 0; ordinal < meta.seriesCount; ordinal++) {
    const record = index.record(ordinal);
    const { from, count } = index.chunksOf(record);
    for (let chunk = 0; chunk < count; chunk++) {
      const at = from + chunk * CHUNK_WORDS;
      const piece = pieces.piece(record.words[at]!, record.words[at + 1]!);
      const codec = codecOf(piece);
      const share = shares.get(codec) ?? { codec, chunks: 0, unpackedBytes: 0 };
      share.chunks++;
      share.unpackedBytes += piece.length;
      shares.set(codec, share);
    }
  }
  return shares;
}

function timesShare(pieces: PieceReader, table: PageTable): CodecShare {
  const share = { codec: "times", chunks: 0, unpackedBytes: 0 };
  for (let page = 0; page < table.length / 2; page++) {
    share.chunks += pieces.countIn(page);
    share.unpackedBytes += pieces.bytesIn(page);
  }
  return share;
}

function codecOf(piece: Uint8Array): string {
  const kind = piece[0] ?? 0;
  const name = KINDS[kind] ?? `kind ${kind}`;
  return kind === DECIMAL ? `${name}, ${MODES[(piece[1] ?? 0) >>> 4] ?? "other"}` : name;
}

function storedBytes(table: PageTable): number {
  let bytes = 0;
  for (let i = 1; i < table.length; i += 2) bytes += table[i]!;
  return bytes;
}

/** Pieces of pages of slots; keeps the page that it read last. */
class PieceReader {
  readonly #file: DiskReader;
  readonly #name: string;
  readonly #table: PageTable;
  #page = -1;
  #bytes = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));

  constructor(file: DiskReader, name: string, table: PageTable) {
    this.#file = file;
    this.#name = name;
    this.#table = table;
  }

  countIn(page: number): number {
    this.#load(page);
    return this.#view.getUint32(0, true);
  }

  bytesIn(page: number): number {
    this.#load(page);
    return this.#bytes.length;
  }

  piece(page: number, slot: number): Uint8Array {
    const count = this.countIn(page);
    const start = this.#view.getUint32(4 + 4 * slot, true);
    const end = slot + 1 < count ? this.#view.getUint32(8 + 4 * slot, true) : this.#bytes.length;
    return this.#bytes.subarray(start, end);
  }

  #load(page: number): void {
    if (page === this.#page) return;
    this.#bytes = readPage(this.#file, this.#name, this.#table, page);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#page = page;
  }
}
