import type { Labels } from "@hms-ops/model";

const MASK = 0xffff_ffff_ffff_ffffn;
const PRIMES = [
  0x9e37_79b1_85eb_ca87n,
  0xc2b2_ae3d_27d4_eb4fn,
  0x1656_67b1_9e37_79f9n,
  0x85eb_ca77_c2b2_ae63n,
  0x27d4_eb2f_1656_67c5n,
] as const;
const [P1, P2, P3, P4, P5] = PRIMES;

/**
 * Where a label set falls between 0 and 1: XXH64 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md)
 * over its names and values, each behind its length, as Prometheus hashes labels.
 */
export function hashLabels(labels: Labels): number {
  const encoder = new TextEncoder();
  const parts: number[] = [];
  for (const text of labels) {
    const bytes = encoder.encode(text);
    // A length of 255 or more takes three bytes behind a mark.
    if (bytes.length < 255) parts.push(bytes.length);
    else parts.push(255, bytes.length & 255, (bytes.length >> 8) & 255, bytes.length >> 16);
    for (const byte of bytes) parts.push(byte);
  }
  return Number(xxHash64(Uint8Array.from(parts))) / 2 ** 64;
}

/** XXH64 with seed 0. */
export function xxHash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash: bigint = P5;
  if (bytes.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, (MASK + 1n - P1) & MASK];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane++) {
        lanes[lane] = round(lanes[lane]!, view.getBigUint64(at + lane * 8, true));
      }
    }
    hash = lanes.reduce((sum, lane, i) => sum + rotate(lane, [1n, 7n, 12n, 18n][i]!), 0n) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4) & MASK;
  }
  if (at + 4 <= bytes.length) {
    const word = (BigInt(view.getUint32(at, true)) * P1) & MASK;
    hash = (rotate(hash ^ word, 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < bytes.length; at++) {
    hash = (rotate(hash ^ ((BigInt(bytes[at]!) * P5) & MASK), 11n) * P1) & MASK;
  }
  return avalanche(hash);
}

function round(lane: bigint, word: bigint): bigint {
  return (rotate((lane + word * P2) & MASK, 31n) * P1) & MASK;
}

function rotate(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & MASK;
}

function avalanche(hash: bigint): bigint {
  let mixed = ((hash ^ (hash >> 33n)) * P2) & MASK;
  mixed = ((mixed ^ (mixed >> 29n)) * P3) & MASK;
  return mixed ^ (mixed >> 32n);
}
