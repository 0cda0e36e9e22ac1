import { type Random, seededRandom } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { SimulatedDisk } from "@hms-ops/stores/disk/testing";
import { openTsdb, type Tsdb } from "@hms-ops/stores/tsdb";
import type { Figures } from "../support/campaign.ts";
import { type Answer, answerOf, Ledger } from "./ledger.ts";
import { contradiction } from "./questions.ts";
import { buildBatch, inStoreOrder, START_MS, Workload } from "./workload.ts";

const FOLDER = "/data/metrics";
/** Small, so that a few hundred batches make several segments and blocks. */
const LIMITS = {
  headBytes: 40_000,
  flushRowsMin: 200,
  segmentBytes: 4_000,
  aheadMs: Number.POSITIVE_INFINITY,
};
const FLIPS_PER_STORE = 20;

/** Flips bytes in the files of a store, one at a time. Throws where a promise is broken. */
export async function run(seed: number): Promise<Figures> {
  const random = seededRandom(seed);
  const clock = new FakeClock(START_MS);
  const built = await build(random, clock);
  const figures: Record<string, number> = { stores: 1 };
  for (let flip = 0; flip < FLIPS_PER_STORE; flip++) {
    const seen = await new Flip(built, random, clock).run();
    figures.flips = (figures.flips ?? 0) + 1;
    for (const name of seen) figures[name] = (figures[name] ?? 0) + 1;
  }
  return figures;
}

interface Built {
  readonly disk: SimulatedDisk;
  readonly ledger: Ledger;
  /** What the store answers when a file's whole block or segment is not there. */
  readonly without: Map<string, Answer>;
}

/** Blocks old and new, tombstones, and several WAL segments. */
async function build(random: Random, clock: FakeClock): Promise<Built> {
  const disk = new SimulatedDisk({ seed: random.below(2 ** 31) });
  const workload = new Workload(random, () => clock.now());
  const ledger = new Ledger();
  const ids = new Set<string>();
  const store = await open(disk, clock);
  for (let step = 30 + random.below(60); step > 0; step--) {
    const batch = workload.batch();
    await store.append(buildBatch(store, batch));
    if (batch.id === undefined || !ids.has(batch.id)) ledger.apply(inStoreOrder(batch.rows));
    if (batch.id !== undefined) ids.add(batch.id);
    const dice = random.below(40);
    if (dice === 0) await store.maintain({ flush: true });
    if (dice === 1) await compact(store);
    if (dice > 2) continue;
    const deletion = workload.deletion();
    await store.delete(deletion.request);
    ledger.delete(deletion.isCovered);
  }
  await store.close();
  // A start removes what nothing needs any more.
  const whole = await open(disk, clock);
  const difference = ledger.difference(await answerOf(whole));
  if (difference) throw new Error(`undamaged: ${difference}`);
  await whole.close();
  return { disk: disk.copy({ seed: 1 }), ledger, without: new Map() };
}

function open(disk: SimulatedDisk, clock: FakeClock): Promise<Tsdb> {
  const random = seededRandom(7);
  const retentionMs = Number.POSITIVE_INFINITY;
  return openTsdb({ folder: FOLDER, disk, clock, random, retentionMs, limits: LIMITS });
}

async function compact(store: Tsdb): Promise<void> {
  await store.writer.requestCompaction();
  await store.maintain();
}

/** One flipped byte, and the life of a store that finds it. */
class Flip {
  readonly #built: Built;
  readonly #random: Random;
  readonly #clock: FakeClock;
  readonly #disk: SimulatedDisk;
  readonly #file: string;
  readonly #what: string;

  constructor(built: Built, random: Random, clock: FakeClock) {
    this.#built = built;
    this.#random = random;
    this.#clock = clock;
    this.#disk = built.disk.copy({ seed: random.below(2 ** 31) });
    const files = this.#disk.files();
    const place = `${FOLDER}/${random.pick(["wal", "blocks", "blocks"])}/`;
    const wanted = files.filter((file) => file.startsWith(place));
    this.#file = random.pick(wanted.length > 0 ? wanted : files);
    const at = random.below(this.#disk.sizeAt(this.#file));
    const mask = random.below(2) === 0 ? 1 << random.below(8) : 1 + random.below(255);
    this.#what = `byte ${at} of ${this.#file} flipped by ${mask}`;
    this.#flip = () => this.#disk.flip(this.#file, at, mask);
  }

  readonly #flip: () => void;

  /** Names of figures to count. */
  async run(): Promise<readonly string[]> {
    const isBlock = this.#file.startsWith(`${FOLDER}/blocks/`);
    const isWhileOpen = isBlock && this.#random.below(3) === 0;
    if (!isWhileOpen) this.#flip();
    const first = await this.#live(isWhileOpen);
    // What nobody reads again while the store is open is found by the next start.
    const second = await this.#live(false);
    const isQuiet =
      (first.gap && !first.isNamed) || (second.gap && !first.isNamed && !second.isNamed);
    if (isQuiet) this.#broken(`nobody tells, and ${first.gap ?? second.gap}`);
    const isGone = !this.#disk.files().includes(this.#file);
    if (!first.isNamed && !second.isNamed && !isGone) this.#broken("nobody tells");
    const names = [isBlock ? "flippedBlocks" : "flippedSegments"];
    if (first.gap || second.gap) names.push("answersWithGaps");
    if (isGone && !first.isNamed && !second.isNamed) names.push("compactedInTime");
    return names;
  }

  async #live(isWhileOpen: boolean): Promise<{ isNamed: boolean; gap: string | undefined }> {
    const store = await open(this.#disk, this.#clock);
    if (isWhileOpen) this.#flip();
    if (this.#random.below(3) === 0) await compact(store);
    const answer = await answerOf(store);
    await this.#check(store, answer);
    const isNamed = await this.#isNamed(store);
    const gap = this.#built.ledger.difference(answer);
    await store.close();
    return { isNamed, gap };
  }

  async #check(store: Tsdb, answer: Answer): Promise<void> {
    const { ledger } = this.#built;
    const wrong = ledger.wrongBesideDamage(answer);
    if (wrong) this.#broken(wrong);
    for (const [series, rows] of await this.#rest()) {
      for (const [timeMs, text] of rows) {
        // Without the file's deletions it may answer what was deleted, and written anew since.
        if (!ledger.holds(series, timeMs, text) || answer.get(series)?.has(timeMs)) continue;
        this.#broken(`${series} at ${timeMs} is in another file and is not answered`);
      }
    }
    const contradicted = await contradiction(store, answer);
    if (contradicted) this.#broken(contradicted);
  }

  /** What a store without the file's block or segment answers. */
  async #rest(): Promise<Answer> {
    const { without, disk } = this.#built;
    const [, folder = "", name = ""] = /^\/data\/metrics\/(\w+)\/([^/]+)/.exec(this.#file) ?? [];
    const whole = `${FOLDER}/${folder}/${name}`;
    const known = without.get(whole);
    if (known) return known;
    const rest = disk.copy({ seed: 1 });
    await rest.removeFolder(whole);
    const store = await open(rest, this.#clock);
    const answer = await answerOf(store);
    await store.close();
    without.set(whole, answer);
    return answer;
  }

  async #isNamed(store: Tsdb): Promise<boolean> {
    const { tornTails, damagedStretches, damagedBlocks } = store.writer.recovery;
    const { damaged_blocks = 0 } = (await store.stats()).details;
    if (damagedBlocks.length + damaged_blocks > 0) {
      if (/companion/.test(this.#file)) return true;
      const name = this.#file.split("/")[4] ?? "";
      const isAside = this.#disk
        .files()
        .some((file) => file.startsWith(`${FOLDER}/aside/${name}/`));
      if (!isAside) this.#broken("it is not set aside");
      return true;
    }
    return tornTails + damagedStretches > 0;
  }

  #broken(problem: string): never {
    throw new Error(`${this.#what}: ${problem}`);
  }
}
