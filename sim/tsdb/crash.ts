import { OpsError, type Random, seededRandom, type TimeRange } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { type DiskCall, type DiskFate, SimulatedDisk } from "@hms-ops/stores/disk/testing";
import { openTsdb, type Tsdb } from "@hms-ops/stores/tsdb";
import type { Figures } from "../support/campaign.ts";
import { settled } from "../support/settled.ts";
import { answerOf, Ledger } from "./ledger.ts";
import {
  buildBatch,
  DAY_MS,
  inStoreOrder,
  type PlannedBatch,
  type PlannedDeletion,
  START_MS,
  Workload,
} from "./workload.ts";

const FOLDER = "/data/metrics";
/** Small, so that segments, heads and blocks change within some hundred operations. */
const LIMITS = {
  headBytes: 40_000,
  flushRowsMin: 200,
  segmentBytes: 4_000,
  aheadMs: Number.POSITIVE_INFINITY,
};

/** Several lives of a store, each ended by a crash. Throws where a promise is broken. */
export async function run(seed: number): Promise<Figures> {
  const crashes = new CrashRun(seed);
  for (let life = 0; life < 4; life++) await crashes.live();
  await crashes.finish();
  return crashes.figures;
}

class CrashRun {
  readonly #random: Random;
  readonly #fates: Random;
  readonly #clock = new FakeClock(START_MS);
  readonly #workload: Workload;
  /** Some stores forget what is older; it may be answered or not, and is refused. */
  readonly #retentionMs: number;
  readonly #ledger = new Ledger();
  /** Batches that were not acknowledged: each may be there whole or not at all. */
  #maybeBatches: PlannedBatch[] = [];
  #maybeDeletions: PlannedDeletion[] = [];
  readonly #knownIds = new Set<string>();
  #disk: SimulatedDisk;
  #faultCount = 0;
  #cutAt = Number.POSITIVE_INFINITY;
  /** What happens in that call. */
  #end: "kill" | "power-cut" = "power-cut";
  #failing: (call: DiskCall) => boolean = () => false;
  readonly figures: Record<string, number> = {};

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#fates = seededRandom(seed ^ 0x5eed);
    this.#retentionMs = this.#random.below(4) === 0 ? 2 * DAY_MS : Number.POSITIVE_INFINITY;
    this.#workload = new Workload(this.#random, () => this.#clock.now());
    this.#disk = new SimulatedDisk(this.#diskOptions());
  }

  /** From opening to a crash. */
  async live(): Promise<void> {
    const random = this.#random;
    this.#cutAt = random.below(4) > 0 ? 1 + random.below(500) : Number.POSITIVE_INFINITY;
    this.#end = random.below(4) === 0 ? "kill" : "power-cut";
    this.#failing = this.#faults();
    const store = await this.#open();
    await this.#compare(store, true);
    for (let step = 5 + random.below(60); step > 0 && !this.#disk.isDead; step--) {
      await this.#step(store);
    }
    const { flushes_total = 0, compactions_total = 0 } = (await store.stats()).details;
    this.#count("flushes", flushes_total);
    this.#count("compactions", compactions_total);
    if (!this.#disk.isDead && random.below(4) === 0) await settled(store.close(), this.#disk);
    this.#crash();
  }

  /** The last start, on a disk without faults. */
  async finish(): Promise<void> {
    this.#cutAt = Number.POSITIVE_INFINITY;
    this.#failing = () => false;
    const store = await this.#open();
    await this.#compare(store, true);
    await settled(store.maintain({ flush: true }), this.#disk);
    await settled(store.writer.requestCompaction(), this.#disk);
    await settled(store.maintain(), this.#disk);
    await this.#compare(store, false);
    await store.close();
  }

  /** A crash may come while opening, too; without one it always opens. */
  async #open(): Promise<Tsdb> {
    for (let attempt = 0; ; attempt++) {
      if (attempt > 3) this.#failing = () => false;
      if (attempt > 6) this.#cutAt = Number.POSITIVE_INFINITY;
      const faultsBefore = this.#faultCount;
      try {
        const clock = this.#clock;
        const random = seededRandom(7);
        const retentionMs = this.#retentionMs;
        const options = { folder: FOLDER, disk: this.#disk, clock, random, retentionMs };
        const store = await openTsdb({ ...options, limits: LIMITS });
        const { damagedBlocks } = store.writer.recovery;
        if (damagedBlocks.length > 0) {
          throw new Broken(`a block is damaged: ${damagedBlocks[0]?.problem}`);
        }
        return store;
      } catch (error) {
        if (error instanceof Broken) throw error;
        const isExcused = this.#disk.isDead || this.#faultCount > faultsBefore;
        if (!isExcused) throw new Error("the store does not start", { cause: error });
        this.#crash();
      }
    }
  }

  #crash(): void {
    const isCut = this.#disk.isDead ? this.#end === "power-cut" : this.#random.below(2) === 0;
    this.#count("crashes");
    this.#count(isCut ? "powerCuts" : "kills");
    const options = this.#diskOptions();
    this.#disk = isCut ? this.#disk.afterPowerCut(options) : this.#disk.afterKill(options);
  }

  async #step(store: Tsdb): Promise<void> {
    const random = this.#random;
    const dice = random.below(100);
    if (dice < 62) await this.#append(store);
    else if (dice < 70) await this.#delete(store);
    else if (dice < 80) await settled(store.maintain({ flush: dice < 76 }), this.#disk);
    else if (dice < 84) {
      await settled(store.writer.requestCompaction(), this.#disk);
      await settled(store.maintain(), this.#disk);
    } else if (dice < 90) await this.#clock.advance(random.below(DAY_MS / 8));
    else if (dice < 91) await this.#clock.advance(random.below(DAY_MS));
    else await this.#compare(store, false);
  }

  /** Some at once, so that they share a commit; sometimes while the store is flushed. */
  async #append(store: Tsdb): Promise<void> {
    const random = this.#random;
    const isBusy = random.below(5) === 0;
    const maintaining = isBusy ? store.maintain({ flush: random.below(2) === 0 }) : undefined;
    const planned = Array.from({ length: 1 + random.below(4) }, () => this.#workload.batch());
    const { fromMs } = this.#kept;
    const unanswered = new Set(planned);
    const keptRows = (batch: PlannedBatch) => ({
      ...batch,
      rows: batch.rows.filter(({ timeMs }) => timeMs >= fromMs),
    });
    const appends = planned.map(async (batch) => {
      try {
        await store.append(buildBatch(store, batch));
        unanswered.delete(batch);
        this.#note(keptRows(batch));
        this.#count("acknowledgedBatches");
      } catch (error) {
        if (!(error instanceof OpsError)) throw new Broken(`append throws ${String(error)}`);
      }
    });
    // A deletion may come while the store still tidies up behind the acknowledgement.
    const isDeleting = random.below(10) === 0;
    const work = Promise.all(appends).then(() => (isDeleting ? this.#delete(store) : undefined));
    await settled(work, this.#disk);
    this.#maybeBatches.push(...[...unanswered].map(keptRows));
    this.#count("unacknowledgedBatches", unanswered.size);
    if (maintaining) await settled(maintaining, this.#disk);
  }

  async #delete(store: Tsdb): Promise<void> {
    const deletion = this.#workload.deletion();
    this.#maybeDeletions.push(deletion);
    const deleting = store.delete(deletion.request).then(
      () => {
        this.#maybeDeletions = this.#maybeDeletions.filter((other) => other !== deletion);
        this.#ledger.delete(deletion.isCovered);
        this.#count("deletions");
      },
      (error: unknown) => {
        if (!(error instanceof OpsError)) throw error;
      },
    );
    // One that waits for a maintainer's retry is due when the clock has moved on.
    await settled(deleting, this.#disk, async () => {
      await this.#clock.advance(11_000);
      await store.maintain();
    });
  }

  async #compare(store: Tsdb, isNew: boolean): Promise<void> {
    if (this.#disk.isDead) return;
    const answer = await answerOf(store, this.#kept);
    for (const { isCovered } of this.#maybeDeletions) this.#ledger.settle(isCovered, answer);
    if (isNew) {
      for (const batch of this.#maybeBatches) {
        const [sent] = batch.rows;
        if (!sent || answer.get(sent.series)?.get(sent.timeMs) === undefined) continue;
        this.#note(batch);
      }
      this.#maybeBatches = [];
    }
    for (const { isCovered } of this.#maybeDeletions) this.#ledger.settle(isCovered, answer);
    const { fromMs } = this.#kept;
    const difference = this.#ledger.difference(answer, (timeMs) => timeMs >= fromMs);
    if (difference) throw new Broken(`${isNew ? "after a crash" : "while running"}: ${difference}`);
  }

  /** What the store may not have forgotten yet. */
  get #kept(): TimeRange {
    return { fromMs: this.#clock.now() - this.#retentionMs, toMs: Number.POSITIVE_INFINITY };
  }

  /** A batch id that was acknowledged is stored once, whatever was deleted since. */
  #note({ id, rows }: PlannedBatch): void {
    if (id !== undefined && this.#knownIds.has(id)) return;
    this.#ledger.apply(inStoreOrder(rows));
    if (id !== undefined) this.#knownIds.add(id);
  }

  #diskOptions() {
    const fate = (call: DiskCall): DiskFate => {
      if (call.number >= this.#cutAt) {
        this.#count(`${this.#end === "kill" ? "killIn" : "powerCutIn"}_${call.kind}`);
        return this.#end;
      }
      if (!this.#failing(call)) return "done";
      this.#faultCount++;
      this.#count(`faultIn_${call.kind}`);
      return "fail";
    };
    return { seed: this.#random.below(2 ** 31), fate };
  }

  #count(name: string, by = 1): void {
    this.figures[name] = (this.figures[name] ?? 0) + by;
  }

  #faults(): (call: DiskCall) => boolean {
    const fates = this.#fates;
    const isWrite = ({ kind }: DiskCall) => !["list", "sizeOf", "read"].includes(kind);
    switch (fates.below(5)) {
      case 2:
        return () => fates.below(80) === 0;
      case 0:
        return (call) => isWrite(call) && fates.below(25) === 0;
      case 1: {
        const fullFrom = fates.below(300);
        const fullTo = fullFrom + fates.below(60);
        const isGrowing = ({ kind }: DiskCall) => ["append", "create", "makeFolder"].includes(kind);
        return (call) => call.number > fullFrom && call.number < fullTo && isGrowing(call);
      }
      default:
        return () => false;
    }
  }
}

/** A promise that did not hold. */
class Broken extends Error {}
