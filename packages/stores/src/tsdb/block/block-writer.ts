import { bug, type Labels } from "@hms-ops/model";
import type { Disk, DiskFile } from "../../disk/index.ts";
import { type Columns, HISTOGRAM_HIGH } from "../memory/columns.ts";
import { ByteWriter } from "./byte-writer.ts";
import { IndexBuilder } from "./index-builder.ts";
import {
  type BlockDirectory,
  CHUNK_ROWS_MAX,
  CHUNKS_FILE,
  CHUNKS_MAGIC,
  INDEX_FILE,
  INDEX_MAGIC,
} from "./layout.ts";
import { blockName, META_FILE, metaText } from "./meta.ts";
import { PageFile, SlotPages } from "./pages.ts";
import type { BlockMeta, BlockPlan, BlockWriter } from "./ports.ts";
import { TimeDictionary } from "./time-dictionary.ts";
import { trailerOf } from "./trailer.ts";
import { ValueEncoder } from "./value-codec.ts";

export interface BlockFolders {
  /** Blocks under way; same file system as the other. */
  readonly tmpFolder: string;
  readonly blocksFolder: string;
}

/** Begins a block. Nothing of it is seen before `finish`. */
export async function createBlock(
  disk: Disk,
  folders: BlockFolders,
  plan: BlockPlan,
): Promise<BlockWriter> {
  const folder = disk.join(folders.tmpFolder, String(plan.number));
  await disk.removeFolder(folder);
  await disk.makeFolder(folder);
  const chunks = await disk.create(disk.join(folder, CHUNKS_FILE));
  const writer = new Writer(disk, folders, plan, folder, chunks);
  await writer.begin();
  return writer;
}

class Writer implements BlockWriter {
  readonly #disk: Disk;
  readonly #folders: BlockFolders;
  readonly #plan: BlockPlan;
  readonly #folder: string;
  readonly #chunks: DiskFile;
  readonly #chunkPages: PageFile;
  readonly #values: SlotPages;
  readonly #times: TimeDictionary;
  readonly #encoder = new ValueEncoder();
  readonly #index = new IndexBuilder();
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  #sampleCount = 0;
  #histogramCount = 0;

  constructor(
    disk: Disk,
    folders: BlockFolders,
    plan: BlockPlan,
    folder: string,
    chunks: DiskFile,
  ) {
    this.#disk = disk;
    this.#folders = folders;
    this.#plan = plan;
    this.#folder = folder;
    this.#chunks = chunks;
    this.#chunkPages = new PageFile(chunks, 0);
    const page = new ByteWriter();
    this.#values = new SlotPages(this.#chunkPages, new ByteWriter(), page);
    this.#times = new TimeDictionary(new SlotPages(this.#chunkPages, new ByteWriter(), page));
  }

  async begin(): Promise<void> {
    await this.#chunkPages.append(new TextEncoder().encode(CHUNKS_MAGIC));
  }

  async add(labels: Labels, rows: Columns): Promise<void> {
    const { count, timesMs } = rows;
    if (count === 0) bug("a block gets a series without rows");
    const chunkWords: number[] = [];
    for (let from = 0; from < count; from += CHUNK_ROWS_MAX) {
      const chunkRows = Math.min(CHUNK_ROWS_MAX, count - from);
      const time = this.#times.place(timesMs, from, chunkRows);
      chunkWords.push(this.#values.page, this.#values.slot, time.page, time.slot);
      this.#encoder.encode(rows, from, chunkRows, this.#values.begin());
      if (this.#values.isFull) await this.#values.flush();
      if (this.#times.isFull) await this.#times.flush();
    }
    const firstMs = timesMs[0]!;
    const lastMs = timesMs[count - 1]!;
    this.#index.addSeries(labels, firstMs, lastMs, chunkWords);
    this.#fromMs = Math.min(this.#fromMs, firstMs);
    this.#toMs = Math.max(this.#toMs, lastMs);
    this.#sampleCount += count;
    this.#histogramCount += histogramsOf(rows);
  }

  async finish(): Promise<BlockMeta | undefined> {
    if (this.#index.seriesCount === 0) {
      await this.abandon();
      return undefined;
    }
    const disk = this.#disk;
    await this.#values.flush();
    await this.#times.flush();
    await this.#chunks.sync();
    await this.#chunks.close();
    const indexBytes = await this.#writeIndex();
    const name = blockName(this.#plan.number, this.#fromMs, this.#toMs);
    const meta: BlockMeta = {
      name,
      ...this.#plan,
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      seriesCount: this.#index.seriesCount,
      sampleCount: this.#sampleCount,
      histogramCount: this.#histogramCount,
      files: { [CHUNKS_FILE]: this.#chunkPages.sizeBytes, [INDEX_FILE]: indexBytes },
    };
    const text = new TextEncoder().encode(metaText(meta));
    await this.#writeFile(META_FILE, (file) => file.append([text]));
    await disk.syncFolder(this.#folder);
    await disk.rename(this.#folder, disk.join(this.#folders.blocksFolder, name));
    await disk.syncFolder(this.#folders.blocksFolder);
    return meta;
  }

  async abandon(): Promise<void> {
    await this.#chunks.close().catch(() => {});
    await this.#disk.removeFolder(this.#folder);
  }

  async #writeIndex(): Promise<number> {
    let sizeBytes = 0;
    await this.#writeFile(INDEX_FILE, async (file) => {
      const pages = new PageFile(file, 0);
      await pages.append(new TextEncoder().encode(INDEX_MAGIC));
      const directory: BlockDirectory = {
        ...(await this.#index.write(pages)),
        timePages: this.#times.table,
        valuePages: this.#values.table,
      };
      const place: number[] = [];
      await pages.write(new TextEncoder().encode(JSON.stringify(directory)), place);
      await pages.append(trailerOf(place));
      sizeBytes = pages.sizeBytes;
    });
    return sizeBytes;
  }

  async #writeFile(name: string, fill: (file: DiskFile) => Promise<void>): Promise<void> {
    const file = await this.#disk.create(this.#disk.join(this.#folder, name));
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

function histogramsOf({ count, valueWords, blobs }: Columns): number {
  if (blobs.length === 0) return 0;
  let histograms = 0;
  for (let i = 0; i < count; i++) if (valueWords[2 * i + 1] === HISTOGRAM_HIGH) histograms++;
  return histograms;
}
