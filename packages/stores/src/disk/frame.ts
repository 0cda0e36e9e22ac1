import { giveBack } from "@hms-ops/model";
import { checksum, compress, decompress } from "./codec.ts";

/**
 * Frames of a log file; drawn in docs/formats/wal.md. A frame starts at a multiple of 8, so that a
 * reader can lay typed arrays over its payload, and can look for the next one after damage.
 */
export const FRAME_VERSION = 1;
const FRAME_HEADER_BYTES = 16;
/** Far above what one batch makes; a length beyond it is damage. */
const FRAME_BYTES_MAX = 512 * 1024 * 1024;

/** "HMSW" in the order of bytes. */
const MARKER = 0x5753_4d48;
const COMPRESSED = 1;
const BEGINS_GROUP = 2;
/** Below this, zstd's own header eats what it saves. */
const COMPRESS_FROM_BYTES = 256;

export interface Frame {
  readonly version: number;
  /** What the payload is; the log's owner numbers them. */
  readonly kind: number;
  /** Starts at a multiple of 8 of its buffer. */
  readonly payload: Uint8Array;
  /** The first of those that were made durable together. */
  readonly beginsGroup: boolean;
}

/** One frame as it stands in the file, padding included. */
export function encodeFrame({ kind, payload, beginsGroup }: Omit<Frame, "version">): Uint8Array {
  const packed = payload.length < COMPRESS_FROM_BYTES ? payload : compress(payload);
  const isSmaller = packed.length < payload.length;
  const stored = isSmaller ? packed : payload;
  const frame = new Uint8Array(paddedBytes(FRAME_HEADER_BYTES + stored.length));
  const view = new DataView(frame.buffer);
  view.setUint32(0, MARKER, true);
  view.setUint32(8, stored.length, true);
  view.setUint8(12, FRAME_VERSION);
  view.setUint8(13, kind);
  view.setUint8(14, (isSmaller ? COMPRESSED : 0) | (beginsGroup ? BEGINS_GROUP : 0));
  frame.set(stored, FRAME_HEADER_BYTES);
  const checked = frame.subarray(8, FRAME_HEADER_BYTES + stored.length);
  view.setUint32(4, checksum(checked), true);
  if (packed !== payload) giveBack(packed);
  return frame;
}

/** The frame at an offset (a multiple of 8), its end, and where the next one starts; undefined if none is. */
export function decodeFrame(
  file: Uint8Array<ArrayBuffer>,
  at: number,
): { readonly frame: Frame; readonly end: number; readonly next: number } | undefined {
  if (at + FRAME_HEADER_BYTES > file.length) return undefined;
  const view = new DataView(file.buffer, file.byteOffset + at, FRAME_HEADER_BYTES);
  const length = view.getUint32(8, true);
  const end = at + FRAME_HEADER_BYTES + length;
  if (view.getUint32(0, true) !== MARKER || length > FRAME_BYTES_MAX || end > file.length) {
    return undefined;
  }
  if (checksum(file.subarray(at + 8, end)) !== view.getUint32(4, true)) return undefined;
  const stored = file.subarray(at + FRAME_HEADER_BYTES, end);
  const isPacked = (view.getUint8(14) & COMPRESSED) !== 0;
  const payload = isPacked ? decompress(stored, FRAME_BYTES_MAX) : stored;
  if (!payload) return undefined;
  const frame = {
    version: view.getUint8(12),
    kind: view.getUint8(13),
    payload: aligned(payload),
    beginsGroup: (view.getUint8(14) & BEGINS_GROUP) !== 0,
  };
  return { frame, end, next: paddedBytes(end) };
}

/** Where the next whole frame stands after a bad one; the file's length if there is none. */
export function findFrame(file: Uint8Array<ArrayBuffer>, from: number): number {
  for (let at = paddedBytes(from); at + FRAME_HEADER_BYTES <= file.length; at += 8) {
    if (file[at] === (MARKER & 0xff) && decodeFrame(file, at)) return at;
  }
  return file.length;
}

function paddedBytes(length: number): number {
  return (length + 7) & ~7;
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}
