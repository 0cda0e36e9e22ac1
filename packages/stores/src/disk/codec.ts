import {
  constants,
  crc32,
  type ZstdOptions,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { giveBack } from "@hms-ops/model";

/** Less is refused by zlib. */
const CHUNK_BYTES_MIN = 64;

const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const THOROUGH = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** CRC-32 as gzip has it. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}

/** In memory of its own, without what was wanted meanwhile: a log packs hundreds of times a second. */
export function compress(bytes: Uint8Array): Uint8Array {
  // Room for all of them, and more than what Node cuts from memory that others share.
  const chunkSize = Math.max(Buffer.poolSize, bytes.length) + 1;
  const packed = zstdCompressSync(bytes, { ...FASTEST, chunkSize });
  const own = new Uint8Array(packed);
  giveBack(packed, chunkSize);
  return own;
}

/** Slower than `compress` and smaller, for what is written once and kept. */
export function compressWell(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, THOROUGH);
}

/** Undefined if the bytes are no zstd, or more than `maxBytes` when unpacked. */
export function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  return unpack(bytes, { maxOutputLength: maxBytes });
}

/** As `decompress`, of bytes whose unpacked length is known: they are written where they stay. */
export function decompressExactly(bytes: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  const chunkSize = roomFor(sizeBytes);
  const unpacked = unpack(bytes, { maxOutputLength: sizeBytes, chunkSize });
  return unpacked?.length === sizeBytes ? unpacked : undefined;
}

/** Frees what `decompressExactly` answered, when nobody holds it any more. */
export function giveBackUnpacked(bytes: Uint8Array): void {
  giveBack(bytes, roomFor(bytes.length));
}

/** With room for one more, zlib sees that it is done without asking for more room. */
function roomFor(sizeBytes: number): number {
  return Math.max(CHUNK_BYTES_MIN, sizeBytes + 1);
}

function unpack(bytes: Uint8Array, options: ZstdOptions): Uint8Array | undefined {
  try {
    return zstdDecompressSync(bytes, options);
  } catch {
    return undefined;
  }
}
