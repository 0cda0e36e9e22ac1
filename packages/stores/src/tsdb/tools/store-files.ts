import { OpsError } from "@hms-ops/model";
import type { Disk } from "../../disk/index.ts";
import { STORE_ERRORS } from "../../errors.ts";
import { type BlockMeta, isDamage, readBlockMeta, tombstonesNumber } from "../block/index.ts";

/** A block's folder as it lies there. */
export interface BlockFolder {
  readonly name: string;
  readonly path: string;
  /** Undefined where it cannot be read: `problem` says why. */
  readonly meta: BlockMeta | undefined;
  readonly problem: string;
  /** The newest file of tombstones. */
  readonly tombstones: string | undefined;
  readonly sizeBytes: number;
}

/** Blocks that a start would serve or set aside, by name; folders of other kinds are left out. */
export async function listBlocks(disk: Disk, blocksFolder: string): Promise<BlockFolder[]> {
  const blocks: BlockFolder[] = [];
  for (const name of await disk.list(blocksFolder)) {
    blocks.push(await readFolder(disk, name, disk.join(blocksFolder, name)));
  }
  return blocks;
}

/** Behind the name of a block in `aside/` of which everything was saved that can be. */
export const SAVED = ".saved";

/** Blocks that were set aside as damaged and that no repair has seen yet. */
export async function listAside(disk: Disk, asideFolder: string): Promise<BlockFolder[]> {
  const blocks = await listBlocks(disk, asideFolder);
  return blocks.filter(({ name }) => !name.endsWith(SAVED));
}

async function readFolder(disk: Disk, name: string, path: string): Promise<BlockFolder> {
  const files = await disk.list(path);
  let sizeBytes = 0;
  for (const file of files) sizeBytes += await disk.sizeOf(disk.join(path, file));
  const tombstones = newestTombstones(files);
  try {
    const meta = await readBlockMeta(disk, path);
    return { name, path, meta, problem: "", tombstones, sizeBytes };
  } catch (error) {
    const problem = damageText(error);
    return { name, path, meta: undefined, problem, tombstones, sizeBytes };
  }
}

function newestTombstones(files: readonly string[]): string | undefined {
  return files
    .filter((name) => tombstonesNumber(name) !== undefined)
    .sort((a, b) => (tombstonesNumber(a) ?? 0) - (tombstonesNumber(b) ?? 0))
    .at(-1);
}

/** The words of OPS-1320, or of what decoding stumbled over; other errors go on. */
export function damageText(error: unknown): string {
  const isStumble =
    error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError;
  if (!isDamage(error) && !isStumble) throw error;
  return error.message;
}

/** Throws OPS-1330 unless the folder holds blocks or a WAL. */
export async function expectStore(disk: Disk, folder: string): Promise<void> {
  const names = await disk.list(folder);
  if (names.includes("blocks") || names.includes("wal")) return;
  const reason = names.length === 0 ? "it is empty or absent" : "it has neither blocks/ nor wal/";
  throw new OpsError(STORE_ERRORS.notAStore, { folder, reason });
}
