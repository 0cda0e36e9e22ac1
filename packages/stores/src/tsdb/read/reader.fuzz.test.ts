import {
  labelsOf,
  type Matcher,
  type MetricStore,
  matcher,
  type Random,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import {
  ALL_TIME,
  BatchWriter,
  type Row,
  readRows,
  type SeriesRecord,
} from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { openMemoryStore } from "../../memory/index.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { type LayerSeries, Layers } from "./layers.test.tools.ts";

const SPAN_MS = 100_000;

const MATCHERS: readonly (readonly Matcher[])[] = [
  [],
  [matcher("__name__", "=", "m")],
  [matcher("__name__", "=", "m"), matcher("odd", "=", "1")],
  [matcher("i", "=~", "1.*|2")],
  [matcher("odd", "!=", ""), matcher("i", "!=", "3")],
  [matcher("odd", "=", "")],
];

function seriesOf(i: number): SeriesRecord {
  return { __name__: i % 5 ? "m" : "n", i: String(i), ...(i % 2 ? { odd: "1" } : {}) };
}

/** Rising in time; of some series. */
function layerOf(random: Random): readonly LayerSeries[] {
  const picked = Array.from({ length: 24 }, (_, i) => i).filter(() => random.below(3) > 0);
  const [first = 0, ...others] = picked;
  return [first, ...others].map((i) => [seriesOf(i), rowsOf(random)]);
}

function rowsOf(random: Random): readonly Row[] {
  const step = random.pick([1, 250, 1_000]);
  let timeMs = random.below(SPAN_MS);
  return Array.from({ length: 1 + random.below(random.pick([3, 200])) }, () => {
    timeMs += step + (random.below(5) === 0 ? random.below(step) : 0);
    const value =
      random.below(20) === 0 ? "stale" : random.pick([1, random.next(), random.below(9)]);
    return [timeMs, value];
  });
}

async function tell(twin: MetricStore, layer: readonly LayerSeries[]): Promise<void> {
  const batch = new BatchWriter(twin);
  for (const [series, rows] of layer) batch.add(labelsOf(series), rows as readonly Row[]);
  await twin.append(batch.builder.build());
}

async function compare(random: Random, layers: Layers, twin: MetricStore): Promise<void> {
  const fromMs = random.pick([ALL_TIME.fromMs, random.below(2 * SPAN_MS)]);
  const range = { fromMs, toMs: random.pick([ALL_TIME.toMs, fromMs + random.below(SPAN_MS)]) };
  const matchers = random.pick(MATCHERS);
  const { reader } = layers;
  expect(await readRows(reader, matchers, range)).toEqual(await readRows(twin, matchers, range));
  const all = { matcherSets: [matchers], range: ALL_TIME, budget: UNLIMITED_BUDGET };
  expect(await reader.series(all)).toEqual(await twin.series(all));
  expect(await reader.labelNames(all)).toEqual(await twin.labelNames(all));
  expect(await reader.labelValues("i", all)).toEqual(await twin.labelValues("i", all));
}

/** Blocks, then what is frozen, then what is new: the order in which the twin hears of them. */
async function agree(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const folder = freshFolder();
  const layers = await Layers.open(folder);
  const twin = openMemoryStore();
  for (let i = random.below(6); i > 0; i--) {
    const layer = layerOf(random);
    await layers.addBlock(...layer);
    await tell(twin, layer);
    await compare(random, layers, twin);
  }
  const hasFrozen = random.below(3) > 0;
  for (let part = hasFrozen ? 2 : 1; part > 0; part--) {
    for (let i = random.below(4); i > 0; i--) {
      const layer = layerOf(random);
      await layers.append(...layer);
      await tell(twin, layer);
      await compare(random, layers, twin);
    }
    if (part === 2) await layers.freeze();
  }
  for (let i = 0; i < 10; i++) await compare(random, layers, twin);
  await layers.close();
}

describe("[READ1] [READ2] [READ6] a reader of layers agrees with the naive twin", () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) it(`seed ${seed}`, () => agree(seed));
});
