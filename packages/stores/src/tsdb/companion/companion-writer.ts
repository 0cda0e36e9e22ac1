import type { Disk, DiskFile } from "../../disk/index.ts";
import { ByteWriter } from "../block/byte-writer.ts";
import { PageFile, SlotPages } from "../block/pages.ts";
import { TimeDictionary } from "../block/time-dictionary.ts";
import { trailerOf } from "../block/trailer.ts";
import type { Columns } from "../memory/columns.ts";
import { BucketEncoder, decimalExponent, scaleOf } from "./companion-codec.ts";
import {
  COMPANION_MAGIC,
  COMPANION_VERSION,
  COMPANIONS,
  type CompanionDirectory,
  RISES_PER_RESET,
  ROWS_PER_BUCKET_MIN,
} from "./companion-layout.ts";
import { BucketRows, sumUp } from "./companion-rows.ts";

/**
 * Writes the companions of a block into its folder, durably, under their final names once they are
 * whole; answers the bytes of each. `readRows` hands out the rows of each series, without regard to
 * tombstones: a companion tells of the block as it was made.
 */
export async function writeCompanions(
  disk: Disk,
  folder: string,
  block: { readonly name: string; readonly seriesCount: number },
  readRows: (series: number) => Columns,
): Promise<Readonly<Record<string, number>>> {
  const files: DiskFile[] = [];
  const encoder = new BucketEncoder();
  try {
    const writers: CompanionWriter[] = [];
    for (const { file, widthMs } of COMPANIONS) {
      const unfinished = disk.join(folder, `${file}.tmp`);
      await disk.remove(unfinished).catch(() => {});
      const opened = await disk.create(unfinished);
      files.push(opened);
      writers.push(await CompanionWriter.begin(opened, widthMs, encoder));
    }
    for (let series = 0; series < block.seriesCount; series++) {
      const rows = readRows(series);
      const exponent = decimalExponent(rows, rows.count);
      const isCounter = looksLikeCounter(rows);
      for (const [i, { hasCounters }] of COMPANIONS.entries()) {
        if (isCounter && !hasCounters) await writers[i]!.addNone();
        else await writers[i]!.add(rows, exponent);
      }
    }
    const sizes: Record<string, number> = {};
    for (const [i, { file }] of COMPANIONS.entries()) {
      sizes[file] = await writers[i]!.finish(block.name);
    }
    for (const opened of files) await opened.sync();
    for (const opened of files.splice(0)) await opened.close();
    for (const { file } of COMPANIONS) {
      await disk.rename(disk.join(folder, `${file}.tmp`), disk.join(folder, file));
    }
    await disk.syncFolder(folder);
    return sizes;
  } catch (error) {
    for (const opened of files) await opened.close().catch(() => {});
    for (const { file } of COMPANIONS) {
      await disk.remove(disk.join(folder, `${file}.tmp`)).catch(() => {});
    }
    throw error;
  }
}

class CompanionWriter {
  readonly #widthMs: number;
  readonly #encoder: BucketEncoder;
  readonly #pages: PageFile;
  readonly #series: SlotPages;
  readonly #times: TimeDictionary;
  readonly #buckets = new BucketRows();
  readonly #firsts: number[] = [];
  #seriesCount = 0;

  static async begin(
    file: DiskFile,
    widthMs: number,
    encoder: BucketEncoder,
  ): Promise<CompanionWriter> {
    const writer = new CompanionWriter(file, widthMs, encoder);
    await writer.#pages.append(new TextEncoder().encode(COMPANION_MAGIC));
    return writer;
  }

  private constructor(file: DiskFile, widthMs: number, encoder: BucketEncoder) {
    this.#widthMs = widthMs;
    this.#encoder = encoder;
    this.#pages = new PageFile(file, 0);
    const page = new ByteWriter();
    this.#series = new SlotPages(this.#pages, new ByteWriter(), page);
    this.#times = new TimeDictionary(new SlotPages(this.#pages, new ByteWriter(), page));
  }

  async add(rows: Columns, exponent: number | undefined): Promise<void> {
    const buckets = this.#buckets;
    buckets.count = 0;
    const isTold = sumUp(rows, 0, rows.count, this.#widthMs, buckets, scaleOf(exponent));
    const isWorth = buckets.count * ROWS_PER_BUCKET_MIN <= rows.count;
    if (!isTold || !isWorth || buckets.count === 0) return this.addNone();
    const time = this.#times.place(buckets.numbers, 0, buckets.count);
    const out = this.#begin(time.page, time.slot);
    this.#encoder.encode(buckets, exponent, out);
    await this.#flushFull();
  }

  /** A series that is answered from its samples. */
  async addNone(): Promise<void> {
    this.#encoder.encodeNone(this.#begin(0, 0));
    await this.#flushFull();
  }

  #begin(timePage: number, timeSlot: number): ByteWriter {
    if (this.#series.slot === 0) this.#firsts.push(this.#seriesCount);
    this.#seriesCount++;
    const out = this.#series.begin();
    out.u32(timePage);
    out.u32(timeSlot);
    return out;
  }

  async #flushFull(): Promise<void> {
    if (this.#series.isFull) await this.#series.flush();
    if (this.#times.isFull) await this.#times.flush();
  }

  /** Answers the bytes of the file. */
  async finish(block: string): Promise<number> {
    await this.#series.flush();
    await this.#times.flush();
    const directory: CompanionDirectory = {
      version: COMPANION_VERSION,
      block,
      widthMs: this.#widthMs,
      seriesCount: this.#seriesCount,
      timePages: this.#times.table,
      seriesPages: this.#series.table,
      firsts: this.#firsts,
    };
    const place: number[] = [];
    await this.#pages.write(new TextEncoder().encode(JSON.stringify(directory)), place);
    await this.#pages.append(trailerOf(place));
    return this.#pages.sizeBytes;
  }
}

/** Rises, and falls hardly ever. NaN and staleness markers do neither. */
function looksLikeCounter({ count, values }: Columns): boolean {
  let rises = 0;
  let falls = 0;
  for (let row = 1; row < count; row++) {
    if (values[row]! > values[row - 1]!) rises++;
    else if (values[row]! < values[row - 1]!) falls++;
  }
  return rises > falls * RISES_PER_RESET;
}
