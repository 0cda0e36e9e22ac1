import { OpsError } from "@hms-ops/model";
import {
  checksum,
  compressWell,
  type DiskFile,
  type DiskReader,
  decompressExactly,
} from "../../disk/index.ts";
import { STORE_ERRORS } from "../../errors.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * A page is what is read, checked and unpacked at once:
 *   | crc32 of what follows | length unpacked | zstd frame |
 * Where it stands, and how long it is, says the block's directory.
 */
const PAGE_HEADER_BYTES = 8;
/** Pages are closed once they hold so much; a single large chunk may make one larger. */
const PAGE_BYTES = 64 * 1024;
/** Beyond it, memory for a stored page is not kept. */
const ROOM_BYTES_MAX = 1024 * 1024;
/** Far above what any page holds: a length beyond it is damage. */
const PAGE_BYTES_MAX = 1024 * 1024 * 1024;
/**
 * So much is made durable at a time: a sync of the log waits for what other files have not written
 * yet (20 ms for 60 MB, 7 ms so; ext4, a virtual disk).
 */
const SYNC_EVERY_BYTES = 2 * 1024 * 1024;

/** Offset and stored length, header included, of each page of one kind. */
export type PageTable = readonly number[];

export function damaged(file: string, offset: number, problem: string): OpsError {
  return new OpsError(STORE_ERRORS.blockDamaged, { file, offset, problem });
}

/** Whether it is OPS-1320; all else that fails is no damage of a file. */
export function isDamage(error: unknown): error is OpsError {
  return error instanceof OpsError && error.code === STORE_ERRORS.blockDamaged.code;
}

/** Appends pages to a file that only grows. */
export class PageFile {
  readonly #file: DiskFile;
  #offset: number;
  #unsyncedBytes = 0;

  constructor(file: DiskFile, offset: number) {
    this.#file = file;
    this.#offset = offset;
  }

  get sizeBytes(): number {
    return this.#offset;
  }

  async write(payload: Uint8Array, table: number[]): Promise<void> {
    const packed = compressWell(payload);
    const page = new Uint8Array(PAGE_HEADER_BYTES + packed.length);
    const view = new DataView(page.buffer);
    view.setUint32(4, payload.length, true);
    page.set(packed, PAGE_HEADER_BYTES);
    view.setUint32(0, checksum(page.subarray(4)), true);
    table.push(this.#offset, page.length);
    await this.append(page);
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#file.append([bytes]);
    this.#offset += bytes.length;
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes < SYNC_EVERY_BYTES) return;
    await this.#file.sync();
    this.#unsyncedBytes = 0;
  }
}

/** The unpacked bytes of a page, checked. Throws OPS-1320. */
export function readPage(
  file: DiskReader,
  name: string,
  table: PageTable,
  page: number,
): Uint8Array<ArrayBuffer> {
  const offset = table[2 * page];
  const length = table[2 * page + 1];
  if (offset === undefined || length === undefined || length <= PAGE_HEADER_BYTES) {
    throw damaged(name, 0, `it has no page ${page}`);
  }
  const bytes = roomFor(length);
  if (file.readInto(bytes, offset) < length) throw damaged(name, offset, "it ends early");
  const view = new DataView(bytes.buffer, 0, length);
  if (checksum(bytes.subarray(4)) !== view.getUint32(0, true)) {
    throw damaged(name, offset, "the checksum of a page is wrong");
  }
  const rawBytes = Math.min(view.getUint32(4, true), PAGE_BYTES_MAX);
  const payload = decompressExactly(bytes.subarray(PAGE_HEADER_BYTES), rawBytes);
  if (!payload) throw damaged(name, offset, "a page cannot be unpacked");
  return new Uint8Array(payload.buffer as ArrayBuffer, payload.byteOffset, payload.length);
}

/** Stored pages are read one at a time, into the same memory unless they are large. */
let room = new Uint8Array(PAGE_BYTES);

function roomFor(length: number): Uint8Array<ArrayBuffer> {
  if (length > ROOM_BYTES_MAX) return new Uint8Array(length);
  if (length > room.length) room = new Uint8Array(length);
  return room.subarray(0, length);
}

/**
 * Collects pieces for pages of slots:
 *   | n | where each piece begins, n words | pieces |
 */
export class SlotPages {
  readonly table: number[] = [];
  readonly #file: PageFile;
  readonly #pieces: ByteWriter;
  readonly #page: ByteWriter;
  #starts: number[] = [];

  constructor(file: PageFile, pieces: ByteWriter, page: ByteWriter) {
    this.#file = file;
    this.#pieces = pieces;
    this.#page = page;
  }

  /** Where the next piece will stand. */
  get page(): number {
    return this.table.length / 2;
  }

  get slot(): number {
    return this.#starts.length;
  }

  /** The caller writes the piece there. */
  begin(): ByteWriter {
    this.#starts.push(this.#pieces.length);
    return this.#pieces;
  }

  get isFull(): boolean {
    return this.#pieces.length >= PAGE_BYTES;
  }

  async flush(): Promise<void> {
    if (this.#starts.length === 0) return;
    const page = this.#page;
    page.clear();
    page.u32(this.#starts.length);
    const base = 4 + 4 * this.#starts.length;
    for (const start of this.#starts) page.u32(base + start);
    page.bytes(this.#pieces.buffer.subarray(0, this.#pieces.length));
    this.#starts = [];
    this.#pieces.clear();
    await this.#file.write(page.take(), this.table);
  }
}

export function slotCount(page: Uint8Array): number {
  return new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true);
}

/** Where a piece begins in a page of slots. Throws a RangeError where there is none. */
export function slotAt(page: Uint8Array, slot: number): number {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  if (slot >= view.getUint32(0, true)) throw new RangeError(`a page has no slot ${slot}`);
  return view.getUint32(4 + 4 * slot, true);
}
