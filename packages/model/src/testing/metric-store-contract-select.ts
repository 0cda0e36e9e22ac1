import { expect, it } from "vitest";
import { labelsOf } from "../labels.ts";
import { type Matcher, type MatchOperator, matcher } from "../matchers.ts";
import { type MetricStore, UNLIMITED_BUDGET } from "../metric-store.ts";
import type { TimeRange } from "../time.ts";
import {
  ALL_TIME,
  appendRows,
  named,
  readRows,
  type SeriesRecord,
} from "./metric-store-contract-tools.ts";

type Test = (title: string, run: (store: MetricStore) => Promise<void>) => void;

export function selectContract(open: () => Promise<MetricStore>): void {
  const test: Test = (title, run) =>
    it(title, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });
  matcherTests(test);
  metadataTests(test);
}

const SERIES: readonly SeriesRecord[] = [
  { __name__: "http", job: "api", code: "200" },
  { __name__: "http", job: "api", code: "404" },
  { __name__: "http", job: "web", code: "500", zone: "é-1" },
  { __name__: "up", job: "api" },
  { __name__: "up" },
];

async function fill(store: MetricStore): Promise<void> {
  for (const [i, series] of SERIES.entries()) await appendRows(store, series, [[i * 1_000, i]]);
}

/** The values of the samples found are the indexes of their series. */
async function select(store: MetricStore, ...matchers: readonly Matcher[]): Promise<number[]> {
  const found = Object.values(await readRows(store, matchers));
  return found.map((rows) => Number(rows[0]?.[1])).sort();
}

function matcherTests(test: Test): void {
  test("the four kinds of matcher, an absent label being the empty text", async (store) => {
    await fill(store);
    const one = (name: string, operator: MatchOperator, value: string) =>
      select(store, matcher(name, operator, value));
    expect(await one("job", "=", "api")).toEqual([0, 1, 3]);
    expect(await one("job", "=", "")).toEqual([4]);
    expect(await one("job", "=", "nowhere")).toEqual([]);
    expect(await one("nothing", "=", "")).toEqual([0, 1, 2, 3, 4]);
    expect(await one("job", "!=", "api")).toEqual([2, 4]);
    expect(await one("job", "!=", "")).toEqual([0, 1, 2, 3]);
    expect(await one("nothing", "!=", "")).toEqual([]);
    expect(await one("code", "=~", "[24].*")).toEqual([0, 1]);
    expect(await one("code", "=~", "20")).toEqual([]);
    expect(await one("code", "=~", "200|")).toEqual([0, 3, 4]);
    expect(await one("code", "=~", "200|500")).toEqual([0, 2]);
    expect(await one("code", "!~", "200|")).toEqual([1, 2]);
    expect(await one("code", "!~", "4.*")).toEqual([0, 2, 3, 4]);
    expect(await one("nothing", "=~", ".+")).toEqual([]);
    expect(await one("nothing", "=~", ".*")).toEqual([0, 1, 2, 3, 4]);
  });

  test("several matchers must all hold", async (store) => {
    await fill(store);
    const http = matcher("__name__", "=", "http");
    expect(await select(store, http, matcher("job", "=", "api"))).toEqual([0, 1]);
    expect(await select(store, http, matcher("code", "!=", "200"))).toEqual([1, 2]);
    expect(
      await select(store, matcher("job", "!=", ""), http, matcher("code", "!~", "[25].*")),
    ).toEqual([1]);
    expect(await select(store, http, matcher("__name__", "=", "up"))).toEqual([]);
    expect(await select(store, matcher("code", "=", ""), matcher("job", "=", ""))).toEqual([4]);
    expect(await select(store)).toEqual([0, 1, 2, 3, 4]);
  });

  test("names and values are any UTF-8", async (store) => {
    const series = { __name__: "größe.total", "étiquette 1": "日本", "😀": 'a"b\\c\n' };
    await appendRows(store, series, [[1_000, 0]]);
    await appendRows(store, { __name__: "größe", "\uffff": "x" }, [[1_000, 1]]);
    expect(await select(store, ...named("größe.total"))).toEqual([0]);
    expect(await select(store, matcher("étiquette 1", "=~", "日."))).toEqual([0]);
    expect(await select(store, matcher("😀", "!=", ""))).toEqual([0]);
    const request = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
    expect(await store.series({ ...request, matcherSets: [named("größe.total")] })).toEqual([
      labelsOf(series),
    ]);
    expect(await store.labelNames(request)).toEqual(["__name__", "étiquette 1", "\uffff", "😀"]);
  });

  test("a pattern that cannot be read is the caller's error", async (store) => {
    await fill(store);
    await expect(select(store, matcher("job", "=~", "("))).rejects.toMatchObject({
      code: "OPS-1301",
      status: 400,
    });
  });
}

function metadataTests(test: Test): void {
  const ask = (
    matcherSets: readonly (readonly Matcher[])[] = [],
    range: TimeRange = ALL_TIME,
    limit = 0,
  ) => ({ matcherSets, range, limit, budget: UNLIMITED_BUDGET });

  test("lists label names", async (store) => {
    expect(await store.labelNames(ask())).toEqual([]);
    await fill(store);
    expect(await store.labelNames(ask())).toEqual(["__name__", "code", "job", "zone"]);
    expect(await store.labelNames(ask([named("up")]))).toEqual(["__name__", "job"]);
    expect(await store.labelNames(ask([named("up"), [matcher("zone", "!=", "")]]))).toEqual([
      "__name__",
      "code",
      "job",
      "zone",
    ]);
    expect(await store.labelNames(ask([named("none")]))).toEqual([]);
  });

  test("lists the values of a label", async (store) => {
    await fill(store);
    expect(await store.labelValues("code", ask())).toEqual(["200", "404", "500"]);
    expect(await store.labelValues("code", ask([[matcher("job", "=", "api")]]))).toEqual([
      "200",
      "404",
    ]);
    expect(await store.labelValues("job", ask([named("up"), named("http")]))).toEqual([
      "api",
      "web",
    ]);
    expect(await store.labelValues("nothing", ask())).toEqual([]);
  });

  test("lists series sorted, none twice", async (store) => {
    await fill(store);
    const sets = [named("up"), [matcher("job", "=", "api")]];
    expect(await store.series(ask(sets))).toEqual(
      [
        labelsOf(SERIES[4] ?? {}),
        labelsOf(SERIES[3] ?? {}),
        labelsOf(SERIES[0] ?? {}),
        labelsOf(SERIES[1] ?? {}),
      ].sort((a, b) => (a.join() < b.join() ? -1 : 1)),
    );
    expect(await store.series(ask())).toHaveLength(5);
  });

  test("lists only what has samples in the range", async (store) => {
    await fill(store);
    const early = { fromMs: 0, toMs: 1_000 };
    expect(await store.series(ask([], early))).toHaveLength(2);
    expect(await store.labelNames(ask([], early))).toEqual(["__name__", "code", "job"]);
    expect(await store.labelValues("code", ask([], early))).toEqual(["200", "404"]);
    expect(await store.labelValues("code", ask([], { fromMs: 3_000, toMs: 9_000 }))).toEqual([]);
  });

  test("answers one more than the limit, so that a cut can be told", async (store) => {
    await fill(store);
    expect(await store.labelNames(ask([], ALL_TIME, 2))).toEqual(["__name__", "code", "job"]);
    expect(await store.labelNames(ask([], ALL_TIME, 4))).toHaveLength(4);
    expect(await store.labelValues("code", ask([], ALL_TIME, 1))).toEqual(["200", "404"]);
    expect(await store.series(ask([], ALL_TIME, 1))).toHaveLength(2);
  });
}
