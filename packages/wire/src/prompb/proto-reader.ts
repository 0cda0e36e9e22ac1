import { type ErrorRow, OpsError, STALE_NAN_HIGH, STALE_NAN_LOW } from "@hms-ops/model";

export const WIRE_VARINT = 0;
export const WIRE_FIXED_64 = 1;
export const WIRE_BYTES = 2;
const WIRE_FIXED_32 = 5;
const WORD = 0x1_0000_0000;

/**
 * Walks the fields of a protobuf message in place; makes no object per field. Every read is
 * checked against the end of the body, so a damaged one ends in an OpsError and never past it.
 */
export class ProtoReader {
  readonly bytes: Uint8Array;
  position = 0;
  #high = 0;
  readonly #view: DataView;
  readonly #unreadable: ErrorRow;

  /** The error is thrown with `reason` and `offset` when the message is damaged. */
  constructor(bytes: Uint8Array, unreadable: ErrorRow) {
    this.bytes = bytes;
    this.#unreadable = unreadable;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(reason: string): never {
    throw new OpsError(this.#unreadable, { reason, offset: this.position });
  }

  /** A tag or length: at most 32 bits. */
  uint32(end: number): number {
    if (this.position >= end) this.fail("it is cut short");
    const first = this.bytes[this.position]!;
    if (first < 0x80) {
      this.position++;
      return first;
    }
    let value = 0;
    for (let i = 0; i < 5; i++) {
      if (this.position >= end) this.fail("it is cut short");
      const byte = this.bytes[this.position++]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    return this.fail("a length or field number is not a number of 32 bits");
  }

  /** A signed number of 64 bits, two's complement; exact up to 2^53. */
  int64(end: number): number {
    const low = this.#low(end);
    return (this.#high | 0) * WORD + low;
  }

  /** Exact up to 2^53. */
  uint64(end: number): number {
    const low = this.#low(end);
    return (this.#high >>> 0) * WORD + low;
  }

  /** A signed number whose last bit is its sign; exact up to 2^52. */
  zigzag(end: number): number {
    const value = this.uint64(end);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The low word of a varint; the high one is kept aside. */
  #low(end: number): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.position >= end) this.fail("it is cut short");
      const byte = this.bytes[this.position++]!;
      const part = byte & 0x7f;
      if (i < 4) low |= part << (7 * i);
      else if (i === 4) {
        low |= part << 28;
        high = part >>> 4;
      } else high |= part << (7 * i - 32);
      if (byte < 0x80) {
        this.#high = high;
        return low >>> 0;
      }
    }
    return this.fail("a number has more than 64 bits");
  }

  /** The end of the length-delimited field that begins here. */
  lengthEnd(end: number): number {
    const length = this.uint32(end);
    const fieldEnd = this.position + length;
    if (fieldEnd > end) this.fail("it is cut short");
    return fieldEnd;
  }

  /** Where an eight-byte number lies; moves past it. */
  fixed64(end: number): number {
    const at = this.position;
    if (at + 8 > end) this.fail("it is cut short");
    this.position = at + 8;
    return at;
  }

  double(at: number): number {
    return this.#view.getFloat64(at, true);
  }

  word(at: number): number {
    return this.#view.getUint32(at, true);
  }

  /** Told by its words: as a number the bits of a NaN may change. */
  isStaleMarker(at: number): boolean {
    return this.word(at) === STALE_NAN_LOW && this.word(at + 4) === STALE_NAN_HIGH;
  }

  /** Passes over a field that is not known. */
  skip(wireType: number, end: number): void {
    if (wireType === WIRE_VARINT) this.int64(end);
    else if (wireType === WIRE_FIXED_64) this.fixed64(end);
    else if (wireType === WIRE_BYTES) this.position = this.lengthEnd(end);
    else if (wireType === WIRE_FIXED_32 && this.position + 4 <= end) this.position += 4;
    else this.fail(`a field has the unknown kind ${wireType}`);
  }
}
