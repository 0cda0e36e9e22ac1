import { expect, it } from "vitest";
import { labelsOf } from "../labels.ts";
import { type Matcher, matcher } from "../matchers.ts";
import { type MetricStore, UNLIMITED_BUDGET } from "../metric-store.ts";
import {
  ALL_TIME,
  ANY_SERIES,
  appendRows,
  named,
  type Row,
  readRows,
  rowsOf,
} from "./metric-store-contract-tools.ts";

export function deleteContract(open: () => Promise<MetricStore>, lacks?: string): void {
  const test = (title: string, run: (store: MetricStore) => Promise<void>) =>
    it.skipIf(lacks !== undefined)(lacks ? `${title} (cannot: ${lacks})` : title, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });

  test("what is deleted is gone from the next answer, of matching series alone", async (store) => {
    await fill(store);
    await remove(store, [named("a")]);
    expect(await readRows(store)).toEqual({ b: ROWS, c: ROWS });
    const request = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
    expect(await store.series(request)).toEqual([
      labelsOf({ __name__: "b" }),
      labelsOf({ __name__: "c" }),
    ]);
    expect(await store.labelValues("__name__", request)).toEqual(["b", "c"]);
  });

  test("a snapshot from before still sees all of it", async (store) => {
    await fill(store);
    const request = { matchers: ANY_SERIES, range: ALL_TIME, budget: UNLIMITED_BUDGET };
    const snapshot = await store.snapshot(request);
    await remove(store, [named("a")]);
    expect(await rowsOf(snapshot)).toEqual({ a: ROWS, b: ROWS, c: ROWS });
    snapshot.close();
  });

  test("cuts at both ends of the range, which belong to it", async (store) => {
    await fill(store);
    await remove(store, [named("a")], 2_000, 4_000);
    await remove(store, [named("b")], Number.MIN_SAFE_INTEGER, 1_999);
    await remove(store, [named("c")], 4_001, Number.MAX_SAFE_INTEGER);
    expect(await readRows(store)).toEqual({
      a: ROWS.filter(([timeMs]) => timeMs < 2_000 || timeMs > 4_000),
      b: ROWS.filter(([timeMs]) => timeMs > 1_999),
      c: ROWS.filter(([timeMs]) => timeMs < 4_001),
    });
  });

  test("takes several sets as one or the other", async (store) => {
    await fill(store);
    await remove(store, [named("a"), [matcher("__name__", "=~", "b|x")]], 0, 3_000);
    const later = ROWS.filter(([timeMs]) => timeMs > 3_000);
    expect(await readRows(store)).toEqual({ a: later, b: later, c: ROWS });
  });

  test("does nothing where nothing matches", async (store) => {
    await remove(store, [named("a")]);
    await fill(store);
    await remove(store, [named("none")]);
    await remove(store, [named("a")], 10_000, 20_000);
    await remove(store, [named("a")], 1_001, 1_999);
    expect(await readRows(store)).toEqual({ a: ROWS, b: ROWS, c: ROWS });
  });

  test("what is written later is new, also at the same times", async (store) => {
    await fill(store);
    await remove(store, [named("a")], 2_000, 4_000);
    const ack = await appendRows(store, { __name__: "a" }, [
      [3_000, 33],
      [2_000, "stale"],
    ]);
    expect(ack).toEqual({ accepted: 2, rejections: [] });
    expect((await readRows(store)).a).toEqual([
      [1_000, 1],
      [2_000, "stale"],
      [3_000, 33],
      [5_000, 5],
    ]);
    await remove(store, [named("a")]);
    expect(await readRows(store, named("a"))).toEqual({});
  });

  test("deletes from the middle of a long series", async (store) => {
    const rows = Array.from({ length: 2_000 }, (_, i): Row => [i * 15_000, i / 3]);
    await appendRows(store, { __name__: "long" }, rows);
    await remove(store, [named("long")], 500 * 15_000, 1_499 * 15_000);
    expect((await readRows(store)).long).toEqual([...rows.slice(0, 500), ...rows.slice(1_500)]);
  });
}

const ROWS: readonly Row[] = [1, 2, 3, 4, 5].map((i): Row => [i * 1_000, i]);

async function fill(store: MetricStore): Promise<void> {
  for (const name of ["a", "b", "c"]) await appendRows(store, { __name__: name }, ROWS);
}

function remove(
  store: MetricStore,
  matcherSets: readonly (readonly Matcher[])[],
  fromMs = ALL_TIME.fromMs,
  toMs = ALL_TIME.toMs,
): Promise<void> {
  return store.delete({ matcherSets, range: { fromMs, toMs } });
}
