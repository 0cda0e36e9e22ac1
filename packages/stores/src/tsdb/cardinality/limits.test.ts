import { labelsOf, type StoreFigure } from "@hms-ops/model";
import { appendRows, BatchWriter, type SeriesRecord } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { TSDB_LIMITS } from "../../limits.ts";
import type { Tsdb } from "../index.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "../testing/open-store.test.tools.ts";

async function opened(limits: object, test: (store: Tsdb) => Promise<void>): Promise<void> {
  const folder = freshFolder();
  const store = await openTestTsdb(folder, { limits });
  await test(store);
  await store.close();
}

async function hits(store: Tsdb, limit: string): Promise<number | undefined> {
  const { figures = [] } = await store.stats();
  const isIt = ({ name, labels }: StoreFigure) =>
    name === "limit_hits_total" && labels?.limit === limit;
  return figures.find(isIt)?.value;
}

describe("[LIMIT1] a limit that refuses samples", () => {
  async function names(
    limits: object,
    series: SeriesRecord,
    expected: { readonly limit: string; readonly text: string },
  ): Promise<void> {
    await opened(limits, async (store) => {
      await appendRows(store, { __name__: "m", i: "0" }, [[1, 1]]);
      const ack = await appendRows(store, series, [
        [1, 1],
        [2, 2],
      ]);
      expect(ack).toMatchObject({ accepted: 0, rejections: [{ count: 2 }] });
      expect(ack.rejections[0]?.example).toContain(expected.text);
      expect(ack.rejections[0]?.example).toMatch(/^m\{.* sent by /);
      const { limitHits } = await store.stats();
      expect(limitHits).toMatchObject([{ limit: expected.limit, metric: "m", count: 2 }]);
      expect(limitHits?.[0]?.example).toContain(expected.text);
      expect(await hits(store, expected.limit)).toBe(2);
    });
  }

  it("names its offender: too many series of all", () =>
    names(
      { seriesMax: 1 },
      { __name__: "m", i: "1" },
      { limit: "seriesMax", text: "the store holds 1 series" },
    ));

  it("[KEEP6] names its offender: too many series of one metric", () =>
    names(
      { seriesPerMetricMax: 1 },
      { __name__: "m", i: "1" },
      { limit: "seriesPerMetricMax", text: "the metric m has 1 series" },
    ));

  it("names its offender: too many labels", () =>
    names(
      { labelsPerSeriesMax: 2 },
      { __name__: "m", a: "1", b: "2" },
      { limit: "labelsPerSeriesMax", text: "it has 3 labels, 2 are allowed" },
    ));

  it("names its offender: a long name of a label", () =>
    names(
      { labelNameBytesMax: 10 },
      { __name__: "m", abcdefghijk: "1" },
      {
        limit: "labelNameBytesMax",
        text: "the label name abcdefghijk has 11 bytes, 10 are allowed",
      },
    ));

  it("names its offender: a long value of a label", () =>
    names(
      { labelValueBytesMax: 4 },
      { __name__: "m", a: "äöü" },
      { limit: "labelValueBytesMax", text: "the value of label a has 6 bytes, 4 are allowed" },
    ));

  it("adds up by metric and sender, the latest offender first", () =>
    opened({ seriesMax: 1 }, async (store) => {
      await appendRows(store, { __name__: "first" }, [[1, 1]]);
      for (const [name, i] of [
        ["a", "1"],
        ["b", "1"],
        ["a", "2"],
      ] as const) {
        await appendRows(store, { __name__: name, i }, [[1, 1]]);
      }
      const { limitHits = [] } = await store.stats();
      expect(limitHits.map(({ metric, count }) => [metric, count])).toEqual([
        ["a", 2],
        ["b", 1],
      ]);
    }));

  it("remembers the latest hundred offenders alone, and counts all", () =>
    opened({ seriesMax: 1 }, async (store) => {
      const batch = new BatchWriter(store);
      for (let i = 0; i < 1_500; i++) batch.add(labelsOf({ __name__: `m${i}` }), [[1, 1]]);
      await store.append(batch.builder.build());
      expect((await store.stats()).limitHits).toHaveLength(100);
      expect(await hits(store, "seriesMax")).toBe(1_499);
    }));
});

describe("every limit", () => {
  it("[LIMIT2] has its counter, but the one that ends nothing", () =>
    opened({}, async (store) => {
      for (const limit of Object.keys(TSDB_LIMITS)) {
        expect(await hits(store, limit), limit).toBe(limit === "flushRowsMin" ? undefined : 0);
      }
    }));
});
