import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  matcher,
  NEW_SERIES_BASE,
  type QueryAnswer,
  type Random,
  type SampleBatch,
  type StepGrid,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { prepareQuery, runQuery, stepWindow } from "@hms-ops/query";
import {
  directLink,
  openMaintainer,
  openReader,
  openWriter,
  runDueJobs,
  type TsdbReader,
  type TsdbWriter,
} from "@hms-ops/stores/tsdb";
import { afterEach, expect, it } from "vitest";
import { answerThroughCache, type CacheOutcome } from "./result-cache-answer.ts";
import type { CachedSteps } from "./result-cache-entry.ts";

const START_MS = 1_700_000_000_000;
const LOOKBACK_MS = 60_000;
const RETENTION_MS = 30 * 60_000;

const EXPRESSIONS = [
  "x_total",
  "sum by (zone) (rate(x_total[2m]))",
  "increase(x_total[5m]) > 2",
  "rate(x_total[90s] offset 3m)",
  "x_total offset -4m",
  "max_over_time(x_total[3m]) - min_over_time(x_total[3m])",
  "quantile_over_time(0.5, x_total[4m])",
  "changes(x_total[5m]) + resets(x_total[5m])",
  "topk(2, x_total)",
  "avg(x_total) without (host)",
  "max_over_time(sum(rate(x_total[1m]))[5m:30s])",
  'absent(x_total{host="h1"})',
  'count_values("v", x_total)',
  "x_total / on (host) group_left () x_total",
  "stddev_over_time(x_total[3m])",
  "deriv(x_total[4m])",
  "sum_over_time(x_total[3m])",
  "x_total @ end()",
  "timestamp(x_total)",
  "time() - x_total",
  "x_total > 3 or x_total * 2",
  "sum(x_total + on (__name__, host) x_total)",
] as const;

/**
 * Numbers of several series are added in the store's order, which a flush changes, with a cache or
 * without: their last bits are those of one order or the other.
 */
const ADDS_SERIES = /\b(sum|avg|stddev|stdvar)\b/;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

class Case {
  readonly #random: Random;
  readonly #clock = new FakeClock(START_MS);
  readonly #writer: TsdbWriter;
  readonly #reader: TsdbReader;
  readonly #maintain: () => Promise<void>;
  readonly #known = new Map<string, CachedSteps>();
  readonly #counters = new Float64Array(8);
  readonly outcomes = new Map<CacheOutcome, number>();

  readonly #flushes: boolean;
  readonly #delayedNames: boolean;

  private constructor(
    {
      random,
      clock,
      flushes,
      delayedNames,
    }: { random: Random; clock: FakeClock; flushes: boolean; delayedNames: boolean },
    writer: TsdbWriter,
    folder: string,
  ) {
    this.#flushes = flushes;
    this.#delayedNames = delayedNames;
    this.#random = random;
    this.#clock = clock;
    this.#writer = writer;
    this.#reader = openReader(writer.shared(), directLink(writer));
    const maintainer = openMaintainer(writer.shared(), folder);
    this.#maintain = () => runDueJobs(writer, maintainer);
  }

  static async open(seed: number, flushes: boolean): Promise<Case> {
    const folder = await mkdtemp(join(tmpdir(), "result-cache-"));
    folders.push(folder);
    const random = seededRandom(seed);
    const clock = new FakeClock(START_MS);
    const writer = await openWriter({ folder, clock, random, retentionMs: RETENTION_MS });
    const delayedNames = seed % 2 === 0;
    return new Case({ random, clock, flushes, delayedNames }, writer, folder);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#reader.close();
  }

  /** Ten minutes at least, so that there is something to be late for. */
  async warmUp(): Promise<void> {
    for (let i = 0; i < 60; i++) await this.#scrape();
  }

  async step(): Promise<void> {
    const chance = this.#random.below(100);
    if (chance < 45) await this.#scrape();
    else if (chance < 52) await this.#late();
    else if (chance < 54) await this.#delete();
    else if (chance < 56 && this.#flushes) await this.#flush();
    else await this.#query();
  }

  async #scrape(): Promise<void> {
    const { below } = this.#random;
    await this.#clock.advance(5_000 + below(15_000));
    const rows: [series: number, timeMs: number, value: number][] = [];
    for (let series = 0; series < 8; series++) {
      if (below(12) === 0) continue;
      const reset = below(40) === 0;
      const counter = reset ? 0 : (this.#counters[series] ?? 0) + below(9) / 7;
      this.#counters[series] = counter;
      rows.push([series, this.#clock.now() - below(2_000), below(50) === 0 ? Number.NaN : counter]);
    }
    await this.#append(rows, below(30) === 0);
  }

  async #late(): Promise<void> {
    const { below } = this.#random;
    const timeMs = this.#clock.now() - below(7_200_000);
    await this.#append([[below(8), timeMs, below(1_000) / 3]], false);
  }

  async #append(rows: readonly (readonly [number, number, number])[], stale: boolean) {
    const batch: SampleBatch = {
      source: "fuzz",
      count: rows.length,
      ids: Uint32Array.from(rows, (_, i) => NEW_SERIES_BASE + i),
      timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
      values: Float64Array.from(rows, ([, , value]) => value),
      stale: new Uint8Array(rows.length).fill(stale ? 1 : 0),
      newSeries: rows.map(([series]) => ({
        labels: ["__name__", "x_total", "host", `h${series}`, "zone", `z${series % 3}`],
      })),
    };
    await this.#writer.append(batch);
  }

  async #delete(): Promise<void> {
    const { below } = this.#random;
    const fromMs = this.#clock.now() - below(3_600_000);
    const range = { fromMs, toMs: fromMs + below(600_000) };
    const matcherSets = [[matcher("host", "=", `h${below(8)}`)]];
    const deleted = this.#writer.delete({ matcherSets, range });
    await this.#maintain();
    await deleted;
  }

  async #flush(): Promise<void> {
    if (this.#random.below(2) === 0) await this.#writer.requestFlush();
    else await this.#writer.requestCompaction();
    await this.#maintain();
  }

  async #query(): Promise<void> {
    const { below, pick } = this.#random;
    const text = pick(EXPRESSIONS);
    const stepMs = pick([15_000, 60_000]);
    const now = this.#clock.now();
    const endMs = below(3) === 0 ? now - below(3_600_000) : now + below(60_000);
    const lastMs = Math.floor(endMs / stepMs) * stepMs + pick([0, 0, 0, 7_000]);
    const count = 1 + below(80);
    const grid = { startMs: lastMs - (count - 1) * stepMs, stepMs, count };
    const key = `${text} ${stepMs} ${grid.startMs % stepMs}`;
    const { answer, outcome, kept } = await answerThroughCache({
      text,
      grid,
      window: stepWindow(prepared(text).expr, {
        lookbackMs: LOOKBACK_MS,
        delayedNameRemoval: this.#delayedNames,
      }),
      known: this.#known.get(key),
      generations: this.#reader.generations,
      maxBytes: 1_000_000,
      evaluate: (part) => this.#evaluate(text, part, grid),
    });
    if (kept) this.#known.set(key, kept);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    const whole = await this.#evaluate(text, grid, grid);
    const write = this.#flushes && ADDS_SERIES.test(text) ? nearly : bits;
    expect(write(answer), `${outcome}: ${key}`).toEqual(write(whole));
  }

  #evaluate(text: string, grid: StepGrid, whole: StepGrid): Promise<QueryAnswer> {
    return runQuery(prepared(text), this.#reader, {
      grid,
      startMs: whole.startMs,
      endMs: whole.startMs + (whole.count - 1) * whole.stepMs,
      delayedNameRemoval: this.#delayedNames,
      instant: false,
      lookbackMs: LOOKBACK_MS,
      budget: UNLIMITED_BUDGET,
      defaultStepMs: 60_000,
    });
  }
}

function prepared(text: string) {
  const { query } = prepareQuery(text);
  if (!query) throw new Error(text);
  return query;
}

function bits(answer: QueryAnswer): unknown {
  return written(answer, (values) => [...new BigUint64Array(values.slice().buffer)].join());
}

/** Twelve digits of each number. */
function nearly(answer: QueryAnswer): unknown {
  return written(answer, (values) => Array.from(values, (value) => value.toPrecision(12)).join());
}

function written(
  { value, warnings, infos }: QueryAnswer,
  write: (values: Float64Array) => string,
): unknown {
  if (value.kind !== "matrix") throw new Error(value.kind);
  const series = value.series.map(({ labels, timesMs, values }) => [
    labels.join(),
    timesMs.join(),
    write(values),
  ]);
  return { series, warnings, infos };
}

for (const seed of [1, 2, 3, 4, 11]) {
  for (const flushes of [false, true]) {
    const store = flushes ? "flushes and compacts" : "only takes and deletes";
    it(`answers of a cache are those without it while the store ${store} (${seed})`, async () => {
      const run = await Case.open(seed, flushes);
      await run.warmUp();
      for (let i = 0; i < 300; i++) await run.step();
      await run.close();
      for (const outcome of ["partial", "miss", "uncacheable"] as const) {
        expect(run.outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(0);
      }
    });
  }
}
