import type { Disk } from "../../../../disk/index.ts";
import { FileWindow } from "./file-window.ts";
import type { ChunkPlace } from "./index-file.ts";

export interface StoredChunk {
  readonly encoding: number;
  /** Valid until the next one is read. */
  readonly data: Uint8Array;
}

const MAGIC = 0x85bd_40dd;
const VERSION = 1;

/**
 * The files of `chunks/` of a Prometheus block. Damage throws OPS-1331. Source: Prometheus'
 * tsdb/docs/format/chunks.md.
 */
export class ChunkFiles {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #files = new Map<number, FileWindow>();

  constructor(disk: Disk, folder: string, names: readonly string[]) {
    this.#disk = disk;
    this.#folder = folder;
    this.#names = names.filter((name) => /^\d+$/.test(name)).sort();
  }

  read({ segment, offset }: ChunkPlace): StoredChunk {
    const file = this.#files.get(segment) ?? this.#open(segment);
    const [length, start] = file.uvarint(offset);
    // The encoding's byte is checked, but not counted.
    const bytes = file.checked(start, length + 1);
    return { encoding: bytes[0]!, data: bytes.subarray(1) };
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }

  #open(segment: number): FileWindow {
    const name = this.#names[segment] ?? String(segment + 1).padStart(6, "0");
    const file = new FileWindow(this.#disk, this.#disk.join(this.#folder, name));
    this.#files.set(segment, file);
    if (file.u32(0) !== MAGIC) file.fail(0, "it is no file of chunks");
    const version = file.bytes(4, 1)[0]!;
    if (version !== VERSION) file.fail(4, `chunks of version ${version} are not read`);
    return file;
  }
}
