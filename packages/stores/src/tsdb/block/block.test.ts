import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, type Matcher, OpsError, seededRandom, UNLIMITED_BUDGET } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { matchesAll, valueTest } from "../../matching.ts";
import { Columns } from "../memory/columns.ts";
import { decodeHistogram, encodeHistogram } from "../memory/histogram-blob.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { readBlockMeta, readTombstones, writeTombstones } from "./index.ts";
import {
  addHistogram,
  addValue,
  disk,
  histogramOf,
  plainRows,
  readAll,
  reopen,
  type SeriesRows,
  seededSeries,
  writeBlock,
} from "./testing/block.test.tools.ts";
import { readWholeBlock } from "./testing/independent-reader.test.tools.ts";

/** The seed is printed with a failure. */
const SEEDS = [1, 2, 3, Date.now() % 1_000_000];

describe("a block gives back what was written", () => {
  it.each(SEEDS)("of every kind of value, seed %i", async (seed) => {
    const series = seededSeries(seededRandom(seed), 120);
    const folder = freshFolder();
    const meta = await writeBlock(folder, series);
    expect(await readBlockMeta(disk, join(folder, "blocks", meta.name))).toEqual(meta);
    const block = reopen(folder, meta);
    expect(meta.seriesCount).toBe(series.length);
    for (const [ordinal, { labels, rows }] of series.entries()) {
      expect(block.labelsOf(ordinal)).toEqual(labels);
      expect(readAll(block, ordinal)).toEqual(plainRows(rows));
      expect(block.timesOf(ordinal)).toEqual({
        fromMs: rows.timesMs[0],
        toMs: rows.timesMs[rows.count - 1],
      });
    }
    block.close();
  });

  it("within a range", async () => {
    const rows = new Columns();
    for (let i = 0; i < 5_000; i++) addValue(rows, i * 10, i % 7);
    const folder = freshFolder();
    const block = reopen(
      folder,
      await writeBlock(folder, [{ labels: labelsOf({ a: "b" }), rows }]),
    );
    const random = seededRandom(4);
    for (let i = 0; i < 200; i++) {
      const fromMs = random.below(60_000) - 5_000;
      const toMs = fromMs + random.below(30_000);
      const read = new Columns();
      block.read(0, { fromMs, toMs }, read);
      const wanted = plainRows(rows).filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs);
      expect(plainRows(read)).toEqual(wanted);
    }
    block.close();
  });

  it("of many series, over pages of index and postings", async () => {
    const rows = new Columns();
    addValue(rows, 5, 1);
    const series = Array.from({ length: 20_000 }, (_, i) => ({
      labels: labelsOf({ __name__: "wide", i: String(i).padStart(6, "0") }),
      rows,
    }));
    const folder = freshFolder();
    const block = reopen(folder, await writeBlock(folder, series));
    const found = (matchers: readonly Matcher[]) =>
      block.match(matchers.map(valueTest), UNLIMITED_BUDGET);
    expect(found([{ name: "__name__", operator: "=", value: "wide" }]).length).toBe(20_000);
    expect([...found([{ name: "i", operator: "=", value: "012345" }])]).toEqual([12_345]);
    expect(block.labelsOf(12_345)).toEqual(["__name__", "wide", "i", "012345"]);
    expect(block.labelValues("i").length).toBe(20_000);
    expect(block.labelNames()).toEqual(["__name__", "i"]);
    block.close();
  });

  it("of nothing is no block", async () => {
    const folder = freshFolder();
    await expect(writeBlock(folder, [])).rejects.toThrow("without series");
    expect(readdirSync(join(folder, "blocks"))).toEqual([]);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });
});

describe("matching", () => {
  it.each(SEEDS)("agrees with looking at each series, seed %i", async (seed) => {
    const random = seededRandom(seed);
    const series = seededSeries(random, 300);
    const folder = freshFolder();
    const block = reopen(folder, await writeBlock(folder, series));
    const names = ["__name__", "instance", "path", "ä", "absent"];
    const values = [
      "m1",
      "m2|m3",
      ".*",
      ".+",
      "",
      "10\\.0\\.0\\.1.*",
      "/a/1",
      "/a/.*7",
      "x",
      "nothing",
    ];
    for (let i = 0; i < 300; i++) {
      const matchers = Array.from(
        { length: random.below(4) },
        (): Matcher => ({
          name: names[random.below(names.length)] ?? "",
          operator: (["=", "!=", "=~", "!~"] as const)[random.below(4)] ?? "=",
          value: values[random.below(values.length)] ?? "",
        }),
      );
      const tests = matchers.map(valueTest);
      const wanted = series.flatMap(({ labels }, k) => (matchesAll(labels, tests) ? [k] : []));
      expect([...block.match(tests, UNLIMITED_BUDGET)], JSON.stringify(matchers)).toEqual(wanted);
    }
    block.close();
  });
});

describe("tombstones", () => {
  it("cover what they name, until a newer file names more", async () => {
    const rows = new Columns();
    for (let i = 0; i < 10; i++) addValue(rows, i, i);
    const series = ["a", "b"].map((name) => ({ labels: labelsOf({ name }), rows }));
    const folder = freshFolder();
    const meta = await writeBlock(folder, series);
    const place = join(folder, "blocks", meta.name);
    const first = [{ ordinal: 0, fromMs: 2, toMs: 4 }];
    const name = await writeTombstones(disk, place, first);
    const more = [
      ...(await readTombstones(disk, place, name)),
      { ordinal: 0, fromMs: 9, toMs: 99 },
    ];
    const second = await writeTombstones(disk, place, more);
    const times = (tombstones: string, ordinal: number) => {
      const block = reopen(folder, meta, tombstones);
      const found = readAll(block, ordinal).map(([timeMs]) => timeMs);
      block.close();
      return found;
    };
    expect(times(name, 0)).toEqual([0, 1, 5, 6, 7, 8, 9]);
    expect(times(second, 0)).toEqual([0, 1, 5, 6, 7, 8]);
    expect(times(second, 1).length).toBe(10);
  });
});

describe("damage", () => {
  it("of any byte is told, or changes nothing that is answered", async () => {
    const seed = SEEDS[3] ?? 0;
    const random = seededRandom(seed);
    const series = seededSeries(random, 30);
    const folder = freshFolder();
    const meta = await writeBlock(folder, series);
    const place = join(folder, "blocks", meta.name);
    const tombstones = await writeTombstones(disk, place, [{ ordinal: 0, fromMs: 1, toMs: 2 }]);
    const wanted = answers(folder, meta, tombstones);
    const files = readdirSync(place);
    let told = 0;
    for (let flip = 0; flip < 400; flip++) {
      const file = join(place, files[random.below(files.length)] ?? "");
      const bytes = readFileSync(file);
      const at = random.below(bytes.length);
      const whole = bytes[at] ?? 0;
      bytes[at] = whole ^ (1 << random.below(8));
      writeFileSync(file, bytes);
      try {
        await readBlockMeta(disk, place);
        expect(answers(folder, meta, tombstones), `seed ${seed}, ${file} at ${at}`).toEqual(wanted);
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        expect(error.code).toBe("OPS-1320");
        told++;
      }
      bytes[at] = whole;
      writeFileSync(file, bytes);
    }
    expect(told).toBeGreaterThan(390);
  });

  it("of a file that is gone or shorter is told", async () => {
    const folder = freshFolder();
    const meta = await writeBlock(folder, seededSeries(seededRandom(1), 5));
    const place = join(folder, "blocks", meta.name);
    const chunks = readFileSync(join(place, "chunks"));
    writeFileSync(join(place, "chunks"), chunks.subarray(0, chunks.length - 1));
    expect(() => reopen(folder, meta)).toThrow("not as long as it was");
    rmSync(join(place, "index"));
    expect(() => reopen(folder, meta)).toThrow("not there");
    rmSync(join(place, "meta.json"));
    await expect(readBlockMeta(disk, place)).rejects.toThrow("not there");
  });
});

function answers(folder: string, meta: Parameters<typeof reopen>[1], tombstones: string): unknown {
  const block = reopen(folder, meta, tombstones);
  try {
    const series = Array.from({ length: meta.seriesCount }, (_, ordinal) => [
      block.labelsOf(ordinal),
      readAll(block, ordinal),
    ]);
    const test = valueTest({ name: "__name__", operator: "=", value: "m1" });
    return [series, [...block.match([test], UNLIMITED_BUDGET)]];
  } finally {
    block.close();
  }
}

describe("an encoded histogram", () => {
  it("comes back whole, and equal ones have equal bytes", () => {
    const random = seededRandom(9);
    for (let i = 0; i < 500; i++) {
      const histogram = histogramOf(random);
      expect(decodeHistogram(encodeHistogram(histogram))).toEqual(histogram);
      expect(encodeHistogram(structuredClone(histogram))).toEqual(encodeHistogram(histogram));
    }
  });

  it("keeps counts beyond what differences could tell", () => {
    const histogram = { ...histogramOf(seededRandom(3)), isInteger: true, count: 2 ** 53 - 1 };
    expect(decodeHistogram(encodeHistogram(histogram))).toEqual(histogram);
  });
});

/** A small block with one series of each kind. */
function goldenSeries(): SeriesRows[] {
  const kinds: readonly (readonly [string, (rows: Columns, i: number) => void])[] = [
    ["constant", (rows, i) => addValue(rows, i * 15_000, 7)],
    ["counter", (rows, i) => addValue(rows, i * 15_000, i * i)],
    ["gauge", (rows, i) => addValue(rows, i * 15_000, (i % 5) / 100)],
    ["histogram", (rows, i) => addHistogram(rows, i * 15_000, histogramOf(seededRandom(i)))],
    ["words", (rows, i) => addValue(rows, i * 15_000 + (i % 3), Math.sqrt(i + 0.5))],
  ];
  return kinds.map(([name, add]) => {
    const rows = new Columns();
    for (let i = 0; i < 40; i++) add(rows, i);
    return { labels: labelsOf({ __name__: name, job: "golden" }), rows };
  });
}

describe("the format", () => {
  const golden = join(import.meta.dirname, "testdata", "block-v1");

  it("[BLOCK7] is read as version 1 wrote it", async () => {
    const meta = await readBlockMeta(disk, golden);
    const folder = freshFolder();
    await disk.makeFolder(join(folder, "blocks", meta.name));
    for (const file of readdirSync(golden)) {
      writeFileSync(join(folder, "blocks", meta.name, file), readFileSync(join(golden, file)));
    }
    const block = reopen(folder, meta);
    for (const [ordinal, { labels, rows }] of goldenSeries().entries()) {
      expect(block.labelsOf(ordinal)).toEqual(labels);
      expect(readAll(block, ordinal)).toEqual(plainRows(rows));
    }
    block.close();
  });

  it("[BLOCK7] can be read by whoever has its page alone", async () => {
    const series = [...seededSeries(seededRandom(11), 60)];
    const folder = freshFolder();
    const meta = await writeBlock(folder, series);
    const read = readWholeBlock(join(folder, "blocks", meta.name));
    expect(read).toEqual(series.map(({ labels, rows }) => ({ labels, rows: plainRows(rows) })));
  });
});
