import { WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "./proto-reader.ts";

/**
 * Writes the fields of protobuf messages. Lengths are one byte in place first; a longer message is
 * moved to make room.
 */
export class ProtoWriter {
  #bytes = new Uint8Array(1_024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();

  get length(): number {
    return this.#length;
  }

  /** A copy; the writer is empty afterwards and can be used again. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** What was written, not copied: valid until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  message(field: number, write: () => void): void {
    const lengthAt = this.open(field);
    write();
    this.close(lengthAt);
  }

  /** Begins a message; the result is for `close`, which ends it. */
  open(field: number): number {
    this.#varint((field << 3) | WIRE_BYTES);
    this.#reserve(5);
    return this.#length++;
  }

  close(lengthAt: number): void {
    const size = this.#length - lengthAt - 1;
    const extra = varintSize(size) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.#length);
    }
    const end = this.#length + extra;
    this.#length = lengthAt;
    this.#varint(size);
    this.#length = end;
  }

  /** Begins a message of a length that is known: what is written next is its content. */
  head(field: number, sizeBytes: number): void {
    this.#varint((field << 3) | WIRE_BYTES);
    this.#varint(sizeBytes);
  }

  /** An empty one is left out, as proto3 does; `always` for elements of a list. */
  text(field: number, text: string, always = false): void {
    if (text !== "" || always) this.bytes(field, this.#encoder.encode(text));
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#varint((field << 3) | WIRE_BYTES);
    this.#varint(bytes.length);
    this.raw(bytes);
  }

  /** Fields that were written before. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  double(field: number, value: number): void {
    this.#varint((field << 3) | WIRE_FIXED_64);
    this.#double(value);
  }

  words(field: number, low: number, high: number): void {
    this.#varint((field << 3) | WIRE_FIXED_64);
    this.#reserve(8);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  number(field: number, value: number): void {
    if (value !== 0) this.wholeNumber(field, value);
  }

  /** Also a zero: of a field of which it matters that it is there. */
  wholeNumber(field: number, value: number): void {
    this.#varint((field << 3) | WIRE_VARINT);
    if (value >= 0) this.#varint(value);
    else this.#negative(value);
  }

  zigzag(field: number, value: number): void {
    this.number(field, zigzagOf(value));
  }

  packedZigzags(field: number, values: Iterable<number>): void {
    this.#packed(field, values, (value) => this.#varint(zigzagOf(value)));
  }

  packedNumbers(field: number, values: Iterable<number>): void {
    this.#packed(field, values, (value) => this.#varint(value));
  }

  packedDoubles(field: number, values: Iterable<number>): void {
    this.#packed(field, values, (value) => this.#double(value));
  }

  /** A list without elements is left out. */
  #packed(field: number, values: Iterable<number>, write: (value: number) => void): void {
    const all = [...values];
    if (all.length === 0) return;
    this.message(field, () => {
      for (const value of all) write(value);
    });
  }

  #double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Two's complement of 64 bits: ten bytes. */
  #negative(value: number): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 9; i++) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function zigzagOf(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** What `ProtoWriter.number` writes for a field number below 16. */
export function numberFieldSize(value: number): number {
  if (value === 0) return 0;
  return 1 + (value < 0 ? 10 : varintSize(value));
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
