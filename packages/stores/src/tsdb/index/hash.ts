/** Seeded 32-bit hash of bytes (the mixing steps of MurmurHash3 by Austin Appleby). Hot. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = mixWord(hash, word);
  }
  let rest = 0;
  for (let shift = 0; i < end; i++, shift += 8) rest |= bytes[i]! << shift;
  return finish(mixWord(hash, rest));
}

/** The same of the first words of a list. */
export function hashWords(words: ArrayLike<number>, length: number, seed: number): number {
  let hash = seed ^ length;
  for (let i = 0; i < length; i++) hash = mixWord(hash, words[i]!);
  return finish(hash);
}

function mixWord(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const turned = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
