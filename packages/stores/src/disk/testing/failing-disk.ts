import type { Disk, DiskFile, DiskReader } from "../disk.ts";

/** A disk whose writes or syncs fail as often as they are told to. */
export class FailingDisk implements Disk {
  readonly #disk: Disk;
  failingWrites = 0;
  failingSyncs = 0;
  failingCreations = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async create(path: string): Promise<DiskFile> {
    if (this.failingCreations-- > 0) throw new Error("no space left on device");
    const file = await this.#disk.create(path);
    return {
      append: async (parts) => {
        if (this.failingWrites-- > 0) {
          // Half of it reaches the file, as on a disk that fills up.
          await file.append([parts[0]?.subarray(0, 9) ?? new Uint8Array(0)]);
          throw new Error("no space left on device");
        }
        await file.append(parts);
      },
      sync: async () => {
        if (this.failingSyncs-- > 0) throw new Error("input/output error");
        await file.sync();
      },
      close: () => file.close(),
    };
  }

  makeFolder(path: string): Promise<void> {
    return this.#disk.makeFolder(path);
  }

  list(path: string): Promise<readonly string[]> {
    return this.#disk.list(path);
  }

  sizeOf(path: string): Promise<number> {
    return this.#disk.sizeOf(path);
  }

  read(path: string, from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#disk.read(path, from, length);
  }

  truncate(path: string, sizeBytes: number): Promise<void> {
    return this.#disk.truncate(path, sizeBytes);
  }

  renewEnd(path: string, from: number, bytes: Uint8Array): Promise<void> {
    return this.#disk.renewEnd(path, from, bytes);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#disk.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path);
  }

  removeFolder(path: string): Promise<void> {
    return this.#disk.removeFolder(path);
  }

  link(path: string, secondPath: string): Promise<void> {
    return this.#disk.link(path, secondPath);
  }

  open(path: string): DiskReader {
    return this.#disk.open(path);
  }

  syncFolder(path: string): Promise<void> {
    return this.#disk.syncFolder(path);
  }

  join(folder: string, name: string): string {
    return this.#disk.join(folder, name);
  }
}
