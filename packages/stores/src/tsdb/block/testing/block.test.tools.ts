import { join } from "node:path";
import {
  compareLabels,
  type Labels,
  labelsOf,
  type NativeHistogram,
  type Random,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@hms-ops/model";
import { openNodeDisk } from "../../../disk/index.ts";
import { Columns, HISTOGRAM_HIGH } from "../../memory/columns.ts";
import { encodeHistogram } from "../../memory/histogram-blob.ts";
import { type Block, type BlockMeta, createBlock, openBlock, PageCache } from "../index.ts";

export interface SeriesRows {
  readonly labels: Labels;
  readonly rows: Columns;
}

/** A value as a test compares it: words, or the bytes of a histogram. */
export type PlainRow = readonly [timeMs: number, value: string];

export const disk = openNodeDisk();

export async function writeBlock(
  folder: string,
  series: readonly SeriesRows[],
  number = 1,
): Promise<BlockMeta> {
  const folders = { tmpFolder: join(folder, "tmp"), blocksFolder: join(folder, "blocks") };
  await disk.makeFolder(folders.blocksFolder);
  const plan = { number, arrival: number, level: 0, replaces: [] };
  const writer = await createBlock(disk, folders, plan);
  for (const { labels, rows } of series) await writer.add(labels, rows);
  const meta = await writer.finish();
  if (!meta) throw new Error("a block without series");
  return meta;
}

export function reopen(folder: string, meta: BlockMeta, tombstones?: string): Block {
  const ref = tombstones ? { meta, tombstones } : { meta };
  return openBlock(disk, join(folder, "blocks", meta.name), ref, new PageCache(1_000_000));
}

export function plainRows({ count, timesMs, valueWords, blobs }: Columns): PlainRow[] {
  return Array.from({ length: count }, (_, i) => {
    const low = valueWords[2 * i] ?? 0;
    const high = valueWords[2 * i + 1] ?? 0;
    const blob = high === HISTOGRAM_HIGH ? blobs[low] : undefined;
    const value = blob ? Buffer.from(blob).toString("hex") : `${high.toString(16)} ${low}`;
    return [timesMs[i] ?? 0, value];
  });
}

export function readAll(block: Block, ordinal: number): PlainRow[] {
  const rows = new Columns();
  block.read(ordinal, { fromMs: -Infinity, toMs: Infinity }, rows);
  return plainRows(rows);
}

const cell = new Float64Array(1);
const words = new Uint32Array(cell.buffer);

export function addValue(rows: Columns, timeMs: number, value: number): void {
  cell[0] = value;
  rows.push(timeMs, words[0] ?? 0, words[1] ?? 0);
}

export function addHistogram(rows: Columns, timeMs: number, histogram: NativeHistogram): void {
  rows.push(timeMs, rows.blobs.length, HISTOGRAM_HIGH);
  rows.blobs.push(encodeHistogram(histogram));
}

export function histogramOf(random: Random): NativeHistogram {
  const isInteger = random.below(2) === 0;
  const count = () => (isInteger ? random.below(1_000) : random.next() * 1_000);
  const buckets = (spans: number) => {
    const lengths = Array.from({ length: spans }, () => random.below(4));
    return {
      spans: lengths.map((length) => ({ offset: random.below(9) - 4, length })),
      counts: Float64Array.from({ length: lengths.reduce((a, b) => a + b, 0) }, count),
    };
  };
  const isCustom = random.below(3) === 0;
  return {
    isInteger,
    resetHint: (["unknown", "reset", "not-reset", "gauge"] as const)[random.below(4)] ?? "unknown",
    schema: isCustom ? -53 : random.below(13) - 4,
    zeroThreshold: random.next(),
    zeroCount: count(),
    count: count(),
    sum: random.next() * 1e6 - 5e5,
    positive: buckets(random.below(4)),
    negative: buckets(isCustom ? 0 : random.below(3)),
    customBounds: isCustom ? Float64Array.of(0.1, 0.5, 1e9) : new Float64Array(0),
  };
}

const SPECIAL = [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, -1e308, 2 ** 53, 0.1 + 0.2];

/** Series of every kind, in the order of blocks. */
export function seededSeries(random: Random, count: number): SeriesRows[] {
  const known = new Map<string, Labels>();
  for (let i = 0; i < count; i++) {
    const labels = labelsOf({
      __name__: `m${random.below(5)}`,
      instance: `10.0.0.${random.below(40)}`,
      ...(random.below(2) ? { ä: ["ü", "😀", "\u{e000}", "x"][random.below(4)] ?? "" } : {}),
      ...(random.below(3) ? { path: `/a/${random.below(1_000)}` } : {}),
    });
    known.set(JSON.stringify(labels), labels);
  }
  return [...known.values()]
    .sort(compareLabels)
    .map((labels) => ({ labels, rows: seededRows(random) }));
}

function seededRows(random: Random): Columns {
  const rows = new Columns(4);
  const count = random.below(8) === 0 ? 1_000 + random.below(3_000) : 1 + random.below(200);
  const kind = random.below(7);
  let timeMs = [0, -4e12, 1.7e12, 2 ** 42][random.below(4)] ?? 0;
  let value = random.below(1_000);
  for (let i = 0; i < count; i++) {
    timeMs += random.below(50) === 0 ? 1 + random.below(1e10) : 15_000 + random.below(5);
    if (random.below(40) === 0) {
      rows.push(timeMs, STALE_NAN_LOW, STALE_NAN_HIGH);
    } else if (random.below(60) === 0) {
      addValue(rows, timeMs, SPECIAL[random.below(SPECIAL.length)] ?? 0);
    } else if (random.below(90) === 0) {
      rows.push(timeMs, random.below(2 ** 32), 0x7ff8_0000 + random.below(100));
    } else if (kind === 0) {
      value += random.below(1_000);
      addValue(rows, timeMs, value);
    } else if (kind === 1) {
      value = Math.round((value + random.next() - 0.5) * 100) / 100;
      addValue(rows, timeMs, value);
    } else if (kind === 2) {
      addValue(rows, timeMs, 42.5);
    } else if (kind === 3) {
      addValue(rows, timeMs, random.next() * 1e9);
    } else if (kind === 4 && random.below(2)) {
      addHistogram(rows, timeMs, histogramOf(random));
    } else if (kind === 5) {
      addValue(rows, timeMs, random.below(2 ** 31) * 2 ** 21);
    } else {
      addValue(rows, timeMs, i * 1e-7);
    }
  }
  return rows;
}
