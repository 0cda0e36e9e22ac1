import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type Labels,
  labelsOf,
  matcher,
  NEW_SERIES_BASE,
  type NewSeries,
  type SampleBatch,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { ALL_TIME, FakeClock } from "@hms-ops/model/testing";
import { openTsdb, type Tsdb } from "@hms-ops/stores/tsdb";
import { DAY_MS, type MonthPlan, type MonthPoint } from "./month.ts";

/** Midnight, UTC. */
const BEGIN_MS = 19_700 * DAY_MS;
/** A batch an agent: many commit together. */
const SERIES_PER_AGENT = 2_000;

/** What the series of one machine do: most count, some measure, some never change. */
class Values {
  readonly #random;
  readonly #now: Float64Array<ArrayBuffer>;

  constructor(seed: number, count: number) {
    this.#random = seededRandom(seed);
    this.#now = Float64Array.from({ length: count }, () => this.#random.below(100_000));
  }

  next(series: number): number {
    const random = this.#random;
    const now = this.#now[series] ?? 0;
    switch (series % 10) {
      case 0:
        return now;
      case 1:
      case 2:
        // A measurement with one decimal.
        this.#now[series] = Math.max(0, now + random.below(21) - 10);
        return now / 10;
      case 3:
        // A time in seconds, of which no two are alike.
        return random.next();
      default:
        this.#now[series] = now + (random.below(3) === 0 ? 0 : random.below(50));
        return now;
    }
  }
}

class Agent {
  readonly #series: readonly Labels[];
  readonly #source: string;
  readonly #values: Values;
  readonly #ids: Uint32Array<ArrayBuffer>;
  #isDeclared = false;

  constructor(number: number, count: number) {
    this.#source = `agent-${number}`;
    this.#values = new Values(number, count);
    this.#ids = new Uint32Array(count);
    this.#series = Array.from({ length: count }, (_, i) =>
      labelsOf({ __name__: `metric_${i % 50}`, instance: `host-${number}`, part: String(i) }),
    );
  }

  batch(store: Tsdb, timeMs: number): SampleBatch {
    const { length: count } = this.#series;
    const newSeries = this.#isDeclared ? [] : this.#declarations();
    if (this.#isDeclared) this.#learnIds(store);
    this.#isDeclared = true;
    const ids = newSeries.map((_, i) => NEW_SERIES_BASE + i);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#values.next(i);
    return {
      source: this.#source,
      count,
      ids: ids.length > 0 ? Uint32Array.from(ids) : this.#ids,
      timesMs: new Float64Array(count).fill(timeMs),
      values,
      stale: new Uint8Array(count),
      newSeries,
    };
  }

  #declarations(): readonly NewSeries[] {
    const encoder = new TextEncoder();
    return this.#series.map((labels) => ({ labels, rawKey: encoder.encode(labels.join()) }));
  }

  #learnIds(store: Tsdb): void {
    if (this.#ids.at(-1) !== 0) return;
    const resolver = store.resolver(this.#source);
    const encoder = new TextEncoder();
    this.#series.forEach((labels, i) => {
      const key = encoder.encode(labels.join());
      this.#ids[i] = resolver.find(key, 0, key.length);
    });
  }
}

async function runMonth({ folder, series, intervalMs, hours }: MonthPlan): Promise<void> {
  const clock = new FakeClock(BEGIN_MS);
  const options = { folder, clock, random: seededRandom(1) };
  const store = await openTsdb(options);
  const agents: Agent[] = [];
  for (let first = 0; first < series; first += SERIES_PER_AGENT) {
    agents.push(new Agent(agents.length, Math.min(SERIES_PER_AGENT, series - first)));
  }
  let samples = 0;
  const startedMs = performance.now();
  for (let atMs = 0; atMs < hours * 3_600_000; atMs += intervalMs) {
    const timeMs = BEGIN_MS + atMs;
    const acks = agents.map((agent) => store.append(agent.batch(store, timeMs)));
    for (const { accepted } of await Promise.all(acks)) samples += accepted;
    await clock.advance(intervalMs);
    if (store.writer.hasJobDue) await store.maintain();
    const isHour = (atMs + intervalMs) % 3_600_000 === 0;
    if (isHour) await tell(store, (atMs + intervalMs) / 3_600_000);
  }
  await store.maintain({ flush: true });
  await tell(store, hours);
  await checkRows(store, (hours * 3_600_000) / intervalMs);
  await store.close();

  async function tell(told: Tsdb, hour: number): Promise<void> {
    globalThis.gc?.();
    const memory = process.memoryUsage();
    const { details } = await told.stats();
    const point: MonthPoint = {
      hour,
      samples,
      seconds: (performance.now() - startedMs) / 1_000,
      residentBytes: memory.rss,
      heapBytes: memory.heapUsed + memory.external,
      diskBytes: bytesOf(folder),
      predictedBytesPerDay: details.growth_bytes_per_day ?? 0,
      walBytes: details.wal_bytes ?? 0,
      blocks: details.blocks ?? 0,
      flushes: details.flushes_total ?? 0,
      compactions: details.compactions_total ?? 0,
    };
    process.stdout.write(`${JSON.stringify(point)}\n`);
  }
}

/** Some series of each kind, from the first sample to the last. */
async function checkRows(store: Tsdb, wanted: number): Promise<void> {
  for (let part = 0; part < 20; part++) {
    const matchers = [matcher("part", "=", String(part))];
    const snapshot = await store.snapshot({ matchers, range: ALL_TIME, budget: UNLIMITED_BUDGET });
    for await (const { count, offsets } of snapshot.read(ALL_TIME)) {
      for (let k = 0; k < count; k++) {
        const rows = (offsets[k + 1] ?? 0) - (offsets[k] ?? 0);
        if (rows !== wanted) throw new Error(`part ${part} has ${rows} rows instead of ${wanted}`);
      }
    }
    if (snapshot.series.length === 0) throw new Error(`part ${part} is not there`);
    snapshot.close();
  }
}

function bytesOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? bytesOf(path) : statSync(path).size;
  }
  return bytes;
}

await runMonth(JSON.parse(process.argv[2] ?? "{}") as MonthPlan);
