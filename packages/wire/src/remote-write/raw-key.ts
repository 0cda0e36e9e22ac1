import { LABEL_NAME_MAX_BYTES, LABEL_VALUE_MAX_BYTES } from "../limits.ts";
import { WIRE_BYTES } from "../prompb/proto-reader.ts";
import type { SymbolTable } from "./symbols.ts";

const TAG_FIRST = (1 << 3) | WIRE_BYTES;
const TAG_SECOND = (2 << 3) | WIRE_BYTES;
/** Two tags with lengths, and the label's own. */
const FRAME_BYTES_MAX = 12;

/**
 * Writes the labels that references name as a 1.0 request would write them: a series has one raw
 * key in both versions, whatever number its texts have in a request.
 */
export class RawKeyWriter {
  bytes = new Uint8Array(4_096);
  end = 0;

  clear(): void {
    this.end = 0;
  }

  /** Hot: two loops over a label's bytes. False: it is longer than a label may be. */
  add(source: Uint8Array, symbols: SymbolTable, name: number, value: number): boolean {
    const nameBytes = symbols.sizeBytes(name);
    const valueBytes = symbols.sizeBytes(value);
    if (nameBytes > LABEL_NAME_MAX_BYTES || valueBytes > LABEL_VALUE_MAX_BYTES) return false;
    const room = this.end + nameBytes + valueBytes + FRAME_BYTES_MAX;
    if (room > this.bytes.length) this.#grow(room);
    const { bytes } = this;
    bytes[this.end++] = TAG_FIRST;
    this.#varint(fieldSize(nameBytes) + fieldSize(valueBytes));
    if (nameBytes > 0) {
      bytes[this.end++] = TAG_FIRST;
      this.#text(source, symbols.start(name), nameBytes);
    }
    if (valueBytes > 0) {
      bytes[this.end++] = TAG_SECOND;
      this.#text(source, symbols.start(value), valueBytes);
    }
    return true;
  }

  #text(source: Uint8Array, start: number, sizeBytes: number): void {
    this.#varint(sizeBytes);
    const { bytes } = this;
    let at = this.end;
    for (let i = start; i < start + sizeBytes; i++) bytes[at++] = source[i]!;
    this.end = at;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.end++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.end++] = rest;
  }

  #grow(wanted: number): void {
    const larger = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** With tag and length; an empty text has no field. Below 2^14 bytes. */
function fieldSize(sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : sizeBytes + (sizeBytes < 0x80 ? 2 : 3);
}
