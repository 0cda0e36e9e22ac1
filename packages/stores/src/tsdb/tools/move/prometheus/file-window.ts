import { OpsError } from "@hms-ops/model";
import type { Disk, DiskReader } from "../../../../disk/index.ts";
import { messageOf, STORE_ERRORS } from "../../../../errors.ts";
import { crc32c } from "./crc32c.ts";

const WINDOW_BYTES = 1024 * 1024;
const UVARINT_BYTES_MAX = 10;

/**
 * A file that is read mostly forwards: a window of it stands in memory. Numbers are big-endian, as
 * in all of Prometheus' files.
 */
export class FileWindow {
  readonly name: string;
  readonly #file: DiskReader;
  #bytes = new Uint8Array(0);
  #start = 0;

  constructor(disk: Disk, name: string) {
    this.name = name;
    this.#file = openFile(disk, name);
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  close(): void {
    this.#file.close();
  }

  fail(offset: number, problem: string): never {
    throw new OpsError(STORE_ERRORS.prometheusUnreadable, { file: this.name, offset, problem });
  }

  /** Valid until the next call. */
  bytes(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.sizeBytes) {
      this.fail(offset, "the file ends before that");
    }
    const isThere = offset >= this.#start && offset + length <= this.#start + this.#bytes.length;
    if (!isThere) this.#load(offset, length);
    const from = offset - this.#start;
    return this.#bytes.subarray(from, from + length);
  }

  u32(offset: number): number {
    const bytes = this.bytes(offset, 4);
    return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  }

  /** The number and where it ends. */
  uvarint(offset: number): readonly [value: number, end: number] {
    const bytes = this.bytes(offset, Math.min(UVARINT_BYTES_MAX, this.sizeBytes - offset));
    const cursor = new Cursor(bytes, (problem) => this.fail(offset, problem));
    return [cursor.uvarint(), offset + cursor.at];
  }

  /** `length` bytes whose checksum stands behind them. */
  checked(offset: number, length: number): Uint8Array {
    const bytes = this.bytes(offset, length + 4);
    const body = bytes.subarray(0, length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (crc32c(body) !== view.getUint32(length)) this.fail(offset, "the checksum is wrong");
    return body;
  }

  #load(offset: number, length: number): void {
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.sizeBytes - offset);
    const buffer = this.#bytes.buffer.byteLength >= wanted ? this.#bytes.buffer : undefined;
    const bytes = new Uint8Array(buffer ?? new ArrayBuffer(wanted), 0, wanted);
    const read = this.#file.readInto(bytes, offset);
    if (read < length) this.fail(offset, "the file ends before that");
    this.#bytes = bytes.subarray(0, read);
    this.#start = offset;
  }
}

/** Reads numbers one after the other; what is wrong goes to `fail`. */
export class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #fail: (problem: string) => never;

  constructor(bytes: Uint8Array, fail: (problem: string) => never) {
    this.#bytes = bytes;
    this.#fail = fail;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  uvarint(): number {
    let value = 0;
    for (let i = 0; i < UVARINT_BYTES_MAX; i++) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) this.#fail("a number is cut short");
      this.at++;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.#fail("a number has more than 64 bits");
  }

  /** The sign in the lowest bit. */
  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) this.#fail("a text is cut short");
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}

function openFile(disk: Disk, name: string): DiskReader {
  try {
    return disk.open(name);
  } catch (error) {
    const inputs = { file: name, offset: 0, problem: messageOf(error) };
    throw new OpsError(STORE_ERRORS.prometheusUnreadable, inputs);
  }
}
