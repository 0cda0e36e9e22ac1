import { expect, it } from "vitest";
import { labelsOf } from "../labels.ts";
import { type MetricStore, type StoredExemplar, UNLIMITED_BUDGET } from "../metric-store.ts";
import { ALL_TIME, BatchWriter, named } from "./metric-store-contract-tools.ts";

export function exemplarContract(open: () => Promise<MetricStore>, lacks?: string): void {
  const test = (title: string, run: (store: MetricStore) => Promise<void>) =>
    it.skipIf(lacks !== undefined)(lacks ? `${title} (cannot: ${lacks})` : title, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });

  test("gives them by series, rising in time, within the range", async (store) => {
    await append(store, "b", [traced(1_000, "x"), traced(3_000, "y")]);
    await append(store, "a", [traced(2_000, "z")]);
    await append(store, "b", [traced(5_000, "")]);
    const all = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
    const a = { labels: labelsOf({ __name__: "a" }), exemplars: [traced(2_000, "z")] };
    const b = labelsOf({ __name__: "b" });
    const exemplars = [traced(1_000, "x"), traced(3_000, "y"), traced(5_000, "")];
    expect(await store.exemplars(all)).toEqual([a, { labels: b, exemplars }]);
    expect(await store.exemplars({ ...all, matcherSets: [named("a")] })).toEqual([a]);
    expect(await store.exemplars({ ...all, matcherSets: [named("none")] })).toEqual([]);
    expect(await store.exemplars({ ...all, range: { fromMs: 3_000, toMs: 4_999 } })).toEqual([
      { labels: b, exemplars: [traced(3_000, "y")] },
    ]);
    const sets = [named("b"), named("a")];
    expect(await store.exemplars({ ...all, matcherSets: sets })).toHaveLength(2);
  });

  test("takes the newest again in silence, and none that is older", async (store) => {
    expect((await append(store, "a", [traced(2_000, "x")])).acceptedExemplars).toBe(1);
    expect((await append(store, "a", [traced(2_000, "x")])).acceptedExemplars).toBe(1);
    const late = await append(store, "a", [traced(1_000, "y"), traced(2_000, "z")]);
    expect(late).toMatchObject({ accepted: 1, acceptedExemplars: 0, rejections: [] });
    const all = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
    expect(await store.exemplars(all)).toMatchObject([{ exemplars: [traced(2_000, "x")] }]);
  });
}

function traced(timeMs: number, trace: string): StoredExemplar {
  return { labels: trace ? labelsOf({ trace_id: trace }) : [], timeMs, value: timeMs / 7 };
}

/** With one sample beside them. */
function append(store: MetricStore, name: string, exemplars: readonly StoredExemplar[]) {
  const batch = new BatchWriter(store);
  const id = batch.series(labelsOf({ __name__: name }));
  batch.builder.add(id, exemplars[0]?.timeMs ?? 0, 1);
  for (const exemplar of exemplars) batch.builder.addExemplar({ id, ...exemplar });
  return store.append(batch.builder.build());
}
