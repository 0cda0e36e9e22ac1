import { OpsError } from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";

const LITERAL = 0;
const COPY_ONE_BYTE_OFFSET = 1;
const COPY_TWO_BYTE_OFFSET = 2;

/** Below this many bytes a loop is faster than setting up a bulk copy. */
const SHORT_RUN = 64;

/**
 * Undoes one snappy block (the format without frames; format_description.txt of google/snappy).
 * The length that the block claims is checked before anything is allocated. Throws an OpsError:
 * 413 beyond `maxBytes`, 400 when the block is damaged. With a room no memory is made anew.
 */
export function uncompressSnappy(
  bytes: Uint8Array,
  maxBytes: number,
  room?: SnappyRoom,
): Uint8Array<ArrayBuffer> {
  const { length, start } = readHeader(bytes);
  if (length > maxBytes) {
    throw new OpsError(WIRE_ERRORS.snappyTooLarge, { bytes: length, limit: maxBytes });
  }
  // A copy of 3 bytes makes at most 64: a header that claims more than that is a lie.
  if (length > (bytes.length - start) * 22)
    corrupt("its header claims more than the body can hold");
  const output = room?.take(length) ?? new Uint8Array(length);
  const written = uncompressInto(bytes, start, output);
  if (written !== length) corrupt(`it ends after ${written} of ${length} bytes`);
  return output;
}

/** Larger blocks have memory of their own, lest one of them holds it for good. */
const ROOM_BYTES_MAX = 4 * 1024 * 1024;

/** Memory for one block after the other: what was unpacked is valid until the next one is. */
export class SnappyRoom {
  #memory = new ArrayBuffer(0);

  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > ROOM_BYTES_MAX) return new Uint8Array(length);
    if (length > this.#memory.byteLength) this.#memory = new ArrayBuffer(2 * length);
    return new Uint8Array(this.#memory, 0, length);
  }
}

function corrupt(reason: string): never {
  throw new OpsError(WIRE_ERRORS.snappyCorrupt, { reason });
}

function readHeader(bytes: Uint8Array): { length: number; start: number } {
  let length = 0;
  for (let i = 0; i < 5 && i < bytes.length; i++) {
    const byte = bytes[i]!;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      if (length > 0xffff_ffff) break;
      return { length, start: i + 1 };
    }
  }
  return corrupt("its length header is not a number");
}

/** Hot. Answers how many bytes were written. */
function uncompressInto(input: Uint8Array, start: number, output: Uint8Array): number {
  const end = input.length;
  const source = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength);
  let position = start;
  let written = 0;
  while (position < end) {
    const tag = input[position++]!;
    const kind = tag & 3;
    if (kind === LITERAL) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const sizeBytes = length - 60;
        if (position + sizeBytes > end) corrupt("it is cut short");
        length = readLittleEndian(input, position, sizeBytes) + 1;
        position += sizeBytes;
      }
      if (position + length > end) corrupt("it is cut short");
      if (written + length > output.length) corrupt("it holds more than its header says");
      copyLiteral(source, position, view, written, length);
      position += length;
      written += length;
      continue;
    }
    const offsetBytes = kind === COPY_ONE_BYTE_OFFSET ? 1 : kind === COPY_TWO_BYTE_OFFSET ? 2 : 4;
    if (position + offsetBytes > end) corrupt("it is cut short");
    const low = readLittleEndian(input, position, offsetBytes);
    const offset = offsetBytes === 1 ? ((tag & 0xe0) << 3) | low : low;
    const length = offsetBytes === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    position += offsetBytes;
    if (offset === 0 || offset > written) corrupt("it copies from before its beginning");
    if (written + length > output.length) corrupt("it holds more than its header says");
    copyBack(view, written, offset, length);
    written += length;
  }
  return written;
}

function readLittleEndian(input: Uint8Array, position: number, sizeBytes: number): number {
  let value = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) value = value * 256 + input[position + i]!;
  return value;
}

function copyLiteral(
  input: DataView,
  from: number,
  output: DataView,
  to: number,
  length: number,
): void {
  if (length > SHORT_RUN) {
    bytesOf(output, to, length).set(bytesOf(input, from, length));
    return;
  }
  let i = 0;
  for (; i + 4 <= length; i += 4) output.setInt32(to + i, input.getInt32(from + i, true), true);
  for (; i < length; i++) output.setUint8(to + i, input.getUint8(from + i));
}

function bytesOf({ buffer, byteOffset }: DataView, from: number, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + from, length);
}

/**
 * Source and target may overlap: then the bytes just written are copied again. A copy has 64 bytes at
 * most: four at a time are faster than a bulk copy.
 */
function copyBack(output: DataView, to: number, offset: number, length: number): void {
  const end = to + length;
  let at = to;
  if (offset >= 4) {
    for (; at + 4 <= end; at += 4) output.setInt32(at, output.getInt32(at - offset, true), true);
  }
  for (; at < end; at++) output.setUint8(at, output.getUint8(at - offset));
}
