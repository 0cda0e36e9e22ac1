import { VARBIT_WIDTHS } from "./bit-reader.ts";

const WORD = 0x1_0000_0000;

/** Writes bits, the most significant one first; the last byte is filled with zeros. */
export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #at: number;

  /** The first bytes are left for the header. */
  constructor(headerBytes: number, capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#at = headerBytes * 8;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, (this.#at + 7) >>> 3);
  }

  setByte(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  /** The low `count` bits of a number without sign, at most 32. */
  bits(value: number, count: number): void {
    if (this.#at + 40 > this.#bytes.length * 8) this.#grow();
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#at & 7);
      const take = left < free ? left : free;
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      this.#bytes[this.#at >>> 3]! |= part << (free - take);
      this.#at += take;
      left -= take;
    }
  }

  /** Two's complement beyond 32 bits. */
  wide(value: number, width: number): void {
    const high = Math.floor(value / WORD);
    if (width > 32) this.bits(high >>> 0, width - 32);
    this.bits((value - high * WORD) >>> 0, Math.min(width, 32));
  }

  /** `count` set bits and one that is not, which is left out at the end of the table. */
  prefix(count: number, max: number): void {
    this.bits(2 ** count - 1, count);
    if (count < max) this.bits(0, 1);
  }

  varbitInt(value: number): void {
    this.#varbit(value, value === 0 ? 0 : widthIndex(value, fitsSigned) + 1);
  }

  varbitUint(value: number): void {
    this.#varbit(value, value === 0 ? 0 : widthIndex(value, fitsUnsigned) + 1);
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bits((rest % 0x80) | 0x80, 8);
      rest = Math.floor(rest / 0x80);
    }
    this.bits(rest, 8);
  }

  varint(value: number): void {
    this.uvarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #varbit(value: number, prefix: number): void {
    this.prefix(prefix, 8);
    if (prefix > 0) this.wide(value, VARBIT_WIDTHS[prefix - 1]!);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

function widthIndex(value: number, fits: (value: number, width: number) => boolean): number {
  let index = 0;
  while (index < VARBIT_WIDTHS.length - 1 && !fits(value, VARBIT_WIDTHS[index]!)) index++;
  return index;
}

/** The largest positive number takes the place of the smallest. */
export function fitsSigned(value: number, width: number): boolean {
  const half = 2 ** (width - 1);
  return value > -half && value <= half;
}

function fitsUnsigned(value: number, width: number): boolean {
  return value < 2 ** width;
}

const NO_WINDOW = -1;

/** Writes a column of doubles, each as the XOR with the one before. */
export class XorWriter {
  #high = 0;
  #low = 0;
  #leading = NO_WINDOW;
  #trailing = 0;

  start(writer: BitWriter, high: number, low: number): void {
    this.#high = high;
    this.#low = low;
    writer.bits(high, 32);
    writer.bits(low, 32);
  }

  next(writer: BitWriter, high: number, low: number): void {
    const changedHigh = (high ^ this.#high) >>> 0;
    const changedLow = (low ^ this.#low) >>> 0;
    this.#high = high;
    this.#low = low;
    if (changedHigh === 0 && changedLow === 0) {
      writer.bits(0, 1);
      return;
    }
    // Five bits hold the count.
    const leading = changedHigh === 0 ? 31 : Math.clz32(changedHigh);
    const trailing = changedLow === 0 ? 32 + trailingZeros(changedHigh) : trailingZeros(changedLow);
    if (this.#leading !== NO_WINDOW && leading >= this.#leading && trailing >= this.#trailing) {
      writer.bits(0b10, 2);
    } else {
      this.#leading = leading;
      this.#trailing = trailing;
      writer.bits(0b11, 2);
      writer.bits(leading, 5);
      writer.bits((64 - leading - trailing) & 63, 6);
    }
    writeShifted(writer, changedHigh, changedLow, this.#trailing, 64 - this.#leading);
  }
}

/** Bits `from` (lowest) to `to` of a number of two words. */
function writeShifted(writer: BitWriter, high: number, low: number, from: number, to: number) {
  if (to > 32) {
    if (from >= 32) {
      writer.bits(high >>> (from - 32), to - from);
      return;
    }
    writer.bits(high, to - 32);
  }
  writer.bits(low >>> from, Math.min(to, 32) - from);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
