/**
 * The file system as the stores need it. Paths are absolute, in the machine's own form. What each
 * call promises after power loss is said beside it; a simulated disk keeps exactly these promises.
 * Failures reject with the system's own error.
 */
export interface Disk {
  /** Makes the folder and those above it; durable when it settles. */
  makeFolder(path: string): Promise<void>;
  /** Names of the entries, sorted; none if the folder is absent. */
  list(path: string): Promise<readonly string[]>;
  sizeOf(path: string): Promise<number>;
  /** Bytes [from, from + length) or fewer at the end of the file. */
  read(path: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Makes a file that must not exist. Its name is durable after `syncFolder`. */
  create(path: string): Promise<DiskFile>;
  /** Cuts a file; all that stays of it is durable when it settles. */
  truncate(path: string, sizeBytes: number): Promise<void>;
  /**
   * Writes the file's end once more, the same bytes in the same place, and cuts what lies behind
   * them; durable when it settles, also where an earlier sync failed. What was durable stays so
   * while it runs.
   */
  renewEnd(path: string, from: number, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** With all that is in it; does nothing if it is absent. */
  removeFolder(path: string): Promise<void>;
  /** A second name for a file that stays the same, or a copy of it where that cannot be. */
  link(path: string, secondPath: string): Promise<void>;
  /** For reads in the middle of a query, which wait in place. Throws the system's own error. */
  open(path: string): DiskReader;
  /** Makes creations, renames and removals in the folder durable. */
  syncFolder(path: string): Promise<void>;
  join(folder: string, name: string): string;
}

/** A file that only grows. After a failed call it must not be used again, only closed. */
export interface DiskFile {
  /** Appends all parts, in order. Not durable before `sync`. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Bytes appended before are durable when it settles. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file that does not change while it is read. */
export interface DiskReader {
  readonly sizeBytes: number;
  /** Fills the bytes from an offset on; answers how many there were. */
  readInto(bytes: Uint8Array, from: number): number;
  close(): void;
}

/** Whether a call failed because no such file or folder is there. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
