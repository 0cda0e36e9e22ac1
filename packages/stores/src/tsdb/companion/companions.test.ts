import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, seededRandom, UNLIMITED_BUDGET } from "@hms-ops/model";
import { BatchWriter, FakeClock } from "@hms-ops/model/testing";
import { prepareQuery, runQuery } from "@hms-ops/query";
import { describe, expect, it } from "vitest";
import type { Tsdb, TsdbOptions } from "../index.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "../testing/open-store.test.tools.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST_DAY = 19_000;
const FILES = ["companion-1h", "companion-5m"];

interface Opened {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly store: Tsdb;
}

async function openAt(day: number, options: Partial<TsdbOptions> = {}): Promise<Opened> {
  const folder = freshFolder();
  const clock = new FakeClock(day * DAY_MS);
  return { folder, clock, store: await openTestTsdb(folder, { clock, ...options }) };
}

type ValueAt = (timeMs: number) => number;

async function appendDay(store: Tsdb, day: number, valueAt: ValueAt, seriesCount = 1) {
  const writer = new BatchWriter(store);
  for (let series = 0; series < seriesCount; series++) {
    const id = writer.series(labelsOf({ __name__: "x", i: String(series) }));
    for (let timeMs = day * DAY_MS + 7; timeMs < (day + 1) * DAY_MS; timeMs += 30_000) {
      writer.builder.add(id, timeMs, valueAt(timeMs));
    }
  }
  await store.append(writer.builder.build());
}

/** What the background does in the first hours after midnight. */
async function passNight({ store, clock }: Opened): Promise<void> {
  await store.maintain({ flush: true });
  await clock.advance(2 * HOUR_MS);
  await store.maintain();
}

async function ask(store: Tsdb, text: string, endMs: number) {
  const { query } = prepareQuery(text);
  if (!query) throw new Error(`${text} cannot be read`);
  const parameters = {
    grid: { startMs: endMs, stepMs: 1, count: 1 },
    instant: true,
    lookbackMs: 300_000,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: 60_000,
  };
  const [kept, plain] = [
    await runQuery(query, store, parameters),
    await runQuery(query, store, { ...parameters, companions: "off" }),
  ];
  return { kept, plain };
}

function onlyValue({ value }: Awaited<ReturnType<typeof ask>>["kept"]): number {
  return value.kind === "vector" ? (value.elements[0]?.value ?? Number.NaN) : Number.NaN;
}

async function detail(store: Tsdb, name: string): Promise<number> {
  return (await store.stats()).details[name] ?? Number.NaN;
}

function blockFolders(folder: string): string[] {
  const blocks = join(folder, "blocks");
  return readdirSync(blocks).map((name) => join(blocks, name));
}

describe("companions", () => {
  it("[COMP1] are made when a day is over, counted, found again, and go with their block", async () => {
    const opened = await openAt(FIRST_DAY + 1, { retentionMs: 30 * DAY_MS });
    const { folder, clock, store } = opened;
    await appendDay(store, FIRST_DAY, (timeMs) => (timeMs / 1e5) % 977);
    await store.maintain({ flush: true });
    const [block = ""] = blockFolders(folder);
    expect(readdirSync(block)).not.toContain(FILES[0]);
    const before = await detail(store, "block_bytes");
    await clock.advance(2 * HOUR_MS);
    await store.maintain();
    expect(readdirSync(block)).toEqual(expect.arrayContaining(FILES));
    const added = FILES.reduce((sum, file) => sum + statSync(join(block, file)).size, 0);
    expect(await detail(store, "block_bytes")).toBe(before + added);
    await store.close();

    const again = await openTestTsdb(folder, { clock, retentionMs: 30 * DAY_MS });
    expect(await detail(again, "block_bytes")).toBe(before + added);
    const { kept } = await ask(again, "count_over_time(x[12h])", FIRST_DAY * DAY_MS + DAY_MS / 2);
    expect(kept.infos).toEqual(["PromQL info: answered from 1h companions (1:1)"]);
    await clock.advance(40 * DAY_MS);
    await appendDay(again, FIRST_DAY + 41, () => 1);
    await again.maintain({ flush: true });
    await appendDay(again, FIRST_DAY + 41, () => 1);
    expect(blockFolders(folder)).not.toContain(block);
    await again.close();
  });

  it("[COMP1] are made again where they are absent, or turned out damaged", async () => {
    const opened = await openAt(FIRST_DAY + 1);
    const { folder, clock } = opened;
    await appendDay(opened.store, FIRST_DAY, (timeMs) => (timeMs / 1e5) % 977);
    await passNight(opened);
    await opened.store.close();
    const [block = ""] = blockFolders(folder);
    rmSync(join(block, "companion-5m"));

    const store = await openTestTsdb(folder, { clock });
    await clock.advance(HOUR_MS);
    await store.maintain();
    expect(readdirSync(block)).toEqual(expect.arrayContaining(FILES));
    await store.close();
    const file = join(block, "companion-1h");
    const whole = readFileSync(file);
    const damaged = Uint8Array.from(whole);
    damaged[30] = (damaged[30] ?? 0) ^ 1;
    writeFileSync(file, damaged);

    const last = await openTestTsdb(folder, { clock });
    const endMs = FIRST_DAY * DAY_MS + 20 * HOUR_MS;
    const { kept, plain } = await ask(last, "max_over_time(x[12h])", endMs);
    expect(onlyValue(kept)).toBe(onlyValue(plain));
    expect(kept.stats.samplesRead).toBe(plain.stats.samplesRead);
    expect(await detail(last, "damaged_blocks")).toBe(1);
    await clock.advance(HOUR_MS);
    await last.maintain();
    expect(readFileSync(file)).toEqual(whole);
    const healed = await ask(last, "max_over_time(x[12h])", endMs);
    expect(healed.kept.stats.samplesRead).toBe(12);
    await last.close();
  });

  it("[COMP2] leave late samples and deletions of a finished day to the samples", async () => {
    const opened = await openAt(FIRST_DAY + 1);
    const { store } = opened;
    await appendDay(store, FIRST_DAY, () => 1);
    await passNight(opened);
    const endMs = FIRST_DAY * DAY_MS + 20 * HOUR_MS;
    const whole = await ask(store, "sum_over_time(x[12h])", endMs);
    expect([onlyValue(whole.kept), whole.kept.stats.samplesRead]).toEqual([1_440, 12]);

    const writer = new BatchWriter(store);
    writer.add(labelsOf({ __name__: "x", i: "0" }), [[endMs - 5 * HOUR_MS + 1_234, 1_000]]);
    await store.append(writer.builder.build());
    const late = await ask(store, "sum_over_time(x[12h])", endMs);
    expect(onlyValue(late.kept)).toBe(2_440);
    expect(late.kept.stats.samplesRead).toBe(11 + 121);
    expect(late.kept.infos).toEqual([]);

    const range = { fromMs: endMs - 2 * HOUR_MS, toMs: endMs - HOUR_MS };
    const deletion = store.delete({ matcherSets: [[]], range });
    await store.maintain();
    await deletion;
    const cut = await ask(store, "sum_over_time(x[12h])", endMs);
    expect(onlyValue(cut.kept)).toBe(2_440 - 120);
    expect(onlyValue(cut.plain)).toBe(2_440 - 120);
    await store.close();
  });

  it("[COMP4] leave sums that nearly cancel to the samples", async () => {
    const opened = await openAt(FIRST_DAY + 2);
    const { store } = opened;
    const random = seededRandom(4);
    const firstDay: number[] = [];
    await appendDay(store, FIRST_DAY, () => {
      firstDay.push(random.below(1e9) / 1_000);
      return firstDay.at(-1) ?? 0;
    });
    let row = 0;
    await appendDay(store, FIRST_DAY + 1, () => -(firstDay[row++] ?? 0) + (row === 9 ? 0.001 : 0));
    await passNight(opened);
    const { kept, plain } = await ask(store, "sum_over_time(x[2d])", (FIRST_DAY + 2) * DAY_MS);
    expect(onlyValue(kept)).toBe(onlyValue(plain));
    expect(Math.abs(onlyValue(plain))).toBeLessThan(0.01);
    const one = await ask(store, "sum_over_time(x[1d])", (FIRST_DAY + 1) * DAY_MS);
    expect(one.kept.stats.samplesRead).toBe(24);
    await store.close();
  });
});
