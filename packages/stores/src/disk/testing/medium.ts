import type { Random } from "@hms-ops/model";

/** Small, so that a short file has many of them: what survives of un-synced bytes goes by pages. */
const PAGE_BYTES = 512;

export interface SimulatedFile {
  readonly kind: "file";
  /** What a process reads; only the first `sizeBytes` count. */
  bytes: Uint8Array<ArrayBuffer>;
  sizeBytes: number;
  /** The kernel holds everything before this for written. */
  cleanBytes: number;
  /** Stretches before `cleanBytes` that a failed sync left unwritten. */
  lost: readonly (readonly [from: number, to: number])[];
}

export interface SimulatedFolder {
  readonly kind: "folder";
  readonly entries: Map<string, SimulatedNode>;
  /** What the last sync of the folder promised. */
  durable: Map<string, SimulatedNode>;
  /** Every state of a name since then, in order; undefined = absent. */
  readonly changes: Map<string, (SimulatedNode | undefined)[]>;
}

export type SimulatedNode = SimulatedFile | SimulatedFolder;

export function newFile(): SimulatedFile {
  return { kind: "file", bytes: new Uint8Array(256), sizeBytes: 0, cleanBytes: 0, lost: [] };
}

export function newFolder(): SimulatedFolder {
  return { kind: "folder", entries: new Map(), durable: new Map(), changes: new Map() };
}

export function appendBytes(file: SimulatedFile, added: Uint8Array): void {
  const sizeBytes = file.sizeBytes + added.length;
  if (sizeBytes > file.bytes.length) {
    const wider = new Uint8Array(Math.max(sizeBytes, 2 * file.bytes.length));
    wider.set(file.bytes.subarray(0, file.sizeBytes));
    file.bytes = wider;
  }
  file.bytes.set(added, file.sizeBytes);
  file.sizeBytes = sizeBytes;
}

/** As `Disk.truncate`: what stays is synced. */
export function cutFile(file: SimulatedFile, sizeBytes: number): void {
  if (sizeBytes > file.sizeBytes) appendBytes(file, new Uint8Array(sizeBytes - file.sizeBytes));
  // A new array: readers that are open have the old one.
  file.bytes = file.bytes.slice(0, Math.max(sizeBytes, 1));
  file.sizeBytes = sizeBytes;
  file.cleanBytes = sizeBytes;
  file.lost = file.lost
    .filter(([from]) => from < sizeBytes)
    .map(([from, to]) => [from, Math.min(to, sizeBytes)]);
}

/** As `Disk.renewEnd`. */
export function renewEnd(file: SimulatedFile, from: number, bytes: Uint8Array): void {
  cutFile(file, from);
  appendBytes(file, bytes);
  file.cleanBytes = file.sizeBytes;
}

/** A sync that fails: the pages count as clean, and some were never written. */
export function failSync(file: SimulatedFile, random: Random): void {
  const lost = [...file.lost];
  for (const page of dirtyPages(file)) if (random.below(2) === 0) lost.push(page);
  // The cache may drop such pages: from then on the process reads what the disk has.
  if (random.below(2) === 0) {
    file.bytes = file.bytes.slice();
    for (const [from, to] of lost) file.bytes.fill(0, from, to);
  }
  file.lost = lost;
  file.cleanBytes = file.sizeBytes;
}

export function setEntry(folder: SimulatedFolder, name: string, node?: SimulatedNode): void {
  const changes = folder.changes.get(name) ?? [folder.entries.get(name)];
  changes.push(node);
  folder.changes.set(name, changes);
  if (node) folder.entries.set(name, node);
  else folder.entries.delete(name);
}

export function syncEntries(folder: SimulatedFolder): void {
  folder.durable = new Map(folder.entries);
  folder.changes.clear();
}

/** Makes one name durable, as a new folder's is. */
export function syncEntry(folder: SimulatedFolder, name: string): void {
  folder.changes.delete(name);
  const node = folder.entries.get(name);
  if (node) folder.durable.set(name, node);
}

/** What a power cut leaves of a tree: what was promised, and chance decides about the rest. */
export function survivors(folder: SimulatedFolder, random: Random): SimulatedFolder {
  return folderSurvivor(folder, random, new Map());
}

function folderSurvivor(
  folder: SimulatedFolder,
  random: Random,
  survived: Map<SimulatedFile, SimulatedFile>,
): SimulatedFolder {
  const found = newFolder();
  const kept = new Map(folder.durable);
  for (const [name, states] of folder.changes) {
    const node = random.pick(states);
    if (node) kept.set(name, node);
    else kept.delete(name);
  }
  for (const [name, node] of kept) {
    const survivor =
      node.kind === "folder"
        ? folderSurvivor(node, random, survived)
        : fileSurvivor(node, random, survived);
    found.entries.set(name, survivor);
  }
  syncEntries(found);
  return found;
}

/** One file under two names stays one. */
function fileSurvivor(
  file: SimulatedFile,
  random: Random,
  survived: Map<SimulatedFile, SimulatedFile>,
): SimulatedFile {
  const known = survived.get(file);
  if (known) return known;
  const found = newFile();
  survived.set(file, found);
  const unsynced = file.sizeBytes - file.cleanBytes;
  const sizeBytes = file.cleanBytes + (unsynced > 0 ? random.below(unsynced + 1) : 0);
  appendBytes(found, file.bytes.subarray(0, sizeBytes));
  for (const [from, to] of file.lost) found.bytes.fill(0, from, Math.min(to, sizeBytes));
  if (random.below(3) === 0) {
    for (const [from, to] of dirtyPages({ ...file, sizeBytes })) {
      if (random.below(3) === 0) found.bytes.fill(0, from, to);
    }
  }
  found.cleanBytes = sizeBytes;
  return found;
}

function dirtyPages({
  cleanBytes,
  sizeBytes,
}: Pick<SimulatedFile, "cleanBytes" | "sizeBytes">): [from: number, to: number][] {
  const pages: [number, number][] = [];
  for (let from = cleanBytes; from < sizeBytes; ) {
    const to = Math.min(sizeBytes, (Math.floor(from / PAGE_BYTES) + 1) * PAGE_BYTES);
    pages.push([from, to]);
    from = to;
  }
  return pages;
}
