import { type AppendAck, labelsOf } from "@hms-ops/model";
import { BatchWriter, type Row, readRows, type SeriesRecord } from "@hms-ops/model/testing";
import type { SimulatedDisk } from "../../disk/testing/index.ts";
import {
  directLink,
  type JobLink,
  openMaintainer,
  openReader,
  openWriter,
  runDueJobs,
  type TsdbMaintainer,
  type TsdbOptions,
  type TsdbReader,
  type TsdbWriter,
} from "../index.ts";
import { testOptions } from "./open-store.test.tools.ts";

const FOLDER = "/data/metrics";

/** A store whose background work is done when the test asks for it, and no sooner. */
export class SteppedStore {
  readonly writer: TsdbWriter;
  readonly reader: TsdbReader;
  readonly #maintainer: TsdbMaintainer;
  readonly #disk: SimulatedDisk;

  static async open(
    disk: SimulatedDisk,
    options: Partial<TsdbOptions> = {},
  ): Promise<SteppedStore> {
    return new SteppedStore(disk, await openWriter(testOptions(FOLDER, { ...options, disk })));
  }

  private constructor(disk: SimulatedDisk, writer: TsdbWriter) {
    this.#disk = disk;
    this.writer = writer;
    const onDamage = (name: string, problem: string) => {
      throw new Error(`${name} is damaged: ${problem}`);
    };
    this.reader = openReader(writer.shared(), directLink(writer), { disk, onDamage });
    this.#maintainer = openMaintainer(writer.shared(), FOLDER, disk);
  }

  /** Names of the block folders that are on the disk. */
  get blockFolders(): readonly string[] {
    const names = this.#disk
      .files()
      .filter((path) => path.startsWith(`${FOLDER}/blocks/`))
      .map((path) => path.split("/")[4] ?? "");
    return [...new Set(names)];
  }

  get segments(): readonly string[] {
    return this.#disk.files().filter((path) => path.endsWith(".wal"));
  }

  append(series: SeriesRecord, rows: readonly Row[]): Promise<AppendAck> {
    const batch = new BatchWriter(this.writer).add(labelsOf(series), rows);
    return this.writer.append(batch.builder.build());
  }

  read(): Promise<Record<string, Row[]>> {
    return readRows(this.reader);
  }

  /** What is due; `between` runs when a job is done and the writer has not taken it in yet. */
  async work(between: () => Promise<void> = async () => {}): Promise<void> {
    const { writer } = this;
    const link: JobLink = {
      nextJob: (known) => writer.nextJob(known),
      finishJob: async (result) => {
        await between();
        await writer.finishJob(result);
      },
      failJob: (problem) => writer.failJob(problem),
      setAside: (name, problem) => writer.setAside(name, problem),
    };
    await runDueJobs(link, this.#maintainer);
  }

  async flush(): Promise<void> {
    await this.writer.requestFlush();
    await this.work();
  }

  async compact(between?: () => Promise<void>): Promise<void> {
    await this.writer.requestCompaction();
    await this.work(between);
  }

  async delete(request: Parameters<TsdbWriter["delete"]>[0]): Promise<void> {
    const deletion = this.writer.delete(request);
    await this.work();
    await deletion;
  }
}
