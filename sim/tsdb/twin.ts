import {
  type Matcher,
  type MetadataRequest,
  type MetricStore,
  matcher,
  type Random,
  seededRandom,
  type TimeRange,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { ALL_TIME, FakeClock } from "@hms-ops/model/testing";
import { SimulatedDisk } from "@hms-ops/stores/disk/testing";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { openTsdb, type Tsdb } from "@hms-ops/stores/tsdb";
import type { Figures } from "../support/campaign.ts";
import { answerOf } from "./ledger.ts";
import { buildBatch, DAY_MS, START_MS, Workload } from "./workload.ts";

const FOLDER = "/data/metrics";
/** Small, so that heads are flushed by themselves, too. */
const LIMITS = {
  headBytes: 60_000,
  flushRowsMin: 300,
  segmentBytes: 8_000,
  aheadMs: Number.POSITIVE_INFINITY,
};
export const OPERATIONS_PER_RUN = 400;

/** Does the same to the store and to the naive one. Throws where they answer differently. */
export async function run(seed: number): Promise<Figures> {
  const twins = new Twins(seed);
  await twins.open();
  for (let step = 0; step < OPERATIONS_PER_RUN; step++) {
    try {
      await twins.step();
    } catch (error) {
      throw new Error(`operation ${step}`, { cause: error });
    }
  }
  await twins.end();
  return twins.figures;
}

class Twins {
  readonly #random: Random;
  readonly #clock = new FakeClock(START_MS);
  readonly #workload: Workload;
  readonly #naive: MetricStore = openMemoryStore();
  #disk: SimulatedDisk;
  #tsdb: Tsdb | undefined;
  /** Until blocks are written anew, series of which all was deleted may be listed. */
  #hasDeleted = false;
  readonly figures: Record<string, number> = {};

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#workload = new Workload(this.#random, () => this.#clock.now());
    this.#disk = new SimulatedDisk({ seed: this.#random.below(2 ** 31) });
  }

  async open(): Promise<void> {
    const { retentionMs, clock } = { retentionMs: Number.POSITIVE_INFINITY, clock: this.#clock };
    const random = seededRandom(this.#random.below(2 ** 31));
    const options = { folder: FOLDER, disk: this.#disk, clock, random, retentionMs };
    this.#tsdb = await openTsdb({ ...options, limits: LIMITS });
  }

  step(): Promise<void> {
    const dice = this.#random.below(1_000);
    this.#count("operations");
    if (dice < 520) return this.#append();
    if (dice < 850) return this.#query();
    if (dice < 950) return this.#list();
    if (dice < 968) return this.#delete();
    if (dice < 976) return this.#flush();
    if (dice < 980) return this.#compact();
    if (dice < 990) return this.#restart();
    this.#count("clockMoves");
    return this.#clock.advance(this.#random.below(DAY_MS / 4));
  }

  async end(): Promise<void> {
    const { toMs } = ALL_TIME;
    await this.#compareAnswers([], { fromMs: Number.NEGATIVE_INFINITY, toMs });
    await this.#compact();
    await this.#compareAnswers([], ALL_TIME);
    await this.#compareLists({ matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET });
    await this.#store.close();
  }

  get #store(): Tsdb {
    if (!this.#tsdb) throw new Error("the store is not open");
    return this.#tsdb;
  }

  async #append(): Promise<void> {
    const planned = this.#workload.batch();
    // Behind the last acknowledgement the head may just be frozen.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { details } = await this.#store.stats();
    const isAllInHead = (details.blocks ?? 0) + (details.frozen_samples ?? 0) === 0;
    // Of samples in blocks the store cannot say in time that another value is there already.
    const allOrNothing = isAllInHead && this.#random.below(4) === 0;
    const [own, naive] = await Promise.all(
      [this.#store, this.#naive].map((store) =>
        store.append({ ...buildBatch(store, planned), allOrNothing }),
      ),
    );
    this.#count("appends");
    this.#count("samples", own?.accepted ?? 0);
    // A batch that is known is thanked as it was; where blocks are, the store cannot know yet.
    const isTold = isAllInHead && planned.id === undefined;
    if (isTold && own?.accepted !== naive?.accepted) {
      throw new Error(`${own?.accepted} rows are accepted instead of ${naive?.accepted}`);
    }
  }

  async #query(): Promise<void> {
    this.#count("queries");
    await this.#compareAnswers(this.#matchers(), this.#range());
  }

  async #list(): Promise<void> {
    this.#count("lists");
    const range = this.#random.below(2) === 0 ? ALL_TIME : this.#range();
    const matcherSets = Array.from({ length: this.#random.below(3) }, () => this.#matchers());
    await this.#compareLists({ matcherSets, range, budget: UNLIMITED_BUDGET });
  }

  async #delete(): Promise<void> {
    this.#count("deletions");
    const { request } = this.#workload.deletion();
    await Promise.all([this.#store.delete(request), this.#naive.delete(request)]);
    this.#hasDeleted = true;
  }

  async #flush(): Promise<void> {
    this.#count("flushes");
    await this.#store.maintain({ flush: true });
  }

  async #compact(): Promise<void> {
    this.#count("compactions");
    // The first may find a flush under way, which keeps the newest samples where they are.
    await this.#store.maintain({ flush: true });
    await this.#store.writer.requestCompaction();
    await this.#store.maintain();
    this.#hasDeleted = false;
  }

  async #restart(): Promise<void> {
    this.#count("restarts");
    const options = { seed: this.#random.below(2 ** 31) };
    if (this.#random.below(2) === 0) await this.#store.close();
    this.#disk = this.#disk.afterKill(options);
    await this.open();
  }

  async #compareAnswers(matchers: readonly Matcher[], range: TimeRange): Promise<void> {
    const own = await answerOf(this.#store, range, matchers);
    const naive = await answerOf(this.#naive, range, matchers);
    for (const series of new Set([...own.keys(), ...naive.keys()])) {
      const ownRows = [...(own.get(series) ?? [])];
      const naiveRows = [...(naive.get(series) ?? [])];
      if (ownRows.join(";") === naiveRows.join(";")) continue;
      const at = ownRows.findIndex((row, i) => String(row) !== String(naiveRows[i]));
      const place = at < 0 ? ownRows.length : at;
      throw new Error(`${series}: ${ownRows[place]} instead of ${naiveRows[place]}`);
    }
    const order = (answer: ReadonlyMap<string, unknown>) => [...answer.keys()].sort().join();
    if (order(own) !== order(naive)) throw new Error("other series are answered");
  }

  /** The store may list series whose samples lie around the range, not in it. */
  async #compareLists(request: MetadataRequest): Promise<void> {
    const isExact = request.range === ALL_TIME && !this.#hasDeleted;
    const ever = { ...request, matcherSets: [], range: ALL_TIME };
    const names = await this.#naive.labelNames(ever);
    const asks: ((store: MetricStore) => Promise<readonly string[]>)[] = [
      (store) => store.labelNames(request),
      ...names.map((name) => (store: MetricStore) => store.labelValues(name, request)),
      async (store) => (await store.series(request)).map((labels) => labels.join()),
    ];
    for (const ask of asks) {
      const own = await ask(this.#store);
      const naive = await ask(this.#naive);
      const missing = naive.find((text) => !own.includes(text));
      if (missing !== undefined) throw new Error(`${missing} is not listed`);
      if (isExact && own.join(";") !== naive.join(";")) {
        throw new Error(`${own.join(";")} is listed instead of ${naive.join(";")}`);
      }
    }
  }

  #matchers(): readonly Matcher[] {
    const random = this.#random;
    const i = String(random.below(14));
    return random.pick([
      [],
      [matcher("__name__", "=", random.pick(["a", "b", "sent", "none"]))],
      [matcher("__name__", "=", random.pick(["a", "b"])), matcher("i", "=", i)],
      [matcher("i", "=", i)],
      [matcher("i", "!=", i)],
      [matcher("i", "=", "")],
      [matcher("part", "=~", "0|2")],
      [matcher("i", "=~", "1.|[3-5]"), matcher("__name__", "!=", "a")],
      [matcher("i", "=~", `.*${i}`)],
      [matcher("i", "!~", "1.*"), matcher("__name__", "=~", "a|b")],
      [matcher("__name__", "=~", ".+"), matcher("none", "=", "")],
    ]);
  }

  #range(): TimeRange {
    const random = this.#random;
    if (random.below(5) === 0) return ALL_TIME;
    const lengthMs = random.pick([0, 60_000, 3_600_000, DAY_MS, 50 * DAY_MS]);
    const toMs = this.#clock.now() + random.pick([-41 * DAY_MS, -DAY_MS, 0, 3_600_000, 2 * DAY_MS]);
    const endMs = toMs + random.below(DAY_MS);
    return { fromMs: endMs - lengthMs, toMs: endMs };
  }

  #count(name: string, by = 1): void {
    this.figures[name] = (this.figures[name] ?? 0) + by;
  }
}
