/** Matches are sought within blocks of this size, so that a table of 16-bit places is enough. */
const BLOCK_BYTES = 65_536;
const TABLE_BITS = 14;
const MIN_MATCH = 4;
/** The last bytes of a block are sent as they are, so that four bytes can always be read. */
const TAIL_BYTES = 15;

/** Makes one snappy block (without frames). Greedy, as the format's authors suggest. */
export function compressSnappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(32 + bytes.length + Math.ceil(bytes.length / 6));
  const table = new Uint16Array(1 << TABLE_BITS);
  let written = writeHeader(output, bytes.length);
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const end = Math.min(bytes.length, start + BLOCK_BYTES);
    table.fill(0);
    written = compressBlock(bytes, start, end, table, output, written);
  }
  return output.slice(0, written);
}

function writeHeader(output: Uint8Array, length: number): number {
  let rest = length;
  let written = 0;
  while (rest >= 0x80) {
    output[written++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  output[written++] = rest;
  return written;
}

/** Hot. Answers the new end of the output. */
function compressBlock(
  input: Uint8Array,
  start: number,
  end: number,
  table: Uint16Array,
  output: Uint8Array,
  outputStart: number,
): number {
  let written = outputStart;
  let unsent = start;
  let position = start + 1;
  let misses = 32;
  const matchEnd = end - TAIL_BYTES;
  while (position < matchEnd) {
    const word = readWord(input, position);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - TABLE_BITS);
    const candidate = start + table[slot]!;
    table[slot] = position - start;
    if (readWord(input, candidate) !== word) {
      // The longer nothing matches, the larger the strides: bytes of chance pass quickly.
      position += misses >>> 5;
      misses++;
      continue;
    }
    misses = 32;
    if (unsent < position) written = writeLiteral(input, unsent, position, output, written);
    let length = MIN_MATCH;
    while (position + length < end && input[candidate + length] === input[position + length]) {
      length++;
    }
    written = writeCopies(output, written, position - candidate, length);
    position += length;
    unsent = position;
  }
  return unsent < end ? writeLiteral(input, unsent, end, output, written) : written;
}

function readWord(input: Uint8Array, at: number): number {
  return input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
}

function writeLiteral(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  outputStart: number,
): number {
  let written = outputStart;
  const last = to - from - 1;
  if (last < 60) output[written++] = last << 2;
  else if (last < 256) {
    output[written++] = 60 << 2;
    output[written++] = last;
  } else {
    output[written++] = 61 << 2;
    output[written++] = last & 0xff;
    output[written++] = last >>> 8;
  }
  output.set(input.subarray(from, to), written);
  return written + to - from;
}

/** One match as copies of at most 64 bytes, none shorter than 4. */
function writeCopies(output: Uint8Array, outputStart: number, offset: number, length: number) {
  let written = outputStart;
  let rest = length;
  while (rest > 0) {
    const part = rest >= 68 ? 64 : rest > 64 ? 60 : rest;
    if (part >= 4 && part <= 11 && offset < 2_048) {
      output[written++] = 1 | ((part - 4) << 2) | ((offset >>> 8) << 5);
      output[written++] = offset & 0xff;
    } else {
      output[written++] = 2 | ((part - 1) << 2);
      output[written++] = offset & 0xff;
      output[written++] = offset >>> 8;
    }
    rest -= part;
  }
  return written;
}
