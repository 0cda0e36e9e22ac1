import { OpsError } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../disk/index.ts";
import { STORE_ERRORS } from "../../errors.ts";
import {
  type BackupManifest,
  listBackups,
  MANIFEST_FILE,
  readManifest,
  unfinishedName,
} from "./backup-manifest.ts";
import {
  type CopiedFile,
  checkFile,
  copyFile,
  isSameContent,
  joinPath,
  writeFile,
} from "./file-copies.ts";
import { type BlockFolder, listBlocks } from "./store-files.ts";
import { type BlockVerdict, verifyBlock } from "./verify-block.ts";

export interface BackupRequest {
  /** The store's folder: a stopped one, or a snapshot of a running one. */
  readonly storeFolder: string;
  /** Backups are folders in it. */
  readonly toFolder: string;
  /** Of this backup; names sort by time. */
  readonly name: string;
  readonly takenAtMs: number;
  /** Second names instead of copies: instant, but on the same disk. */
  readonly isLinked: boolean;
  /** Writes more files into the backup's folder; answers their names. */
  readonly addMore: (folder: string) => Promise<readonly string[]>;
}

export interface BackupReport {
  readonly folder: string;
  readonly blocks: number;
  /** Which the backup before has, too: not copied again. */
  readonly unchangedBlocks: number;
  readonly samples: number;
  readonly sizeBytes: number;
  readonly copiedBytes: number;
  /** Blocks that were damaged where they came from. */
  readonly damaged: readonly BlockVerdict[];
}

const TSDB = "tsdb";

/**
 * Makes a backup: a folder that opens as a data folder. Each copy is read again and compared, each
 * new block is read whole. Nothing is seen under its name before all of it is durable.
 */
export async function backupStore(
  request: BackupRequest,
  disk: Disk = openNodeDisk(),
): Promise<BackupReport> {
  const { toFolder, name } = request;
  const unfinished = disk.join(toFolder, unfinishedName(name));
  await disk.removeFolder(unfinished);
  await disk.makeFolder(unfinished);
  const before = (await listBackups(disk, toFolder)).at(-1);
  const earlier = before === undefined ? undefined : disk.join(toFolder, before);
  const maker = new BackupMaker(disk, request, unfinished, earlier);
  await maker.run();
  const folder = disk.join(toFolder, name);
  await disk.rename(unfinished, folder);
  await disk.syncFolder(toFolder);
  return maker.report(folder);
}

/** Removes all but the newest `keep` backups; answers the names of those that went. */
export async function pruneBackups(
  folder: string,
  keep: number,
  disk: Disk = openNodeDisk(),
): Promise<readonly string[]> {
  const all = await listBackups(disk, folder);
  const doomed = all.slice(0, Math.max(0, all.length - keep));
  for (const name of doomed) await disk.removeFolder(disk.join(folder, name));
  return doomed;
}

class BackupMaker {
  readonly #disk: Disk;
  readonly #request: BackupRequest;
  readonly #folder: string;
  readonly #earlier: string | undefined;
  readonly #files: CopiedFile[] = [];
  readonly #damaged: BlockVerdict[] = [];
  #blocks = 0;
  #unchangedBlocks = 0;
  #samples = 0;
  #copiedBytes = 0;

  constructor(disk: Disk, request: BackupRequest, folder: string, earlier: string | undefined) {
    this.#disk = disk;
    this.#request = request;
    this.#folder = folder;
    this.#earlier = earlier;
  }

  report(folder: string): BackupReport {
    return {
      folder,
      blocks: this.#blocks,
      unchangedBlocks: this.#unchangedBlocks,
      samples: this.#samples,
      sizeBytes: this.#files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      copiedBytes: this.#copiedBytes,
      damaged: this.#damaged,
    };
  }

  async run(): Promise<void> {
    const disk = this.#disk;
    const { storeFolder, takenAtMs, addMore } = this.#request;
    const known = this.#earlier ? await readManifest(disk, this.#earlier) : undefined;
    await disk.makeFolder(joinPath(disk, this.#folder, `${TSDB}/blocks`));
    for (const block of await listBlocks(disk, disk.join(storeFolder, "blocks"))) {
      await this.#block(block, known);
    }
    const walFolder = disk.join(storeFolder, "wal");
    const segments = (await disk.list(walFolder)).filter((file) => file.endsWith(".wal"));
    await this.#copyAll(walFolder, `${TSDB}/wal`, segments, false);
    for (const file of await addMore(this.#folder)) {
      this.#files.push({ path: file, ...(await checkFile(disk, disk.join(this.#folder, file))) });
    }
    const manifest: BackupManifest = {
      version: 1,
      takenAtMs,
      samples: this.#samples,
      files: this.#files,
    };
    await writeFile(disk, disk.join(this.#folder, MANIFEST_FILE), `${JSON.stringify(manifest)}\n`);
    await disk.syncFolder(this.#folder);
  }

  async #block(block: BlockFolder, known: BackupManifest | undefined): Promise<void> {
    const disk = this.#disk;
    const files = await disk.list(block.path);
    const path = `${TSDB}/blocks/${block.name}`;
    this.#blocks++;
    this.#samples += block.meta?.sampleCount ?? 0;
    const same = await this.#unchanged(block, path, files, known);
    if (same) {
      await this.#linkAll(path, same);
      this.#unchangedBlocks++;
      return;
    }
    await this.#copyAll(block.path, path, files, this.#request.isLinked);
    const copy = { ...block, path: joinPath(disk, this.#folder, path) };
    const verdict = await verifyBlock(disk, copy);
    if (verdict.problems.length > 0) this.#damaged.push(verdict);
  }

  /** A block never changes: its account of itself, and the lengths of its files, tell. */
  async #unchanged(
    block: BlockFolder,
    path: string,
    files: readonly string[],
    known: BackupManifest | undefined,
  ): Promise<readonly CopiedFile[] | undefined> {
    const disk = this.#disk;
    const earlier = known?.files.filter((file) => file.path.startsWith(`${path}/`)) ?? [];
    if (earlier.length === 0 || earlier.length !== files.length) return undefined;
    for (const file of files) {
      const found = earlier.find((other) => other.path === `${path}/${file}`);
      const own = disk.join(block.path, file);
      if (!found || found.sizeBytes !== (await disk.sizeOf(own))) return undefined;
      const isShort = file === "meta.json" || file.startsWith("tombstones-");
      if (isShort && !isSameContent(found, await checkFile(disk, own))) return undefined;
    }
    return earlier;
  }

  async #linkAll(path: string, files: readonly CopiedFile[]): Promise<void> {
    const disk = this.#disk;
    const folder = joinPath(disk, this.#folder, path);
    await disk.makeFolder(folder);
    for (const file of files) {
      await disk.link(
        joinPath(disk, this.#earlier ?? "", file.path),
        joinPath(disk, this.#folder, file.path),
      );
      this.#files.push(file);
    }
    await disk.syncFolder(folder);
  }

  async #copyAll(
    from: string,
    path: string,
    files: readonly string[],
    isLinked: boolean,
  ): Promise<void> {
    const disk = this.#disk;
    const folder = joinPath(disk, this.#folder, path);
    await disk.makeFolder(folder);
    for (const file of files) {
      const target = disk.join(folder, file);
      const content = isLinked
        ? await this.#linked(disk.join(from, file), target)
        : await this.#copied(disk.join(from, file), target);
      this.#files.push({ path: `${path}/${file}`, ...content });
    }
    await disk.syncFolder(folder);
  }

  async #linked(from: string, to: string): Promise<Omit<CopiedFile, "path">> {
    await this.#disk.link(from, to);
    return checkFile(this.#disk, to);
  }

  async #copied(from: string, to: string): Promise<Omit<CopiedFile, "path">> {
    const content = await copyFile(this.#disk, from, to);
    this.#copiedBytes += content.sizeBytes;
    if (isSameContent(content, await checkFile(this.#disk, to))) return content;
    const problem = `${to} does not read back as it was written`;
    throw new OpsError(STORE_ERRORS.backupDamaged, { folder: this.#folder, problem });
  }
}
