import { OpsError } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import { STORE_ERRORS } from "../../../errors.ts";
import { type BlockFolder, expectStore, listBlocks } from "../store-files.ts";
import {
  type BackupManifest,
  type DamagedBlock,
  isEmptyBackup,
  isGoodBackup,
  isUnfinished,
  listBackups,
  MANIFEST_FILE,
  readManifest,
  unfinishedName,
} from "./backup-manifest.ts";
import { damageOf } from "./damage-of.ts";
import {
  type CopiedFile,
  checkFile,
  copyFile,
  isSameContent,
  joinPath,
  writeFile,
} from "./file-copies.ts";

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
  /** The store holds nothing yet. */
  readonly isEmpty: boolean;
  /** Blocks that were damaged where they came from. */
  readonly damaged: readonly DamagedBlock[];
  /** Of backups that were cut short, or are under way: left as they are. */
  readonly unfinished: readonly string[];
}

const TSDB = "tsdb";
const META_FILE = "meta.json";
/** Written once, under a name that no other block gets. */
const LARGE = ["chunks", "index"];

/**
 * Makes a backup: a folder that opens as a data folder. Each copy is read again and compared, each
 * new block is read whole. Nothing is seen under its name before all of it is durable. OPS-1330 if
 * there is no store. What failed leaves nothing behind.
 */
export async function backupStore(
  request: BackupRequest,
  disk: Disk = openNodeDisk(),
): Promise<BackupReport> {
  const { storeFolder, toFolder, name } = request;
  await expectStore(disk, storeFolder);
  const unfinished = disk.join(toFolder, unfinishedName(name));
  await disk.removeFolder(unfinished);
  await disk.makeFolder(unfinished);
  try {
    return await makeBackup(request, unfinished, disk);
  } catch (error) {
    // The failure is what counts, not that its rest stays; it may well be that of the disk.
    await disk.removeFolder(unfinished).catch(() => {});
    throw error;
  }
}

async function makeBackup(
  request: BackupRequest,
  unfinished: string,
  disk: Disk,
): Promise<BackupReport> {
  const { toFolder, name } = request;
  const all = await disk.list(toFolder);
  const unfinishedOthers = all.filter(
    (other) => other !== unfinishedName(name) && isUnfinished(other),
  );
  const before = (await listBackups(disk, toFolder)).at(-1);
  const earlier = before === undefined ? undefined : disk.join(toFolder, before);
  const maker = new BackupMaker(disk, request, unfinished, earlier);
  await maker.run();
  const folder = disk.join(toFolder, name);
  await disk.rename(unfinished, folder);
  await disk.syncFolder(toFolder);
  return { ...maker.report(folder), unfinished: unfinishedOthers };
}

/**
 * Removes all that is older than the newest `keep` good backups; answers the names of those that
 * went. Empty ones, and ones of a damaged store, do not count: none takes the place of a good one.
 */
export async function pruneBackups(
  folder: string,
  keep: number,
  disk: Disk = openNodeDisk(),
): Promise<readonly string[]> {
  const all = await listBackups(disk, folder);
  let oldest = all.length;
  for (let good = 0; good < keep && oldest > 0; ) {
    oldest--;
    if (await isGoodBackup(disk, disk.join(folder, all[oldest] ?? ""))) good++;
  }
  const doomed = all.slice(0, oldest);
  for (const name of doomed) await disk.removeFolder(disk.join(folder, name));
  return doomed;
}

class BackupMaker {
  readonly #disk: Disk;
  readonly #request: BackupRequest;
  readonly #folder: string;
  readonly #earlier: string | undefined;
  readonly #files: CopiedFile[] = [];
  readonly #damaged: DamagedBlock[] = [];
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

  report(folder: string): Omit<BackupReport, "unfinished"> {
    return {
      folder,
      blocks: this.#blocks,
      unchangedBlocks: this.#unchangedBlocks,
      samples: this.#samples,
      sizeBytes: this.#files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      copiedBytes: this.#copiedBytes,
      isEmpty: isEmptyBackup(this.#manifest()),
      damaged: this.#damaged,
    };
  }

  #manifest(): BackupManifest {
    return {
      version: 1,
      takenAtMs: this.#request.takenAtMs,
      samples: this.#samples,
      files: this.#files,
      damaged: this.#damaged,
    };
  }

  async run(): Promise<void> {
    const disk = this.#disk;
    const { storeFolder, addMore } = this.#request;
    const earlier = this.#earlier ? await readManifest(disk, this.#earlier) : undefined;
    const known = new Map((earlier?.files ?? []).map((file) => [file.path, file]));
    await disk.makeFolder(joinPath(disk, this.#folder, `${TSDB}/blocks`));
    for (const block of await listBlocks(disk, disk.join(storeFolder, "blocks"))) {
      await this.#block(block, known, earlier?.damaged);
    }
    const walFolder = disk.join(storeFolder, "wal");
    const segments = (await disk.list(walFolder)).filter((file) => file.endsWith(".wal"));
    await this.#copyAll(walFolder, `${TSDB}/wal`, segments, false);
    for (const file of await addMore(this.#folder)) {
      this.#files.push({ path: file, ...(await checkFile(disk, disk.join(this.#folder, file))) });
    }
    const manifest = `${JSON.stringify(this.#manifest())}\n`;
    await writeFile(disk, disk.join(this.#folder, MANIFEST_FILE), manifest);
    await disk.syncFolder(this.#folder);
  }

  async #block(
    block: BlockFolder,
    known: ReadonlyMap<string, CopiedFile>,
    damagedBefore: readonly DamagedBlock[] | undefined,
  ): Promise<void> {
    const disk = this.#disk;
    const files = (await disk.list(block.path)).filter((file) => !file.endsWith(".tmp"));
    const path = `${TSDB}/blocks/${block.name}`;
    this.#blocks++;
    this.#samples += block.meta?.sampleCount ?? 0;
    const same = await this.#sameFiles(block, path, files, known);
    await this.#linkAll(path, same);
    const others = files.filter((file) => !same.some((kept) => kept.path === `${path}/${file}`));
    await this.#copyAll(block.path, path, others, this.#request.isLinked);
    if (LARGE.every((file) => files.includes(file) && !others.includes(file))) {
      this.#unchangedBlocks++;
      this.#damaged.push(...(damagedBefore ?? []).filter(({ name }) => name === block.name));
      // Backups of earlier releases do not tell.
      if (damagedBefore) return;
    }
    const copy = { ...block, path: joinPath(disk, this.#folder, path) };
    this.#damaged.push(...(await damageOf(disk, copy)));
  }

  /**
   * Files that the backup before has. What a block holds never changes: if its own account of it is
   * the same, the lengths of its large files tell; the others are read.
   */
  async #sameFiles(
    block: BlockFolder,
    path: string,
    files: readonly string[],
    known: ReadonlyMap<string, CopiedFile>,
  ): Promise<readonly CopiedFile[]> {
    const disk = this.#disk;
    const isSame = async (file: string): Promise<CopiedFile | undefined> => {
      const found = known.get(`${path}/${file}`);
      const own = disk.join(block.path, file);
      if (!found || found.sizeBytes !== (await disk.sizeOf(own))) return undefined;
      const isTrusted = LARGE.includes(file);
      return isTrusted || isSameContent(found, await checkFile(disk, own)) ? found : undefined;
    };
    if (!files.includes(META_FILE) || !(await isSame(META_FILE))) return [];
    const same = await Promise.all(files.map(isSame));
    return same.filter((file) => file !== undefined);
  }

  async #linkAll(path: string, files: readonly CopiedFile[]): Promise<void> {
    const disk = this.#disk;
    await disk.makeFolder(joinPath(disk, this.#folder, path));
    for (const file of files) {
      await disk.link(
        joinPath(disk, this.#earlier ?? "", file.path),
        joinPath(disk, this.#folder, file.path),
      );
      this.#files.push(file);
    }
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
