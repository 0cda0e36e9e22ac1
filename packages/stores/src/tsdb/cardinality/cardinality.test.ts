import { labelsToRecord, matcher, seededRandom, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME, type SeriesRecord } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { Layers } from "../read/layers.test.tools.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import type { CardinalityRequest } from "./ports.ts";
import { topOf } from "./top.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = 1_000 * HOUR_MS;

async function layered(test: (layers: Layers) => Promise<void>): Promise<void> {
  const folder = freshFolder();
  const layers = await Layers.open(folder);
  await test(layers);
  await layers.close();
}

function ask(more: Partial<CardinalityRequest> = {}): CardinalityRequest {
  const whole = {
    by: "metric",
    matcherSets: [],
    nowMs: NOW_MS,
    limit: 10,
    order: "series",
  } as const;
  return { ...whole, budget: UNLIMITED_BUDGET, ...more };
}

/** Samples at both ends of a life, in hours before now. */
function life(series: SeriesRecord, fromHours: number, toHours: number) {
  const times = [NOW_MS - fromHours * HOUR_MS, NOW_MS - toHours * HOUR_MS];
  return [series, times.map((timeMs) => [timeMs, 1] as const)] as const;
}

describe("topOf", () => {
  it("is the head of the sorted list, at any length", () => {
    const random = seededRandom(5);
    const scores = Array.from({ length: 500 }, () => random.below(60));
    const sorted = scores
      .map((score, place) => ({ score, place }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.place - b.place)
      .map(({ place }) => place);
    for (const limit of [0, 1, 7, 499, 1_000]) {
      expect(topOf(scores, limit)).toEqual(sorted.slice(0, limit));
    }
  });
});

describe("top counts", () => {
  it("[COUNT1] equal a count over all series", () =>
    layered(async (layers) => {
      const random = seededRandom(7);
      for (let i = 0; i < 300; i++) {
        const labels = {
          __name__: `m${random.below(9)}`,
          pod: `p${i}`,
          zone: `z${random.below(3)}`,
        };
        await layers.append([labels, [[i + 1, 1]]]);
        if (i === 200) await layers.freeze();
      }
      const all = await layers.reader.series({
        matcherSets: [],
        range: ALL_TIME,
        budget: UNLIMITED_BUDGET,
      });
      const pairs = new Map<string, number>();
      for (const labels of all) {
        for (const [name, value] of Object.entries(labelsToRecord(labels))) {
          pairs.set(`${name}=${value}`, (pairs.get(`${name}=${value}`) ?? 0) + 1);
        }
      }
      const top = await layers.reader.topCounts(1_000);
      expect(top.seriesCount).toBe(all.length);
      expect(top.labelPairCount).toBe(pairs.size);
      expect(top.range).toEqual({ fromMs: 1, toMs: 300 });
      expect(top.chunkCount).toBeGreaterThanOrEqual(all.length);
      expect(new Map(top.seriesByPair.map(({ name, value }) => [name, value]))).toEqual(pairs);
      const metrics = top.seriesByMetricName.map(({ value }) => value);
      const counts = [...pairs].filter(([name]) => name.startsWith("__name__="));
      expect(metrics).toEqual(counts.map(([, count]) => count).sort((a, b) => b - a));
      for (const { name, value } of top.seriesByMetricName) {
        expect(pairs.get(`__name__=${name}`)).toBe(value);
      }
      expect(top.valuesByLabelName[0]).toEqual({ name: "pod", value: 300 });
      const zone = top.bytesByLabelName.find(({ name }) => name === "zone");
      expect(zone).toEqual({ name: "zone", value: 600 });
      expect((await layers.reader.topCounts(2)).seriesByPair).toEqual(top.seriesByPair.slice(0, 2));
    }));

  it("are empty of an empty store", () =>
    layered(async (layers) => {
      expect(await layers.reader.topCounts(5)).toMatchObject({
        seriesCount: 0,
        chunkCount: 0,
        seriesByPair: [],
      });
    }));
});

describe("cardinality", () => {
  const old = { __name__: "up", pod: "old" };
  const gone = { __name__: "up", pod: "gone" };
  const young = { __name__: "up", pod: "young" };
  const other = { __name__: "down", pod: "old" };

  async function fill(layers: Layers): Promise<void> {
    await layers.addBlock(life(old, 40, 20), life(gone, 30, 12));
    await layers.append(life(old, 19, 0), life(other, 30, 0));
    await layers.freeze();
    await layers.append(life(young, 0.5, 0));
  }

  it("[COUNT2] tells by metric what lives, came and went, over blocks and both heads", () =>
    layered(async (layers) => {
      await fill(layers);
      const { rows, total, sinceMs, rowCount } = await layers.reader.cardinality(ask());
      expect(rows).toEqual([
        {
          name: "up",
          series: 2,
          seriesHourAgo: 1,
          seriesDayAgo: 2,
          createdHour: 1,
          createdDay: 1,
          endedHour: 0,
          endedDay: 1,
        },
        expect.objectContaining({ name: "down", series: 1, seriesDayAgo: 1, createdDay: 0 }),
      ]);
      expect(rowCount).toBe(2);
      expect(total).toMatchObject({ series: 3, seriesDayAgo: 3, createdDay: 1, endedDay: 1 });
      expect(sinceMs).toBe(NOW_MS - 40 * HOUR_MS);
    }));

  it("tells by label how many values there are, and by value each of them", () =>
    layered(async (layers) => {
      await fill(layers);
      const labels = await layers.reader.cardinality(ask({ by: "label" }));
      expect(labels.rows.map(({ name, values }) => [name, values])).toEqual([
        ["__name__", 2],
        ["pod", 2],
      ]);
      const created = ask({ by: "value", order: "created", limit: 1 });
      const { rows, rowCount } = await layers.reader.cardinality(created);
      expect(rows).toMatchObject([{ name: "__name__", value: "up", createdDay: 1 }]);
      expect(rowCount).toBe(5);
    }));

  it("counts those alone that match", () =>
    layered(async (layers) => {
      await fill(layers);
      const matcherSets = [[matcher("pod", "=", "gone")]];
      const { total } = await layers.reader.cardinality(ask({ matcherSets, order: "ended" }));
      expect(total).toMatchObject({ series: 0, endedDay: 1, seriesDayAgo: 1 });
    }));

  it("forgets what ended two days ago", () =>
    layered(async (layers) => {
      await layers.addBlock(life(old, 60, 49));
      await layers.append(life(old, 1, 0));
      const { total } = await layers.reader.cardinality(ask());
      expect(total).toMatchObject({ series: 1, createdDay: 1, endedDay: 0 });
    }));
});
