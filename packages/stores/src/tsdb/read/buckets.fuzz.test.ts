import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Random, type Snapshot, seededRandom, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { openNodeDisk } from "../../disk/index.ts";
import { openBlock, PageCache } from "../block/index.ts";
import { writeCompanions } from "../companion/index.ts";
import { Columns } from "../memory/columns.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { type LayerRow, type LayerSeries, Layers } from "./layers.test.tools.ts";

const HOUR_MS = 3_600_000;
const START_MS = 470_000 * HOUR_MS;
const HOURS = 30;
const EVERY_MS = 20_000;
const disk = openNodeDisk();

async function openLayers(): Promise<Layers> {
  const folder = freshFolder();
  return Layers.open(folder);
}

const SERIES = ["a", "b", "c", "d"].map((i) => ({ __name__: "x", i }));

/** Rows of some hours, now and then with a gap. */
function rowsOf(random: Random, fromMs: number, toMs: number): LayerRow[] {
  const rows: LayerRow[] = [];
  const isRound = random.below(2) === 0;
  for (let timeMs = fromMs; timeMs <= toMs; timeMs += EVERY_MS) {
    if (random.below(2_000) === 0) timeMs += random.below(3 * HOUR_MS);
    const value = random.below(400) === 0 ? "stale" : random.below(2_000) / 10 - 60;
    rows.push([isRound ? timeMs : timeMs + random.below(9_000), value]);
  }
  return rows;
}

/** Rows of some of the series in a stretch that may overlap any other. */
function someSeries(random: Random): LayerSeries[] {
  const isWide = random.below(2) === 0;
  const from = random.below(isWide ? 4 : HOURS);
  const hours = isWide ? HOURS - from - random.below(4) : 1 + random.below(6);
  const shiftMs = random.below(3) === 0 ? 0 : random.below(HOUR_MS);
  const fromMs = START_MS + from * HOUR_MS + shiftMs;
  const chosen = SERIES.filter(() => random.below(3) > 0);
  const series = chosen.length > 0 ? chosen : SERIES.slice(0, 1);
  return series.map((one) => [one, rowsOf(random, fromMs, fromMs + hours * HOUR_MS)]);
}

async function accompany(layers: Layers, name: string): Promise<void> {
  const ref = layers.blocks.find(({ meta }) => meta.name === name);
  if (!ref) throw new Error(`no block ${name}`);
  const folder = layers.folderOf(name);
  const block = openBlock(disk, folder, { meta: ref.meta }, new PageCache(1e6));
  const rows = new Columns();
  const files = await writeCompanions(disk, folder, ref.meta, (series) => {
    rows.clear();
    block.read(series, ALL_TIME, rows);
    return rows;
  });
  block.close();
  const companions = { files, serial: layers.version };
  layers.setBlocks(layers.blocks.map((one) => (one === ref ? { ...one, companions } : one)));
}

async function build(random: Random, layers: Layers): Promise<void> {
  for (let i = 0; i < 1 + random.below(4); i++) {
    const name = await layers.addBlock(...someSeries(random));
    if (random.below(4) > 0) await accompany(layers, name);
    if (random.below(2) === 0) {
      const fromMs = START_MS + random.below(HOURS * HOUR_MS);
      const toMs = fromMs + random.below(random.pick([1, HOUR_MS, 5 * HOUR_MS]));
      await layers.bury(name, [{ ordinal: random.below(2), fromMs, toMs }]);
    }
  }
  if (random.below(3) > 0) return;
  await layers.append(...someSeries(random));
  if (random.below(2)) {
    await layers.freeze();
    if (random.below(2)) await layers.append(...someSeries(random));
  }
}

type Bucket = readonly [number: number, count: number, sum: number, least: number, most: number];

async function plainBuckets(snapshot: Snapshot, widthMs: number, range: typeof ALL_TIME) {
  const all: Bucket[][] = snapshot.series.map(() => []);
  for await (const { first, count, offsets, timesMs, values, stale } of snapshot.read(range)) {
    for (let k = 0; k < count; k++) {
      const buckets = new Map<number, number[]>();
      for (let i = offsets[k] ?? 0; i < (offsets[k + 1] ?? 0); i++) {
        if (stale[i]) continue;
        const number = Math.ceil((timesMs[i] ?? 0) / widthMs);
        const known = buckets.get(number) ?? [];
        buckets.set(number, known);
        known.push(values[i] ?? 0);
      }
      all[first + k] = [...buckets].map(([number, inside]) => [
        number,
        inside.length,
        Math.round(inside.reduce((sum, value) => sum + value * 10, 0)) + 0,
        Math.min(...inside),
        Math.max(...inside),
      ]);
    }
  }
  return all;
}

async function keptBuckets(snapshot: Snapshot, startMs: number, endMs: number, alignMs: number) {
  const read = snapshot.buckets?.({ startMs, endMs, alignMs });
  if (!read) return undefined;
  const all: Bucket[][] = snapshot.series.map(() => []);
  let bucketsRead = 0;
  for await (const batch of read.read()) {
    expect(batch.isWhole).toBe(true);
    bucketsRead += batch.bucketsRead;
    for (let k = 0; k < batch.count; k++) {
      const buckets: Bucket[] = [];
      for (let i = batch.offsets[k] ?? 0; i < (batch.offsets[k + 1] ?? 0); i++) {
        buckets.push([
          (batch.endsMs[i] ?? 0) / read.widthMs,
          batch.counts[i] ?? 0,
          Math.round(((batch.sums[i] ?? 0) + (batch.lows[i] ?? 0)) * 10) + 0,
          batch.minimums[i] ?? 0,
          batch.maximums[i] ?? 0,
        ]);
      }
      all[batch.first + k] = buckets;
    }
  }
  return { all, bucketsRead, widthMs: read.widthMs };
}

describe("buckets", () => {
  it("[COMP2] are those of the samples, however blocks and heads overlap", async () => {
    let kept = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed);
      const layers = await openLayers();
      await build(random, layers);
      for (let k = 0; k < 4; k++) {
        const alignMs = random.pick([HOUR_MS, HOUR_MS / 12]);
        const startMs = START_MS + Math.floor(random.below(HOURS * HOUR_MS) / alignMs) * alignMs;
        const endMs = startMs + (1 + random.below(2 * HOURS)) * alignMs;
        const range = { fromMs: startMs + 1, toMs: endMs };
        const request = { matchers: [], range, budget: UNLIMITED_BUDGET };
        const snapshot = await layers.reader.snapshot(request);
        const got = await keptBuckets(snapshot, startMs, endMs, alignMs);
        if (got) {
          kept += got.bucketsRead;
          const wanted = await plainBuckets(snapshot, got.widthMs, range);
          expect(got.all, `seed ${seed}, question ${k}`).toEqual(wanted);
        }
        snapshot.close();
      }
      layers.reader.close();
      await layers.close();
    }
    expect(kept).toBeGreaterThan(2_000);
  });

  it("[COMP3] of a damaged companion are told, and the samples answer", async () => {
    const random = seededRandom(50);
    const layers = await openLayers();
    const endMs = START_MS + 20 * HOUR_MS;
    const name = await layers.addBlock([{ __name__: "x" }, rowsOf(random, START_MS + 1, endMs)]);
    await accompany(layers, name);
    const file = join(layers.folderOf(name), "companion-1h");
    const bytes = readFileSync(file);
    bytes[20] = (bytes[20] ?? 0) ^ 4;
    writeFileSync(file, bytes);
    const range = { fromMs: START_MS + 1, toMs: endMs };
    for (let round = 0; round < 2; round++) {
      const snapshot = await layers.reader.snapshot({
        matchers: [],
        range,
        budget: UNLIMITED_BUDGET,
      });
      const got = await keptBuckets(snapshot, START_MS, endMs, HOUR_MS);
      // The other one is whole: it is what the second question gets.
      expect(got?.widthMs).toBe(round === 0 ? HOUR_MS : HOUR_MS / 12);
      expect(got?.bucketsRead).toBe(round === 0 ? 0 : got?.all[0]?.length);
      expect(got?.all).toEqual(await plainBuckets(snapshot, got?.widthMs ?? 0, range));
      snapshot.close();
    }
    expect(layers.damage).toEqual([[`${name}/companion-1h`, expect.stringContaining("damaged")]]);
    layers.reader.close();
    await layers.close();
  });
});
