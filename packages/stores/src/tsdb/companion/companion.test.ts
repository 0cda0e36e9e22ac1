import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpsError, type Random, STALE_NAN_HIGH, STALE_NAN_LOW, seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { PageCache } from "../block/index.ts";
import { addHistogram, addValue, disk, histogramOf } from "../block/testing/block.test.tools.ts";
import { BucketRows, COMPANIONS, Companion, writeCompanions } from "../companion/index.ts";
import { Columns, isStaleMarker } from "../memory/columns.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { readCompanion } from "./testing/independent-companion.test.tools.ts";

const BLOCK = "00000001-0-1";
const HOUR_MS = 3_600_000;

type Kind = (typeof KINDS)[number];
const KINDS = [
  "counter",
  "decimals",
  "zero-mean decimals",
  "doubles",
  "zero-mean doubles",
  "wide",
  "special",
  "constant",
] as const;

function nextValue(kind: Kind, random: Random, before: number): number {
  switch (kind) {
    case "counter":
      return random.below(500) === 0 ? 0 : before + random.below(300);
    case "decimals":
      return Math.round((before + random.next() * 10) * 100) / 100;
    case "zero-mean decimals":
      return Math.round(random.next() * 2_000 - 1_000) / 10;
    case "doubles":
      return random.next() * 1e6;
    case "zero-mean doubles":
      return random.next() - 0.5;
    case "wide":
      return (random.next() - 0.5) * 10 ** (random.below(200) - 100);
    case "special":
      return [Number.NaN, Infinity, -Infinity, -0, 0, 1, -1.5][
        random.below(60) === 0 ? random.below(4) : 4 + random.below(3)
      ] as number;
    case "constant":
      return 42.5;
  }
}

function rowsOf(kind: Kind, random: Random): Columns {
  const rows = new Columns();
  let timeMs = random.below(2) * 1.7e12 + random.below(HOUR_MS);
  let value = 0;
  const gapOneIn = random.below(2) ? 100 : 1_000;
  for (let i = 0; i < 1_500 + random.below(2_000); i++) {
    timeMs += random.below(gapOneIn) === 0 ? random.below(5 * HOUR_MS) + 1 : 15_000;
    if (random.below(60) === 0) timeMs = Math.ceil(timeMs / 300_000) * 300_000 + random.below(2);
    value = nextValue(kind, random, value);
    if (random.below(300) === 0) rows.push(timeMs, STALE_NAN_LOW, STALE_NAN_HIGH);
    else addValue(rows, timeMs, value);
  }
  return rows;
}

async function written(series: readonly Columns[]): Promise<string> {
  const folder = freshFolder();
  const block = { name: BLOCK, seriesCount: series.length };
  await writeCompanions(disk, folder, block, (k) => series[k] ?? new Columns());
  return folder;
}

function opened(folder: string, file: string, block = BLOCK): Companion {
  const path = join(folder, file);
  return new Companion(disk.open(path), path, block, new PageCache(1_000_000));
}

/** A double as a whole multiple of 2^-1074. */
function exactly(value: number): bigint {
  const words = new DataView(new ArrayBuffer(8));
  words.setFloat64(0, value);
  const bits = words.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n ? -size : size;
}

interface Bucket {
  values: number[];
  number: number;
}

/** What the samples say, one by one. */
function bucketsOf(rows: Columns, widthMs: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (let i = 0; i < rows.count; i++) {
    if (isStaleMarker(rows.valueWords[2 * i] ?? 0, rows.valueWords[2 * i + 1] ?? 0)) continue;
    const number = Math.ceil((rows.timesMs[i] ?? 0) / widthMs);
    const last = buckets.at(-1);
    const bucket = last?.number === number ? last : { number, values: [] };
    if (bucket !== last) buckets.push(bucket);
    bucket.values.push(rows.values[i] ?? 0);
  }
  return buckets;
}

function expectBucket(got: BucketRows, i: number, { values, number }: Bucket): void {
  expect(got.numbers[i]).toBe(number);
  expect(got.counts[i]).toBe(values.length);
  const plain = values.reduce((sum, value) => sum + value, 0);
  let [least, most] = [Number.NaN, Number.NaN];
  for (const value of values) {
    if (value < least || Number.isNaN(least)) least = value;
    if (value > most || Number.isNaN(most)) most = value;
  }
  expect(got.minimums[i]).toBe(least);
  expect(got.maximums[i]).toBe(most);
  const [sum, low, error] = [got.sums[i] ?? 0, got.lows[i] ?? 0, got.errors[i] ?? 0];
  if (!Number.isFinite(plain)) return void expect(sum).toBe(plain);
  const exact = values.reduce((all, value) => all + exactly(value), 0n);
  const off = exact - exactly(sum) - exactly(low);
  expect(off < 0n ? -off : off).toBeLessThanOrEqual(exactly(error));
}

describe("a companion", () => {
  it.each(KINDS)("tells of %s what the samples do", async (kind) => {
    const random = seededRandom(11);
    const series = Array.from({ length: 12 }, () => rowsOf(kind, random));
    const folder = await written(series);
    let kept = 0;
    for (const { file, widthMs, hasCounters } of COMPANIONS) {
      const companion = opened(folder, file);
      for (const [k, rows] of series.entries()) {
        const wanted = bucketsOf(rows, widthMs);
        const isCounter = kind === "counter" || kind === "decimals";
        const isKept = wanted.length * 8 <= rows.count && (hasCounters || !isCounter);
        expect(companion.keeps(k)).toBe(isKept);
        if (!companion.keeps(k)) continue;
        kept++;
        const got = new BucketRows();
        companion.read(k, got);
        expect(got.count).toBe(wanted.length);
        for (const [i, bucket] of wanted.entries()) expectBucket(got, i, bucket);
      }
      companion.close();
    }
    expect(kept).toBeGreaterThan(6);
  });

  it("keeps no buckets of histograms, of sums that may overflow, of samples far apart", async () => {
    const random = seededRandom(12);
    const histograms = rowsOf("counter", random);
    addHistogram(histograms, 3e12, histogramOf(random));
    const large = rowsOf("counter", random);
    addValue(large, 3e12, -1e300);
    const sparse = new Columns();
    for (let i = 0; i < 1_000; i++) addValue(sparse, i * HOUR_MS, i);
    const folder = await written([histograms, large, sparse, rowsOf("constant", random)]);
    for (const { file } of COMPANIONS) {
      const companion = opened(folder, file);
      expect([0, 1, 2, 3].map((k) => companion.keeps(k))).toEqual([false, false, false, true]);
      companion.close();
    }
  });

  it("tells damage of any byte, or answers what it did", async () => {
    const random = seededRandom(13);
    const series = KINDS.map((kind) => rowsOf(kind, random));
    const folder = await written(series);
    let told = 0;
    for (const { file } of COMPANIONS) {
      const answers = () => {
        const companion = opened(folder, file);
        const into = new BucketRows();
        return series.map((_, k) => {
          if (!companion.keeps(k)) return [];
          companion.read(k, into);
          const { count, sums, lows, minimums, maximums, counts, numbers } = into;
          const columns = [sums, lows, minimums, maximums, counts, numbers];
          return columns.map((column) => column.slice(0, count));
        });
      };
      const wanted = answers();
      const path = join(folder, file);
      for (let flip = 0; flip < 100; flip++) {
        const bytes = readFileSync(path);
        const at = random.below(bytes.length);
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        writeFileSync(path, damaged);
        try {
          expect(answers()).toEqual(wanted);
        } catch (error) {
          if (!(error instanceof OpsError)) throw error;
          expect(error.code).toBe("OPS-1320");
          told++;
        }
        writeFileSync(path, bytes);
      }
    }
    expect(told).toBeGreaterThan(190);
  });

  it("of another block is refused", async () => {
    const folder = await written([rowsOf("counter", seededRandom(14))]);
    expect(() => opened(folder, "companion-1h", "00000002-0-1")).toThrow("belongs to block");
  });

  it("can be read by whoever has its page alone", async () => {
    const random = seededRandom(15);
    const series = KINDS.map((kind) => rowsOf(kind, random));
    const folder = await written(series);
    for (const { file } of COMPANIONS) expectRead(folder, file, series.length);
  });

  it("[BLOCK7] is read as version 1 wrote it", () => {
    const golden = join(import.meta.dirname, "testdata", "companion-v1");
    const random = seededRandom(16);
    const series = KINDS.map((kind) => rowsOf(kind, random));
    for (const { file, widthMs } of COMPANIONS) {
      expectRead(golden, file, series.length);
      const read = readCompanion(join(golden, file));
      expect(read.filter((buckets) => buckets).length).toBeGreaterThan(2);
      for (const [k, buckets] of read.entries()) {
        if (!buckets) continue;
        const wanted = bucketsOf(series[k] ?? new Columns(), widthMs);
        expect(buckets.map(({ number, count }) => [number, count])).toEqual(
          wanted.map(({ number, values }) => [number, values.length]),
        );
      }
    }
  });
});

/** The stranger's reader and ours agree. */
function expectRead(folder: string, file: string, seriesCount: number): void {
  const companion = opened(folder, file);
  const into = new BucketRows();
  const read = readCompanion(join(folder, file));
  expect(read.length).toBe(seriesCount);
  for (const [k, buckets] of read.entries()) {
    expect(companion.keeps(k)).toBe(buckets !== undefined);
    if (!buckets) continue;
    companion.read(k, into);
    expect(into.count).toBe(buckets.length);
    for (const [i, { number, count, sum, low, least, most }] of buckets.entries()) {
      expect([into.numbers[i], into.counts[i], into.sums[i], into.lows[i]]).toEqual([
        number,
        count,
        sum,
        low,
      ]);
      expect([into.minimums[i], into.maximums[i]]).toEqual([least, most]);
    }
  }
  companion.close();
}
