import { join } from "node:path";
import { compareLabels, type Labels, labelsOf, type NativeHistogram } from "@hms-ops/model";
import { BatchWriter, type Row, type SeriesRecord } from "@hms-ops/model/testing";
import { type Disk, openNodeDisk } from "../../disk/index.ts";
import { createBlock, writeTombstones } from "../block/index.ts";
import type { Tombstone } from "../block/ports.ts";
import {
  type BlockRef,
  directLink,
  openReader,
  openWriter,
  type PinLink,
  type TsdbHandles,
  type TsdbReader,
  type TsdbWriter,
} from "../index.ts";
import { Columns, HISTOGRAM_HIGH } from "../memory/columns.ts";
import { encodeHistogram } from "../memory/histogram-blob.ts";
import { testOptions } from "../testing/open-store.test.tools.ts";

export type LayerRow = Row | readonly [timeMs: number, histogram: NativeHistogram];
export type LayerSeries = readonly [series: SeriesRecord, rows: readonly LayerRow[]];

const STALE = [0x0000_0002, 0x7ff0_0000] as const;
const values = new Float64Array(1);
const words = new Uint32Array(values.buffer);

/** A reader over a writer's head and over blocks that the test makes. */
export class Layers {
  readonly writer: TsdbWriter;
  readonly reader: TsdbReader;
  readonly damage: [name: string, problem: string][] = [];
  openFiles = 0;
  blocks: readonly BlockRef[] = [];
  /** Of the list of blocks; whoever changes the list counts on. */
  version = 1;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #blocksFolder: string;
  readonly #handles: TsdbHandles;
  #lastNumber = 0;

  static async open(folder: string): Promise<Layers> {
    return new Layers(folder, await openWriter(testOptions(folder)));
  }

  private constructor(folder: string, writer: TsdbWriter) {
    this.writer = writer;
    this.#folder = folder;
    this.#disk = this.#counted(openNodeDisk());
    const handles = writer.shared();
    this.#blocksFolder = handles.blocksFolder;
    this.#handles = handles;
    this.reader = this.openReader();
  }

  /** Another one, as of another thread; it knows what was there when the writer was opened. */
  openReader(): TsdbReader {
    const onDamage = (name: string, problem: string) => this.damage.push([name, problem]);
    return openReader(this.#handles, this.#link(), { disk: this.#disk, onDamage });
  }

  async append(...all: readonly LayerSeries[]): Promise<void> {
    const batch = new BatchWriter(this.writer);
    for (const [series, rows] of all) {
      const id = batch.series(labelsOf(series));
      for (const [timeMs, value] of rows) {
        if (value === "stale") batch.builder.addStale(id, timeMs);
        else if (typeof value === "number") batch.builder.add(id, timeMs, value);
        else batch.builder.addHistogram({ id, timeMs, histogram: value });
      }
    }
    await this.writer.append(batch.builder.build());
  }

  /** What the head has so far stays frozen. */
  freeze(): Promise<void> {
    return this.writer.requestFlush();
  }

  /** The newest in order of arrival. Rows must rise. */
  async addBlock(...all: readonly LayerSeries[]): Promise<string> {
    const number = ++this.#lastNumber;
    const folders = { tmpFolder: join(this.#folder, "tmp"), blocksFolder: this.#blocksFolder };
    const plan = { number, arrival: number, level: 0, replaces: [] };
    const writer = await createBlock(this.#disk, folders, plan);
    const sorted = all.map(([series, rows]): [Labels, Columns] => [
      labelsOf(series),
      columnsOf(rows),
    ]);
    sorted.sort(([a], [b]) => compareLabels(a, b));
    for (const [labels, columns] of sorted) await writer.add(labels, columns);
    const meta = await writer.finish();
    if (!meta) throw new Error("a block needs rows");
    this.setBlocks([...this.blocks, { meta }]);
    return meta.name;
  }

  setBlocks(blocks: readonly BlockRef[]): void {
    this.blocks = blocks;
    this.version++;
  }

  async bury(name: string, tombstones: readonly Tombstone[]): Promise<void> {
    const file = await writeTombstones(this.#disk, this.folderOf(name), tombstones);
    this.setBlocks(
      this.blocks.map((ref) => (ref.meta.name === name ? { ...ref, tombstones: file } : ref)),
    );
  }

  folderOf(name: string): string {
    return join(this.#blocksFolder, name);
  }

  close(): Promise<void> {
    return this.writer.close();
  }

  #link(): PinLink {
    const link = directLink(this.writer);
    return {
      unpin: link.unpin,
      pin: async (request) => {
        const { version, blocks: list } = this;
        const { knownBlocks: _, ...own } = request;
        // The writer does not know of these blocks: it must be asked each time.
        const { head: _head, ...reply } = await link.pin(own);
        const blocks = request.knownBlocks === version ? { version } : { version, list };
        return { ...reply, blocks };
      },
    };
  }

  #counted(disk: Disk): Disk {
    return {
      ...disk,
      open: (path) => {
        const file = disk.open(path);
        this.openFiles++;
        return {
          sizeBytes: file.sizeBytes,
          readInto: (bytes, from) => file.readInto(bytes, from),
          close: () => {
            this.openFiles--;
            file.close();
          },
        };
      },
    };
  }
}

function columnsOf(rows: readonly LayerRow[]): Columns {
  const columns = new Columns();
  for (const [timeMs, value] of rows) {
    if (value === "stale") {
      columns.push(timeMs, ...STALE);
    } else if (typeof value === "number") {
      values[0] = value;
      columns.push(timeMs, words[0] ?? 0, words[1] ?? 0);
    } else {
      columns.push(timeMs, columns.blobs.length, HISTOGRAM_HIGH);
      columns.blobs.push(encodeHistogram(value));
    }
  }
  return columns;
}
