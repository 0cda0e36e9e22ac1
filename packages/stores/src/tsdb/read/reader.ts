import {
  compareLabels,
  compareText,
  type Labels,
  type Matcher,
  type MetadataRequest,
  OpsError,
  type Snapshot,
  type SnapshotRequest,
  type TimeRange,
} from "@hms-ops/model";
import { STORE_ERRORS } from "../../errors.ts";
import { type ValueTest, valueTest } from "../../matching.ts";
import { readTime } from "../head/chunk.ts";
import { FIRST_TIME, LAST_TIME, OPEN_COUNT, PLACE_WORDS } from "../head/head-state.ts";
import { IndexReader } from "../index/index-reader.ts";
import { Slabs } from "../memory/slabs.ts";
import type { PinLink, PinReply, TsdbHandles, TsdbReader } from "../ports.ts";
import { PinFlags } from "../shared.ts";
import { type PinnedSeries, readSeries } from "./series-batches.ts";

/** Opens the store in any thread, the writer's own included. */
export function openReader(handles: TsdbHandles, link: PinLink): TsdbReader {
  return new Reader(handles, link);
}

/** How often a pin is asked for again because matching series came in meanwhile. */
const TRIES = 3;

type TestSets = readonly (readonly ValueTest[])[];

interface Pinned {
  readonly ids: readonly number[];
  readonly places: Uint32Array;
  readonly pin: PinReply;
}

class Reader implements TsdbReader {
  readonly readerId: number;
  readonly #link: PinLink;
  readonly #slabs = new Slabs();
  readonly #index: IndexReader;
  readonly #flags: PinFlags;
  readonly #pinLifeMs: number;

  constructor(handles: TsdbHandles, link: PinLink) {
    this.readerId = handles.readerId;
    this.#link = link;
    this.#index = new IndexReader(this.#slabs, handles.hashSeed);
    this.#flags = new PinFlags(handles.flags);
    this.#pinLifeMs = handles.pinLifeMs;
    this.#index.learn(handles.news, this.#slabs.counts);
  }

  async snapshot({ matchers, range, budget }: SnapshotRequest): Promise<Snapshot> {
    const pinned = await this.#pin([matchers]);
    let isOpen = true;
    const close = () => {
      if (isOpen) this.#link.unpin(pinned.pin.pinId);
      isOpen = false;
    };
    try {
      const series = within(pinned, range);
      budget.spend(0, series.ids.length * PLACE_WORDS * 4);
      const labels = series.ids.map((id) => this.#index.labelsOf(id));
      const views = this.#slabs.views("samples");
      const check = () => this.#check(pinned.pin);
      return {
        series: labels,
        read: (part) => readSeries(series, views, { range: part, budget, check }),
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  async labelNames(request: MetadataRequest): Promise<readonly string[]> {
    const ids = await this.#matching(request);
    return limited(this.#index.labelNamesOf(ids).sort(compareText), request);
  }

  async labelValues(name: string, request: MetadataRequest): Promise<readonly string[]> {
    const ids = await this.#matching(request);
    return limited(this.#index.labelValuesOf(name, ids).sort(compareText), request);
  }

  async series(request: MetadataRequest): Promise<readonly Labels[]> {
    const ids = await this.#matching(request);
    const labels = ids.map((id) => this.#index.labelsOf(id));
    return limited(labels.sort(compareLabels), request);
  }

  /** Series of any of the sets with samples around the range; needs the pin no longer. */
  async #matching({ matcherSets, range, budget }: MetadataRequest): Promise<readonly number[]> {
    const pinned = await this.#pin(matcherSets.length > 0 ? matcherSets : [[]]);
    this.#link.unpin(pinned.pin.pinId);
    const { ids } = within(pinned, range);
    budget.spend(0, ids.length * PLACE_WORDS * 4);
    return ids;
  }

  /**
   * Pins all series of any of the sets, at one moment. Series that came in between matching and
   * pinning are looked for among the new ones; where they keep coming, all series are pinned first
   * and matched afterwards.
   */
  async #pin(matcherSets: readonly (readonly Matcher[])[]): Promise<Pinned> {
    const sets = matcherSets.map((matchers) => matchers.map(valueTest));
    const isAll = sets.some((tests) => tests.length === 0);
    for (let attempt = 0; attempt < TRIES && !isAll; attempt++) {
      const known = this.#index.seriesCount;
      const ids = this.#matchAny(sets, 0);
      const pin = await this.#ask(Uint32Array.from(ids));
      const count = pin.news.seriesCount;
      const isComplete = count <= known || !this.#matchAny(sets, known).some((id) => id < count);
      if (isComplete) return { ids, places: pin.places, pin };
      this.#link.unpin(pin.pinId);
    }
    const pin = await this.#ask("all");
    const ids = this.#matchAny(sets, 0).filter((id) => id < pin.news.seriesCount);
    const places = new Uint32Array(ids.length * PLACE_WORDS);
    for (let k = 0; k < ids.length; k++) {
      const from = ids[k]! * PLACE_WORDS;
      for (let i = 0; i < PLACE_WORDS; i++) places[k * PLACE_WORDS + i] = pin.places[from + i]!;
    }
    return { ids, places, pin };
  }

  async #ask(ids: Uint32Array | "all"): Promise<PinReply> {
    const known = this.#slabs.counts;
    const reply = await this.#link.pin({ readerId: this.readerId, ids, known });
    this.#index.learn(reply.news, known);
    return reply;
  }

  #matchAny(sets: TestSets, from: number): readonly number[] {
    const [only] = sets;
    if (only && sets.length === 1) return this.#index.match(only, from);
    const ids = new Set(sets.flatMap((tests) => this.#index.match(tests, from)));
    return [...ids].sort((a, b) => a - b);
  }

  #check({ slot }: PinReply): void {
    if (!this.#flags.isRevoked(slot)) return;
    throw new OpsError(STORE_ERRORS.snapshotEnded, { seconds: this.#pinLifeMs / 1_000 });
  }
}

/** Those with samples that reach into the range. */
function within({ ids, places }: Pinned, range: TimeRange): PinnedSeries {
  const kept: number[] = [];
  const keptPlaces = new Uint32Array(places.length);
  for (let k = 0; k < ids.length; k++) {
    const at = k * PLACE_WORDS;
    if (places[at + OPEN_COUNT] === 0) continue;
    if (readTime(places, at + FIRST_TIME) > range.toMs) continue;
    if (readTime(places, at + LAST_TIME) < range.fromMs) continue;
    keptPlaces.set(places.subarray(at, at + PLACE_WORDS), kept.length * PLACE_WORDS);
    kept.push(ids[k]!);
  }
  return { ids: kept, places: keptPlaces };
}

function limited<Item>(items: readonly Item[], { limit }: MetadataRequest): readonly Item[] {
  return limit ? items.slice(0, limit + 1) : items;
}
