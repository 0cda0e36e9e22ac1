import { type Random, seededRandom } from "@hms-ops/model";
import type { Disk, DiskFile, DiskReader } from "../disk.ts";
import {
  appendBytes,
  cutFile,
  failSync,
  newFile,
  newFolder,
  renewEnd,
  type SimulatedFile,
  type SimulatedFolder,
  type SimulatedNode,
  setEntry,
  survivors,
  syncEntries,
  syncEntry,
} from "./medium.ts";

export type DiskCallKind =
  | "makeFolder"
  | "list"
  | "sizeOf"
  | "read"
  | "create"
  | "append"
  | "sync"
  | "truncate"
  | "renewEnd"
  | "rename"
  | "remove"
  | "removeFolder"
  | "link"
  | "syncFolder";

export interface DiskCall {
  /** Counts from 1 on, over all that one process does. */
  readonly number: number;
  readonly kind: DiskCallKind;
  readonly path: string;
}

/**
 * fail = the call rejects, and may have been done in part; kill and power-cut = the process ends in
 * it, and the call may have been done, in part or whole.
 */
export type DiskFate = "done" | "fail" | "kill" | "power-cut";

export interface SimulatedDiskOptions {
  readonly seed: number;
  /** What becomes of a call; all are done when absent. */
  readonly fate?: (call: DiskCall) => DiskFate;
}

/**
 * A disk in memory that keeps the promises of `Disk` and no others: what no sync promised may be
 * lost at a power cut, in whole or in part, in any order. The same seed and calls give the same
 * disk. One of it is what one process sees; the next one opens what the last one left.
 */
export class SimulatedDisk implements Disk {
  readonly #random: Random;
  readonly #fate: (call: DiskCall) => DiskFate;
  #root: SimulatedFolder = newFolder();
  #calls = 0;
  #isDead = false;

  constructor({ seed, fate = () => "done" }: SimulatedDiskOptions) {
    this.#random = seededRandom(seed);
    this.#fate = fate;
  }

  /** How many calls there were. */
  get calls(): number {
    return this.#calls;
  }

  /** After it every call rejects. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process ends here, as by SIGKILL or by losing power. */
  end(): void {
    this.#isDead = true;
  }

  /** What a new process finds when the power is back. This one is over. */
  afterPowerCut(options: SimulatedDiskOptions): SimulatedDisk {
    this.end();
    const next = new SimulatedDisk(options);
    next.#root = survivors(this.#root, this.#random);
    return next;
  }

  /** What a new process finds when only this one was killed: all that it wrote. */
  afterKill(options: SimulatedDiskOptions): SimulatedDisk {
    this.end();
    const next = new SimulatedDisk(options);
    next.#root = this.#root;
    return next;
  }

  /** Paths of all files, for tests that damage them. */
  files(): readonly string[] {
    const found: string[] = [];
    const visit = (folder: SimulatedFolder, path: string) => {
      for (const [name, node] of folder.entries) {
        if (node.kind === "folder") visit(node, `${path}/${name}`);
        else found.push(`${path}/${name}`);
      }
    };
    visit(this.#root, "");
    return found.sort();
  }

  /** As `sizeOf`, without a call. */
  sizeAt(path: string): number {
    return this.#file(path).sizeBytes;
  }

  /** Turns bits of one byte of a file. */
  flip(path: string, at: number, mask: number): void {
    const file = this.#file(path);
    file.bytes[at] = (file.bytes[at] ?? 0) ^ mask;
  }

  /** A copy that shares nothing, of what is there now, all of it durable. */
  copy(options: SimulatedDiskOptions): SimulatedDisk {
    const next = new SimulatedDisk(options);
    next.#root = copyFolder(this.#root);
    return next;
  }

  makeFolder(path: string): Promise<void> {
    return this.#call("makeFolder", path, () => {
      let folder = this.#root;
      for (const name of partsOf(path)) {
        const there = folder.entries.get(name);
        if (there?.kind === "file") throw systemError("EEXIST", path);
        if (there) {
          folder = there;
          continue;
        }
        const made = newFolder();
        setEntry(folder, name, made);
        syncEntry(folder, name);
        folder = made;
      }
    });
  }

  list(path: string): Promise<readonly string[]> {
    return this.#call("list", path, () => {
      const node = this.#node(path);
      return node?.kind === "folder" ? [...node.entries.keys()].sort() : [];
    });
  }

  sizeOf(path: string): Promise<number> {
    return this.#call("sizeOf", path, () => this.#file(path).sizeBytes);
  }

  read(path: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call("read", path, () => {
      const { bytes, sizeBytes } = this.#file(path);
      return bytes.slice(Math.min(from, sizeBytes), Math.min(from + length, sizeBytes));
    });
  }

  create(path: string): Promise<DiskFile> {
    return this.#call("create", path, () => {
      const [folder, name] = this.#place(path);
      if (folder.entries.has(name)) throw systemError("EEXIST", path);
      const file = newFile();
      setEntry(folder, name, file);
      return this.#opened(path, file);
    });
  }

  truncate(path: string, sizeBytes: number): Promise<void> {
    return this.#call("truncate", path, () => cutFile(this.#file(path), sizeBytes));
  }

  renewEnd(path: string, from: number, bytes: Uint8Array): Promise<void> {
    return this.#call("renewEnd", path, () => renewEnd(this.#file(path), from, bytes));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call("rename", from, () => {
      const [source, name] = this.#place(from);
      const [target, newName] = this.#place(to);
      const node = source.entries.get(name) ?? missing(from);
      const there = target.entries.get(newName);
      if (there?.kind === "folder" && there.entries.size > 0) throw systemError("ENOTEMPTY", to);
      setEntry(target, newName, node);
      setEntry(source, name);
    });
  }

  remove(path: string): Promise<void> {
    return this.#call("remove", path, () => {
      this.#file(path);
      const [folder, name] = this.#place(path);
      setEntry(folder, name);
    });
  }

  removeFolder(path: string): Promise<void> {
    const undo = () => {
      const node = this.#node(path);
      if (node?.kind === "folder") this.#removeSome(node);
    };
    return this.#call(
      "removeFolder",
      path,
      () => {
        const node = this.#node(path);
        if (!node) return;
        if (node.kind === "folder") removeAll(node);
        const [folder, name] = this.#place(path);
        setEntry(folder, name);
      },
      undo,
    );
  }

  link(path: string, secondPath: string): Promise<void> {
    return this.#call("link", path, () => {
      const file = this.#file(path);
      const [folder, name] = this.#place(secondPath);
      if (folder.entries.has(name)) throw systemError("EEXIST", secondPath);
      setEntry(folder, name, file);
    });
  }

  open(path: string): DiskReader {
    if (this.#isDead) throw systemError("EIO", path);
    const file = this.#file(path);
    const { sizeBytes } = file;
    return {
      sizeBytes,
      readInto: (into, from) => {
        if (this.#isDead) throw systemError("EIO", path);
        const found = file.bytes.subarray(
          Math.min(from, sizeBytes),
          Math.min(from + into.length, sizeBytes),
        );
        into.set(found);
        return found.length;
      },
      close: () => {},
    };
  }

  syncFolder(path: string): Promise<void> {
    return this.#call("syncFolder", path, () => syncEntries(this.#folder(path)));
  }

  join(folder: string, name: string): string {
    return `${folder}/${name}`;
  }

  #opened(path: string, file: SimulatedFile): DiskFile {
    const write = (parts: readonly Uint8Array[], shareOfBytes: number) => {
      let rest = Math.floor(parts.reduce((sum, part) => sum + part.length, 0) * shareOfBytes);
      for (const part of parts) {
        appendBytes(file, part.subarray(0, rest));
        rest -= Math.min(rest, part.length);
      }
    };
    return {
      append: (parts) =>
        this.#call(
          "append",
          path,
          () => write(parts, 1),
          () => write(parts, this.#random.next()),
        ),
      sync: () =>
        this.#call(
          "sync",
          path,
          () => {
            file.cleanBytes = file.sizeBytes;
          },
          () => failSync(file, this.#random),
        ),
      close: async () => {},
    };
  }

  /** One call: done, failed or the last one. */
  async #call<Result>(
    kind: DiskCallKind,
    path: string,
    run: () => Result,
    runInPart: () => void = () => {},
  ): Promise<Result> {
    if (this.#isDead) throw systemError("EIO", path);
    const fate = this.#fate({ number: ++this.#calls, kind, path });
    // Calls take their turns in orders that the seed decides.
    for (let turns = this.#random.below(3); turns > 0; turns--) await Promise.resolve();
    if (this.#isDead) throw systemError("EIO", path);
    if (fate === "done") return run();
    if (fate === "kill" || fate === "power-cut") {
      const done = this.#random.below(3);
      // A sync goes on in the kernel when its process is killed.
      if (done === 1 && (fate === "power-cut" || kind !== "sync")) runInPart();
      if (done === 2) attempt(run);
      this.end();
      throw systemError("EIO", path);
    }
    runInPart();
    throw systemError("ENOSPC", path);
  }

  #removeSome(folder: SimulatedFolder): void {
    for (const [name, node] of [...folder.entries]) {
      if (node.kind === "folder") this.#removeSome(node);
      else if (this.#random.below(2) === 0) setEntry(folder, name);
    }
  }

  #node(path: string): SimulatedNode | undefined {
    let node: SimulatedNode | undefined = this.#root;
    for (const name of partsOf(path)) {
      node = node?.kind === "folder" ? node.entries.get(name) : undefined;
    }
    return node;
  }

  #folder(path: string): SimulatedFolder {
    const node = this.#node(path);
    return node?.kind === "folder" ? node : missing(path);
  }

  #file(path: string): SimulatedFile {
    const node = this.#node(path);
    return node?.kind === "file" ? node : missing(path);
  }

  #place(path: string): [folder: SimulatedFolder, name: string] {
    const at = path.lastIndexOf("/");
    return [this.#folder(path.slice(0, at)), path.slice(at + 1)];
  }
}

function removeAll(folder: SimulatedFolder): void {
  for (const [name, node] of [...folder.entries]) {
    if (node.kind === "folder") removeAll(node);
    setEntry(folder, name);
  }
}

function copyFolder(folder: SimulatedFolder): SimulatedFolder {
  const copy = newFolder();
  for (const [name, node] of folder.entries) {
    copy.entries.set(name, node.kind === "folder" ? copyFolder(node) : copyFile(node));
  }
  syncEntries(copy);
  return copy;
}

function copyFile({ bytes, sizeBytes }: SimulatedFile): SimulatedFile {
  return { ...newFile(), bytes: bytes.slice(0, sizeBytes), sizeBytes, cleanBytes: sizeBytes };
}

function partsOf(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "");
}

function attempt(run: () => unknown): void {
  try {
    run();
  } catch {
    // The process is over; nobody hears of it.
  }
}

function missing(path: string): never {
  throw systemError("ENOENT", path);
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
