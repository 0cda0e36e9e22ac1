import type { Clock, Random } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../disk/index.ts";
import type { Recovery, TsdbReader, TsdbWriter } from "../ports.ts";
import { openReader } from "../read/reader.ts";
import { directLink } from "../tsdb.ts";
import { openWriter } from "../writer.ts";
import { dryDisk } from "./dry-disk.ts";

/** What every tool is handed. */
export interface ToolContext {
  readonly clock: Clock;
  readonly random: Random;
  /** The machine's own when absent. */
  readonly disk?: Disk;
}

export interface OpenedStore {
  readonly reader: TsdbReader;
  readonly stats: TsdbWriter["stats"];
  readonly recovery: Recovery;
  /** Blocks that turned out damaged so far, each with why; the answers lack them. */
  readonly damagedBlocks: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/**
 * Opens a store's folder without changing a byte of it: blocks, and what the WAL holds, as a start
 * would find them. Nothing else may write there meanwhile.
 */
export async function openForReading(folder: string, context: ToolContext): Promise<OpenedStore> {
  const { disk } = dryDisk(context.disk ?? openNodeDisk());
  const writer = await openWriter({
    ...context,
    folder,
    disk,
    retentionMs: Number.POSITIVE_INFINITY,
    limits: { pinLifeMs: Number.POSITIVE_INFINITY },
  });
  const { recovery } = writer;
  const damagedBlocks = new Map(recovery.damagedBlocks.map(({ name, problem }) => [name, problem]));
  const onDamage = (name: string, problem: string) => void damagedBlocks.set(name, problem);
  const reader = openReader(writer.shared(), directLink(writer), { disk, onDamage });
  const close = async () => {
    reader.close();
    await writer.close();
  };
  return { reader, stats: () => writer.stats(), recovery, damagedBlocks, close };
}
