/**
 * Whole numbers from 0 on as byte planes: all lowest bytes, then all second ones …; a compressor
 * finds far more in them than in the numbers one by one. Hot: nothing may be allocated per number.
 */

/** Bytes that hold 0 … span: seven at most; span is whole and below 2^53. */
export function planesOf(span: number): number {
  let planes = 0;
  for (let limit = 1; limit <= span; limit *= 256) planes++;
  return planes;
}

export function writePlanes(
  numbers: Float64Array,
  count: number,
  planes: number,
  into: Uint8Array,
  at: number,
): void {
  if (planes <= 4) {
    for (let i = 0; i < count; i++) {
      const word = numbers[i]! >>> 0;
      for (let plane = 0; plane < planes; plane++) {
        into[at + plane * count + i] = word >>> (8 * plane);
      }
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    const high = Math.floor(numbers[i]! / 0x1_0000_0000);
    const low = numbers[i]! >>> 0;
    for (let plane = 0; plane < 4; plane++) into[at + plane * count + i] = low >>> (8 * plane);
    for (let plane = 4; plane < planes; plane++) {
      into[at + plane * count + i] = high >>> (8 * (plane - 4));
    }
  }
}

/** Writes the numbers, plus `base`, from `start` on. */
export function readPlanes(
  bytes: Uint8Array,
  at: number,
  planes: number,
  base: number,
  into: Float64Array,
  start: number,
  count: number,
): void {
  switch (planes) {
    case 0:
      into.fill(base, start, start + count);
      return;
    case 1:
      for (let i = 0; i < count; i++) into[start + i] = base + bytes[at + i]!;
      return;
    case 2: {
      const second = at + count;
      for (let i = 0; i < count; i++) {
        into[start + i] = base + (bytes[at + i]! | (bytes[second + i]! << 8));
      }
      return;
    }
    default:
      for (let i = 0; i < count; i++) into[start + i] = base + bytes[at + i]!;
      for (let plane = 1, scale = 256; plane < planes; plane++, scale *= 256) {
        const from = at + plane * count;
        for (let i = 0; i < count; i++) into[start + i]! += bytes[from + i]! * scale;
      }
  }
}
