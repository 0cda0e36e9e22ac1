import type { Labels, QueryBudget, TimeRange } from "@hms-ops/model";
import { type Disk, type DiskReader, giveBackUnpacked, isAbsence } from "../../disk/index.ts";
import type { ValueTest } from "../../matching.ts";
import type { Columns, RowMeter } from "../memory/columns.ts";
import { BlockIndex } from "./block-index.ts";
import { CHUNK_WORDS, CHUNKS_FILE, CHUNKS_MAGIC, INDEX_FILE, MAGIC_BYTES } from "./layout.ts";
import type { PageCache, PageSection } from "./page-cache.ts";
import { damaged, readPage, slotAt } from "./pages.ts";
import type { Block, BlockMeta, Tombstone } from "./ports.ts";
import { TimeColumns } from "./time-columns.ts";
import { parseTombstones } from "./tombstones.ts";
import { decodeValues } from "./value-codec.ts";

export interface BlockOnDisk {
  readonly meta: BlockMeta;
  /** File of its tombstones, if any. */
  readonly tombstones?: string;
}

/** Opens a block's files. Throws OPS-1320 if they are not what was written. */
export function openBlock(
  disk: Disk,
  folder: string,
  { meta, tombstones }: BlockOnDisk,
  cache: PageCache,
): Block {
  const opened: DiskReader[] = [];
  const open = (name: string) => {
    const file = openFile(disk, disk.join(folder, name));
    opened.push(file);
    if (meta.files[name] !== undefined && meta.files[name] !== file.sizeBytes) {
      throw damaged(disk.join(folder, name), 0, "it is not as long as it was");
    }
    return file;
  };
  try {
    const index = new BlockIndex(open(INDEX_FILE), disk.join(folder, INDEX_FILE), cache);
    const buried = tombstones
      ? parseTombstones(wholeFile(open(tombstones)), disk.join(folder, tombstones))
      : [];
    const chunks = new ChunkPages(open(CHUNKS_FILE), disk.join(folder, CHUNKS_FILE), index, cache);
    return new Reader(meta, index, chunks, buried, opened);
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
}

class Reader implements Block {
  readonly meta: BlockMeta;
  readonly #index: BlockIndex;
  readonly #chunks: ChunkPages;
  readonly #tombstones = new Map<number, Tombstone[]>();
  readonly #files: readonly DiskReader[];

  constructor(
    meta: BlockMeta,
    index: BlockIndex,
    chunks: ChunkPages,
    tombstones: readonly Tombstone[],
    files: readonly DiskReader[],
  ) {
    this.meta = meta;
    this.#index = index;
    this.#chunks = chunks;
    this.#files = files;
    for (const tombstone of tombstones) {
      const known = this.#tombstones.get(tombstone.ordinal);
      if (known) known.push(tombstone);
      else this.#tombstones.set(tombstone.ordinal, [tombstone]);
    }
  }

  match(tests: readonly ValueTest[], budget: QueryBudget): Uint32Array {
    return this.#index.match(tests, budget);
  }

  labelsOf(ordinal: number): Labels {
    return this.#index.labelsOf(ordinal);
  }

  get pairCount(): number {
    return this.#index.directory.pairCount;
  }

  pairsOf(ordinal: number, into: Uint32Array): number {
    return this.#index.pairsOf(ordinal, into);
  }

  pairText(pair: number): readonly [name: string, value: string] {
    return this.#index.pairText(pair);
  }

  labelNames(): readonly string[] {
    return this.#index.labelNames;
  }

  labelValues(name: string): readonly string[] {
    return this.#index.labelValues(name);
  }

  timesOf(ordinal: number): TimeRange {
    return this.#index.timesOf(ordinal);
  }

  read(ordinal: number, { fromMs, toMs }: TimeRange, into: Columns, meter?: RowMeter): void {
    const record = this.#index.record(ordinal);
    const { from, count } = this.#index.chunksOf(record);
    const begin = into.count;
    for (let chunk = 0; chunk < count; chunk++) {
      const at = from + chunk * CHUNK_WORDS;
      const { times } = this.#chunks;
      times.seek(record.words[at + 2]!, record.words[at + 3]!);
      if (times.firstMs > toMs) break;
      if (times.lastMs < fromMs) continue;
      const start = into.count;
      const rows = times.count;
      const isCut = times.firstMs < fromMs || times.lastMs > toMs;
      into.reserve(rows);
      times.copyTo(into.timesMs, start);
      this.#chunks.values(record.words[at]!, record.words[at + 1]!, rows, into);
      into.count += rows;
      meter?.decoded(rows);
      if (isCut) into.cut(start, fromMs, toMs);
    }
    const tombstones = this.#tombstones.get(ordinal);
    if (tombstones) dropCovered(into, begin, tombstones);
  }

  tombstonesOf(ordinal: number): readonly Tombstone[] {
    return this.#tombstones.get(ordinal) ?? [];
  }

  close(): void {
    this.#index.close();
    this.#chunks.close();
    for (const file of this.#files) file.close();
  }
}

/** The `chunks` file of a block: times as columns, values as pages. */
class ChunkPages {
  readonly #file: DiskReader;
  readonly #name: string;
  readonly #index: BlockIndex;
  readonly #cache: PageCache;
  readonly #values: PageSection<Uint8Array>;
  readonly times: TimeColumns;

  constructor(file: DiskReader, name: string, index: BlockIndex, cache: PageCache) {
    this.#file = file;
    this.#name = name;
    this.#index = index;
    this.#cache = cache;
    const { timePages, valuePages } = index.directory;
    this.#values = cache.newSection(valuePages.length / 2, giveBackUnpacked);
    this.times = new TimeColumns(cache, timePages.length / 2, (page) =>
      readPage(file, name, timePages, page),
    );
    const magic = new Uint8Array(MAGIC_BYTES);
    file.readInto(magic, 0);
    if (new TextDecoder().decode(magic) !== CHUNKS_MAGIC) {
      throw damaged(name, 0, "it does not begin as a file of chunks");
    }
  }

  values(page: number, slot: number, count: number, into: Columns): void {
    const bytes = this.#cache.get(this.#values, page, () => {
      const value = readPage(this.#file, this.#name, this.#index.directory.valuePages, page);
      return { value, bytes: value.length };
    });
    decodeValues(bytes, slotAt(bytes, slot), count, into);
  }

  close(): void {
    this.times.close();
    this.#cache.closeSection(this.#values);
  }
}

/** Takes rows from `begin` on away that lie in one of the stretches. */
function dropCovered(rows: Columns, begin: number, tombstones: readonly Tombstone[]): void {
  let kept = begin;
  for (let row = begin; row < rows.count; row++) {
    const timeMs = rows.timesMs[row]!;
    if (tombstones.some(({ fromMs, toMs }) => timeMs >= fromMs && timeMs <= toMs)) continue;
    rows.timesMs[kept] = timeMs;
    rows.valueWords[2 * kept] = rows.valueWords[2 * row]!;
    rows.valueWords[2 * kept + 1] = rows.valueWords[2 * row + 1]!;
    kept++;
  }
  rows.count = kept;
}

/** A file that is not there is damage too: the block says that it has it. */
function openFile(disk: Disk, path: string): DiskReader {
  try {
    return disk.open(path);
  } catch (error) {
    throw isAbsence(error) ? damaged(path, 0, "it is not there") : error;
  }
}

function wholeFile(file: DiskReader): Uint8Array {
  const bytes = new Uint8Array(file.sizeBytes);
  return bytes.subarray(0, file.readInto(bytes, 0));
}
