import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import {
  page,
  readTimes,
  readValues,
  slot,
} from "../../block/testing/independent-reader.test.tools.ts";

export interface PlainBucket {
  readonly number: number;
  readonly count: number;
  readonly sum: number;
  /** To be added to the sum. */
  readonly low: number;
  readonly least: number;
  readonly most: number;
}

/** Reads a companion, written from docs/formats/block.md alone; undefined: a series has none. */
export function readCompanion(path: string): (PlainBucket[] | undefined)[] {
  const file = readFileSync(path);
  if (file.toString("utf8", 0, 8) !== "HMS-CMP1") throw new Error("no companion");
  const trailer = file.subarray(-16);
  if (crc32(trailer.subarray(0, 12)) !== trailer.readUInt32LE(12)) throw new Error("trailer");
  const place = [trailer.readDoubleLE(0), trailer.readUInt32LE(8)];
  const directory = JSON.parse(page(file, place, 0).toString());
  const { firsts, seriesPages, timePages, seriesCount } = directory;
  return Array.from({ length: seriesCount }, (_, series) => {
    const number = firsts.findLastIndex((first: number) => first <= series);
    const bytes = slot(page(file, seriesPages, number), series - firsts[number]);
    if (bytes[8] === 0) return undefined;
    const times = page(file, timePages, bytes.readUInt32LE(0));
    return bucketsOf(bytes.subarray(8), readTimes(slot(times, bytes.readUInt32LE(4))));
  });
}

function bucketsOf(bytes: Buffer, numbers: readonly number[]): PlainBucket[] {
  const at = (column: number) => bytes.subarray(bytes.readUInt32LE(3 + 4 * column));
  const column = (from: Buffer) => readValues(from, numbers.length).map(numberOf);
  const counts = column(bytes.subarray(23));
  const [first = [], second = [], third = []] = [0, 1, 2].map((i) => column(at(i)));
  const power = 10 ** (bytes[1] ?? 0);
  const rows = numbers.map((number, i) => {
    const [count = 0, least = 0, above = 0, beside = 0] = [
      counts[i],
      first[i],
      second[i],
      third[i],
    ];
    if (bytes[0] === 2) return { number, count, least, most: above, sum: beside, low: 0 };
    const sum = (beside + Math.round(count * (least + above / 2))) / power;
    return { number, count, least: least / power, most: (least + above) / power, sum, low: 0 };
  });
  for (let i = 0; bytes[0] === 1 && i < at(3).readUInt32LE(0); i++) {
    const odd = at(3).subarray(4 + 28 * i);
    const row = rows[odd.readUInt32LE(0)];
    if (!row) throw new Error("an odd bucket that is none");
    row.sum = odd.readDoubleLE(4);
    row.least = odd.readDoubleLE(12);
    row.most = odd.readDoubleLE(20);
  }
  if (bytes[2] !== 2) return rows;
  const quantum = at(4).readDoubleLE(0);
  const lost = column(at(4).subarray(8));
  return rows.map((row, i) => ({ ...row, low: (lost[i] ?? 0) * quantum }));
}

/** From the words of a double in hexadecimal, high and low, as the block's reader gives them. */
function numberOf(words: string): number {
  const [high = "", low = ""] = words.split(" ");
  const cell = Buffer.alloc(8);
  cell.writeUInt32BE(Number.parseInt(high, 16));
  cell.writeUInt32BE(Number(low), 4);
  return cell.readDoubleBE(0);
}
