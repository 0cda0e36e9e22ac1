import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, zstdDecompressSync } from "node:zlib";

/**
 * Reads a whole block, written from docs/formats/block.md alone: it shares nothing with the store.
 * Values come as the hexadecimal words of the double, histograms as their bytes.
 */
export function readWholeBlock(folder: string) {
  const text = readFileSync(join(folder, "meta.json"), "utf8");
  const body = text.slice(text.indexOf(',"block":') + 9, -2);
  if (crc32(body) !== Number(/^\{"crc32":(\d+)/.exec(text)?.[1])) throw new Error("meta.json");
  const index = readFileSync(join(folder, "index"));
  const chunks = readFileSync(join(folder, "chunks"));
  const trailer = index.subarray(-16);
  if (crc32(trailer.subarray(0, 12)) !== trailer.readUInt32LE(12)) throw new Error("trailer");
  const place = [trailer.readDoubleLE(0), trailer.readUInt32LE(8)];
  const directory = JSON.parse(page(index, place, 0).toString());
  const pairs: [string, string][] = [];
  for (let number = 0; number < directory.pairPages.length / 2; number++) {
    const bytes = page(index, directory.pairPages, number);
    const count = bytes.readUInt32LE(0);
    let at = 4 + 12 * count;
    for (let i = 0; i < count; i++) {
      const length = bytes.readUInt32LE(4 + 8 * count + 4 * i);
      const pair = pairs.length;
      const entry = directory.names.find(
        ({ first, end }: { first: number; end: number }) => pair >= first && pair < end,
      );
      pairs.push([entry.name, bytes.toString("utf8", at, at + length)]);
      at += length;
    }
  }
  const series = [];
  for (let number = 0; number < directory.seriesPages.length / 2; number++) {
    const bytes = page(index, directory.seriesPages, number);
    const word = (i: number) => bytes.readUInt32LE(4 * i);
    for (let k = 0; k < word(0); k++) {
      const at = word(1 + k);
      const chunkAt = at + 6 + word(at + 1);
      const labels = [];
      for (let i = at + 6; i < chunkAt; i++) labels.push(...(pairs[word(i)] ?? []));
      const rows: [number, string][] = [];
      for (let i = chunkAt; i < chunkAt + word(at); i += 4) {
        const values = slot(page(chunks, directory.valuePages, word(i)), word(i + 1));
        const times = readTimes(slot(page(chunks, directory.timePages, word(i + 2)), word(i + 3)));
        const read = readValues(values, times.length);
        for (const [row, timeMs] of times.entries()) rows.push([timeMs, read[row] ?? ""]);
      }
      series.push({ labels, rows });
    }
  }
  return series;
}

export function page(file: Buffer, table: number[], number: number): Buffer {
  const at = table[2 * number] ?? 0;
  const bytes = file.subarray(at, at + (table[2 * number + 1] ?? 0));
  if (crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) throw new Error(`page at ${at}`);
  return zstdDecompressSync(bytes.subarray(8));
}

export function slot(bytes: Buffer, number: number): Buffer {
  return bytes.subarray(bytes.readUInt32LE(4 + 4 * number));
}

/** Number i of a group of byte planes. */
function plane(bytes: Buffer, at: number, planes: number, count: number, i: number): number {
  let number = 0;
  for (let p = planes - 1; p >= 0; p--) number = number * 256 + (bytes[at + p * count + i] ?? 0);
  return number;
}

export function readTimes(bytes: Buffer): number[] {
  const count = bytes.readUInt32LE(0);
  const times = [bytes.readDoubleLE(4)];
  for (let i = 0; i + 1 < count; i++) {
    const above = plane(bytes, 21, bytes[20] ?? 0, count - 1, i);
    times.push((times[i] ?? 0) + bytes.readDoubleLE(12) + above);
  }
  return times;
}

export function readValues(bytes: Buffer, count: number): string[] {
  const kind = bytes[0] ?? 0;
  if (kind === 0) return Array(count).fill(words(bytes.readUInt32LE(1), bytes.readUInt32LE(5)));
  if (kind === 1) return readDecimal(bytes, count);
  let low = 0;
  let high = 0;
  let at = 5 + 8 * count;
  return Array.from({ length: count }, (_, i) => {
    low = (low ^ plane(bytes, 1, 4, count, i)) >>> 0;
    high = (high ^ plane(bytes, 1 + 4 * count, 4, count, i)) >>> 0;
    if (kind === 2 || high !== 0xffff4853) return words(low, high);
    const length = bytes.readUInt32LE(at);
    at += 4 + length;
    return bytes.toString("hex", at - length, at);
  });
}

function readDecimal(bytes: Buffer, count: number): string[] {
  const mode = (bytes[1] ?? 0) >> 4;
  const firsts = Array.from({ length: mode }, (_, i) => bytes.readDoubleLE(2 + 8 * i));
  const at = 2 + 8 * mode;
  const planes = bytes[at] ?? 0;
  let numbers = Array.from(
    { length: count - mode },
    (_, i) => bytes.readDoubleLE(at + 1) + plane(bytes, at + 9, planes, count - mode, i),
  );
  for (const first of firsts.reverse()) {
    let sum = first;
    numbers = [first, ...numbers.map((delta) => (sum += delta))];
  }
  const cell = Buffer.alloc(8);
  const values = numbers.map((number) => {
    cell.writeDoubleLE(number / 10 ** ((bytes[1] ?? 0) & 15));
    return words(cell.readUInt32LE(0), cell.readUInt32LE(4));
  });
  const end = at + 9 + planes * (count - mode);
  for (let i = end + 4; i < end + 4 + 12 * bytes.readUInt32LE(end); i += 12) {
    values[bytes.readUInt32LE(i)] = words(bytes.readUInt32LE(i + 4), bytes.readUInt32LE(i + 8));
  }
  return values;
}

function words(low: number, high: number): string {
  return `${high.toString(16)} ${low}`;
}
