import { OpsError } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";

const WORD = 0x1_0000_0000;

/** Widths of the numbers behind 1, 2 … 8 set bits of the prefix; without one the number is 0. */
export const VARBIT_WIDTHS: readonly number[] = [3, 6, 9, 12, 18, 25, 56, 64];

/** Reads bits from the most significant one; past the end it throws an OpsError. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, firstByte: number) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
    this.#at = firstByte * 8;
  }

  /** Bits that are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  fail(reason: string): never {
    throw new OpsError(WIRE_ERRORS.chunkUnreadable, { reason });
  }

  bit(): number {
    const at = this.#at;
    if (at >= this.#end) this.fail("it is cut short");
    this.#at = at + 1;
    return (this.#bytes[at >>> 3]! >>> (7 - (at & 7))) & 1;
  }

  /** At most 32 of them, as a number without sign. */
  bits(count: number): number {
    if (count > 25) return this.bits(count - 16) * 0x1_0000 + this.bits(16);
    if (count === 0) return 0;
    const at = this.#at;
    if (at + count > this.#end) this.fail("it is cut short");
    this.#at = at + count;
    const bytes = this.#bytes;
    const first = at >>> 3;
    // Bytes past the end are undefined, which the operators read as 0.
    const word =
      (bytes[first]! << 24) |
      (bytes[first + 1]! << 16) |
      (bytes[first + 2]! << 8) |
      bytes[first + 3]!;
    return (word << (at & 7)) >>> (32 - count);
  }

  /** How many of the next bits are set before one that is not, at most `max`. */
  prefix(max: number): number {
    let count = 0;
    while (count < max && this.bit() === 1) count++;
    return count;
  }

  /** Two's complement, except that the largest positive number takes the place of the smallest. */
  signed(width: number): number {
    if (width === 64) return (this.bits(32) | 0) * WORD + this.bits(32);
    const value = width > 32 ? this.bits(width - 32) * WORD + this.bits(32) : this.bits(width);
    return value > 2 ** (width - 1) ? value - 2 ** width : value;
  }

  unsigned(width: number): number {
    return width > 32 ? this.bits(width - 32) * WORD + this.bits(32) : this.bits(width);
  }

  varbitInt(): number {
    const prefix = this.prefix(8);
    return prefix === 0 ? 0 : this.signed(VARBIT_WIDTHS[prefix - 1]!);
  }

  varbitUint(): number {
    const prefix = this.prefix(8);
    return prefix === 0 ? 0 : this.unsigned(VARBIT_WIDTHS[prefix - 1]!);
  }

  /** Seven bits a byte, the low ones first. */
  uvarint(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.bits(8);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.fail("a number has more than 64 bits");
  }

  /** As `uvarint`, the sign in the lowest bit. */
  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** A column of doubles, each as the XOR with the one before; the newest lies in two words. */
export class XorReader {
  high = 0;
  low = 0;
  #leading = 0;
  #trailing = 0;

  /** The first value stands whole. */
  start(reader: BitReader): void {
    this.high = reader.bits(32);
    this.low = reader.bits(32);
  }

  next(reader: BitReader): void {
    if (reader.bit() === 0) return;
    if (reader.bit() === 1) {
      this.#leading = reader.bits(5);
      const significant = reader.bits(6) || 64;
      this.#trailing = 64 - this.#leading - significant;
      if (this.#trailing < 0) reader.fail("a value has more than 64 bits");
    }
    const width = 64 - this.#leading - this.#trailing;
    const high = width > 32 ? reader.bits(width - 32) : 0;
    const low = reader.bits(width > 32 ? 32 : width);
    const shift = this.#trailing;
    if (shift >= 32) this.high = (this.high ^ (low << (shift - 32))) >>> 0;
    else if (shift === 0) {
      this.high = (this.high ^ high) >>> 0;
      this.low = (this.low ^ low) >>> 0;
    } else {
      this.high = (this.high ^ ((high << shift) | (low >>> (32 - shift)))) >>> 0;
      this.low = (this.low ^ (low << shift)) >>> 0;
    }
  }
}
