import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  labelsOf,
  matcher,
  type NativeHistogram,
  NO_BUCKETS,
  type SeriesBatch,
  type TimeRange,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { ALL_TIME, readRows, rowsOf } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import type { SharedSeries, TsdbReader } from "../index.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { Layers } from "./layers.test.tools.ts";

const A = { __name__: "up", job: "a" };
const B = { __name__: "up", job: "b" };
const C = { __name__: "down", job: "c" };
const EVERY_SERIES = { matchers: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
const EVERYTHING = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };

async function layered(test: (layers: Layers) => Promise<void>): Promise<void> {
  const folder = freshFolder();
  const layers = await Layers.open(folder);
  await test(layers);
  await layers.close();
}

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

function histogram(sum: number): NativeHistogram {
  return {
    isInteger: true,
    resetHint: "unknown",
    schema: 2,
    zeroThreshold: 0.001,
    zeroCount: 1,
    count: 4,
    sum,
    positive: { spans: [{ offset: 0, length: 2 }], counts: Float64Array.of(1, 2) },
    negative: NO_BUCKETS,
    customBounds: new Float64Array(0),
  };
}

it("matchers that are asked again match what came since, few series or many", () =>
  layered(async (layers) => {
    const named = [matcher("__name__", "=", "up"), matcher("job", "!=", "b")];
    const seen = async () => {
      const snapshot = await layers.reader.snapshot({ ...EVERY_SERIES, matchers: named });
      const { length } = snapshot.series;
      snapshot.close();
      return length;
    };
    const jobs = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ({ __name__: "up", job: String(from + i) }));
    const add = (series: readonly { __name__: string; job: string }[]) =>
      layers.append(...series.map((one): [typeof one, [number, number][]] => [one, [[1, 1]]]));
    expect(await seen()).toBe(0);
    await add([A, B, C]);
    expect([await seen(), await seen()]).toEqual([1, 1]);
    await add(jobs(0, 4_095));
    expect([await seen(), await seen()]).toEqual([4_096, 4_096]);
    await add(jobs(4_095, 4_100));
    expect([await seen(), await seen()]).toEqual([4_101, 4_101]);
  }));

it("a pin of very many series, whose places are written in memory of the reader, stands still", () =>
  layered(async (layers) => {
    const many = Array.from({ length: 40_000 }, (_, i) => ({ __name__: "many", i: String(i) }));
    const rowsAt = (timeMs: number) =>
      many.map((labels, i) => [labels, [[timeMs, i]]] as [typeof labels, [number, number][]]);
    await layers.append(...rowsAt(1));
    const named = [matcher("__name__", "=~", "ma.*")];
    for (const [i, matchers] of [[], named, [], named].entries()) {
      const snapshot = await layers.reader.snapshot({ ...EVERY_SERIES, matchers });
      await layers.append(...rowsAt(i + 2));
      const rows = Object.values(await rowsOf(snapshot));
      snapshot.close();
      expect(rows).toHaveLength(many.length);
      expect(rows.filter(({ length }) => length !== i + 1)).toEqual([]);
    }
  }));

describe("[READ1] a snapshot joins blocks, the frozen head and the newest samples", () => {
  it("each label set once, whoever knows it", () =>
    layered(async (layers) => {
      await layers.addBlock([A, [[1, 1]]], [C, [[2, 2]]]);
      await layers.append([B, [[3, 3]]], [A, [[4, 4]]]);
      await layers.freeze();
      await layers.append([A, [[5, 5]]]);
      await layers.addBlock([B, [[1, 10]]]);
      const snapshot = await layers.reader.snapshot(EVERY_SERIES);
      expect(snapshot.series).toHaveLength(3);
      expect(await rowsOf(snapshot)).toEqual({
        'up{job="a"}': [
          [1, 1],
          [4, 4],
          [5, 5],
        ],
        'up{job="b"}': [
          [1, 10],
          [3, 3],
        ],
        'down{job="c"}': [[2, 2]],
      });
      snapshot.close();
    }));

  it("within the range, matched by label, stale rows as such", () =>
    layered(async (layers) => {
      await layers.addBlock(
        [
          A,
          [
            [1, 1],
            [5, "stale"],
          ],
        ],
        [
          B,
          [
            [1, 1],
            [9, 9],
          ],
        ],
      );
      await layers.addBlock([A, [[100, 1]]]);
      await layers.append([A, [[50, 5]]]);
      const isB = [matcher("job", "=", "b")];
      expect(await readRows(layers.reader, isB)).toEqual({
        'up{job="b"}': [
          [1, 1],
          [9, 9],
        ],
      });
      expect(await readRows(layers.reader, [], { fromMs: 4, toMs: 60 })).toEqual({
        'up{job="a"}': [
          [5, "stale"],
          [50, 5],
        ],
        'up{job="b"}': [[9, 9]],
      });
      expect(await readRows(layers.reader, [matcher("job", "=", "z")])).toEqual({});
    }));

  it("the same at every query, with the same arrays of labels", () =>
    layered(async (layers) => {
      await layers.addBlock([A, [[1, 1]]]);
      await layers.append([A, [[2, 2]]], [B, [[2, 2]]]);
      const first = await layers.reader.snapshot(EVERY_SERIES);
      const second = await layers.reader.snapshot(EVERY_SERIES);
      expect(second.series).toEqual(first.series);
      for (const [i, labels] of second.series.entries()) expect(labels).toBe(first.series[i]);
      first.close();
      second.close();
    }));

  it("over many series, in batches", () =>
    layered(async (layers) => {
      const series = Array.from({ length: 2_500 }, (_, i) => ({ __name__: "n", i: String(i) }));
      await layers.addBlock(...series.map((one, i) => [one, [[1_000, i]]] as const));
      await layers.append(...series.map((one, i) => [one, [[i, -i]]] as const));
      const rows = await readRows(layers.reader);
      expect(Object.keys(rows)).toHaveLength(2_500);
      expect(rows['n{i="7"}']).toEqual([
        [7, -7],
        [1_000, 7],
      ]);
      expect(rows['n{i="2499"}']).toEqual([
        [1_000, 2_499],
        [2_499, -2_499],
      ]);
      expect(rows['n{i="1000"}']).toEqual([[1_000, 1_000]]);
    }));
});

describe("[READ2] of samples at one time the first to arrive is answered", () => {
  it("blocks in their order, then the frozen head, then the newest", () =>
    layered(async (layers) => {
      await layers.append([
        A,
        [
          [1, 3],
          [2, 3],
          [3, 3],
          [4, 3],
        ],
      ]);
      await layers.freeze();
      await layers.append([
        A,
        [
          [0, 4],
          [1, 4],
          [2, 4],
          [3, 4],
          [4, 4],
          [5, 4],
        ],
      ]);
      await layers.addBlock([
        A,
        [
          [2, 1],
          [6, 1],
        ],
      ]);
      await layers.addBlock([
        A,
        [
          [2, 2],
          [3, 2],
          [7, 2],
        ],
      ]);
      expect(await readRows(layers.reader)).toEqual({
        'up{job="a"}': [
          [0, 4],
          [1, 3],
          [2, 1],
          [3, 2],
          [4, 3],
          [5, 4],
          [6, 1],
          [7, 2],
        ],
      });
    }));
});

async function warningsOf(reader: TsdbReader, range: TimeRange): Promise<readonly string[]> {
  const snapshot = await reader.snapshot({ ...EVERY_SERIES, range });
  await rowsOf(snapshot);
  snapshot.close();
  return snapshot.warnings ?? [];
}

describe("[READ3] a block that is damaged", () => {
  it.each(["index", "chunks"])("in %s: told once, the rest is served", (file) =>
    layered(async (layers) => {
      const name = await layers.addBlock([A, [[1, 1]]], [B, [[1, 1]]]);
      await layers.addBlock([A, [[2, 2]]]);
      await layers.append([A, [[3, 3]]]);
      const path = join(layers.folderOf(name), file);
      flipByte(path, Math.floor(readFileSync(path).length / 2));
      const rest = {
        'up{job="a"}': [
          [2, 2],
          [3, 3],
        ],
      };
      expect(await readRows(layers.reader)).toEqual(rest);
      expect(await readRows(layers.reader)).toEqual(rest);
      expect(layers.damage.map(([damaged]) => damaged)).toEqual([name]);
    }),
  );

  it.each(["index", "chunks"])("in %s: warned of in each answer that it touches", (file) =>
    layered(async (layers) => {
      const name = await layers.addBlock([A, [[1_000, 1]]], [B, [[2_000, 1]]]);
      await layers.addBlock([A, [[5_000, 2]]]);
      const path = join(layers.folderOf(name), file);
      flipByte(path, Math.floor(readFileSync(path).length / 2));
      const span = "from 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:02.000Z";
      const warning = `block ${name} is damaged and set aside: samples ${span} may be missing`;
      expect(await warningsOf(layers.reader, { fromMs: 0, toMs: 9_000 })).toEqual([warning]);
      expect(await warningsOf(layers.reader, { fromMs: 2_000, toMs: 9_000 })).toEqual([warning]);
      expect(await warningsOf(layers.reader, { fromMs: 3_000, toMs: 9_000 })).toEqual([]);
    }),
  );

  it("or whose file is not there", () =>
    layered(async (layers) => {
      const name = await layers.addBlock([A, [[1, 1]]]);
      rmSync(join(layers.folderOf(name), "chunks"));
      await layers.append([B, [[3, 3]]]);
      expect(await readRows(layers.reader)).toEqual({ 'up{job="b"}': [[3, 3]] });
      expect(await layers.reader.labelValues("job", EVERYTHING)).toEqual(["b"]);
      expect(layers.damage).toHaveLength(1);
    }));
});

describe("[READ4] the files of a block", () => {
  it("stay open while it is listed, and while a snapshot holds it", () =>
    layered(async (layers) => {
      await layers.addBlock([A, [[1, 1]]]);
      const snapshot = await layers.reader.snapshot(EVERY_SERIES);
      const perBlock = layers.openFiles;
      expect(perBlock).toBeGreaterThan(0);
      layers.setBlocks([]);
      await layers.addBlock([B, [[2, 2]]]);
      expect(await readRows(layers.reader)).toEqual({ 'up{job="b"}': [[2, 2]] });
      expect(layers.openFiles).toBe(2 * perBlock);
      expect(await rowsOf(snapshot)).toEqual({ 'up{job="a"}': [[1, 1]] });
      snapshot.close();
      snapshot.close();
      expect(layers.openFiles).toBe(perBlock);
      expect(await readRows(layers.reader)).toEqual({ 'up{job="b"}': [[2, 2]] });
      expect(layers.openFiles).toBe(perBlock);
      layers.reader.close();
      expect(layers.openFiles).toBe(0);
    }));

  it("are opened anew with its tombstones", () =>
    layered(async (layers) => {
      const name = await layers.addBlock(
        [
          A,
          [
            [1, 1],
            [2, 2],
            [3, 3],
          ],
        ],
        [B, [[1, 1]]],
      );
      const before = await layers.reader.snapshot(EVERY_SERIES);
      await layers.bury(name, [{ ordinal: 0, fromMs: 2, toMs: 9 }]);
      const rows = { 'up{job="a"}': [[1, 1]], 'up{job="b"}': [[1, 1]] };
      expect(await readRows(layers.reader)).toEqual(rows);
      expect((await rowsOf(before))['up{job="a"}']).toHaveLength(3);
      before.close();
      expect(await readRows(layers.reader)).toEqual(rows);
    }));
});

it("[READ5] histograms come from every layer, decoded when they are asked for", () =>
  layered(async (layers) => {
    await layers.addBlock([
      A,
      [
        [1, histogram(1)],
        [2, 2],
        [9, histogram(9)],
      ],
    ]);
    await layers.append([
      A,
      [
        [3, histogram(3)],
        [4, "stale"],
      ],
    ]);
    await layers.freeze();
    await layers.append(
      [
        A,
        [
          [5, histogram(5)],
          [1, histogram(99)],
        ],
      ],
      [B, [[1, 7]]],
    );
    const snapshot = await layers.reader.snapshot(EVERY_SERIES);
    for await (const { timesMs, values, stale, histograms, offsets, count } of snapshot.read(
      ALL_TIME,
    )) {
      const rows = offsets[count] ?? 0;
      const told = Array.from({ length: rows }, (_, row) =>
        histograms?.isHistogram[row] ? histograms.at(row).sum : values[row],
      );
      expect([...timesMs.subarray(0, rows)]).toEqual([1, 2, 3, 4, 5, 9, 1]);
      expect(told).toEqual([1, 2, 3, Number.NaN, 5, 9, 7]);
      expect([...stale.subarray(0, rows)]).toEqual([0, 0, 0, 1, 0, 0, 0]);
      expect(values[0]).toBeNaN();
      expect(histograms?.at(0)).toEqual(histogram(1));
    }
    const plain = await layers.reader.snapshot({
      ...EVERY_SERIES,
      matchers: [matcher("job", "=", "b")],
    });
    for await (const batch of plain.read(ALL_TIME)) expect(batch.histograms).toBeUndefined();
    plain.close();
    snapshot.close();
  }));

describe("[READ9] a snapshot that is handed to another reader", () => {
  /** What another reader gets, once it has heard of all that is named. */
  async function attached(reader: TsdbReader, shared: SharedSeries) {
    for (;;) {
      const found = reader.attach(structuredClone(shared));
      if (found) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function columnsOf(batches: Iterable<SeriesBatch>): readonly (readonly number[])[] {
    return [...batches].flatMap(({ count, offsets, timesMs, values }) =>
      Array.from({ length: count }, (_, k) => [
        ...timesMs.slice(offsets[k], offsets[k + 1]),
        ...values.slice(offsets[k], offsets[k + 1]),
      ]),
    );
  }

  it("has the same samples of every layer there, as of its moment", () =>
    layered(async (layers) => {
      const other = layers.openReader();
      await layers.addBlock([A, [[1, 1]]], [C, [[2, 2]]]);
      await layers.append([B, [[3, 3]]], [A, [[4, 4]]]);
      await layers.freeze();
      await layers.append([A, [[5, 5]]]);
      const snapshot = await layers.reader.snapshot(EVERY_SERIES);
      const shared = await attached(other, snapshot.share!() as SharedSeries);
      await layers.append([A, [[6, 6]]]);
      await layers.addBlock([C, [[7, 7]]]);
      const read = (order: number[]) =>
        columnsOf(shared.read(ALL_TIME, Uint32Array.from(order), UNLIMITED_BUDGET));
      const alone: number[][] = [];
      for await (const { count, offsets, timesMs, values } of snapshot.read(ALL_TIME)) {
        for (let k = 0; k < count; k++) {
          const rows = [offsets[k], offsets[k + 1]] as const;
          alone.push([...timesMs.slice(...rows), ...values.slice(...rows)]);
        }
      }
      expect(alone).toHaveLength(3);
      expect(read([0, 1, 2])).toEqual(alone);
      expect(read([2, 0])).toEqual([alone[2], alone[0]]);
      shared.close();
      snapshot.close();
    }));

  it("throws there where a block is damaged, and is read without it by its own reader", () =>
    layered(async (layers) => {
      const other = layers.openReader();
      const name = await layers.addBlock([A, [[1, 1]]]);
      await layers.append([A, [[2, 2]]]);
      const path = join(layers.folderOf(name), "chunks");
      const snapshot = await layers.reader.snapshot(EVERY_SERIES);
      flipByte(path, Math.floor(readFileSync(path).length / 2));
      const shared = await attached(other, snapshot.share!() as SharedSeries);
      const read = () => columnsOf(shared.read(ALL_TIME, Uint32Array.of(0), UNLIMITED_BUDGET));
      expect(read).toThrow("damaged");
      expect(layers.damage).toEqual([]);
      expect(await rowsOf(snapshot)).toEqual({ 'up{job="a"}': [[2, 2]] });
      expect(layers.damage).toHaveLength(1);
      shared.close();
      snapshot.close();
    }));
});

describe("[READ6] names, values and series", () => {
  it("are those of all layers with samples in the range", () =>
    layered(async (layers) => {
      await layers.addBlock([A, [[1, 1]]], [C, [[50, 1]]]);
      await layers.append([{ zone: "z" }, [[70, 1]]]);
      await layers.freeze();
      await layers.append([B, [[90, 1]]]);
      const { reader } = layers;
      expect(await reader.labelNames(EVERYTHING)).toEqual(["__name__", "job", "zone"]);
      expect(await reader.labelValues("job", EVERYTHING)).toEqual(["a", "b", "c"]);
      expect(await reader.series(EVERYTHING)).toEqual([C, A, B, { zone: "z" }].map(labelsOf));
      const early = { ...EVERYTHING, range: { fromMs: 0, toMs: 40 } };
      expect(await reader.labelValues("job", early)).toEqual(["a"]);
      expect(await reader.labelNames(early)).toEqual(["__name__", "job"]);
      expect(await reader.series(early)).toEqual([labelsOf(A)]);
      const matcherSets = [[matcher("job", "=", "c")], [matcher("__name__", "=", "down")]];
      expect(await reader.series({ ...EVERYTHING, matcherSets })).toEqual([labelsOf(C)]);
      expect(await reader.labelValues("job", { ...EVERYTHING, matcherSets })).toEqual(["c"]);
      expect(await reader.labelValues("job", { ...EVERYTHING, limit: 1 })).toEqual(["a", "b"]);
    }));
});
