import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";

const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const THOROUGH = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** CRC-32 as gzip has it. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}

export function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, FASTEST);
}

/** Slower than `compress` and smaller, for what is written once and kept. */
export function compressWell(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, THOROUGH);
}

/** Undefined if the bytes are no zstd, or more than `maxBytes` when unpacked. */
export function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}
