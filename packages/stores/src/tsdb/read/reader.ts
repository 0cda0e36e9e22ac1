import {
  compareLabels,
  compareText,
  type Labels,
  type Matcher,
  type MetadataRequest,
  type QueryBudget,
  type Snapshot,
  type SnapshotRequest,
  type TimeRange,
} from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../disk/index.ts";
import { type ValueTest, valueTest } from "../../matching.ts";
import { pageShareOf } from "../block/page-share.ts";
import { churnRange, countLives, SeriesLives } from "../cardinality/churn.ts";
import { HeadTally, tallyIndex } from "../cardinality/index-tally.ts";
import type { Cardinality, CardinalityRequest, TopCounts } from "../cardinality/ports.ts";
import { Generations } from "../generations.ts";
import { readTime } from "../head/chunk.ts";
import { FIRST_TIME, LAST_TIME, PLACE_WORDS } from "../head/head-state.ts";
import { IndexReader } from "../index/index-reader.ts";
import { unionOf } from "../index/lists.ts";
import { Slabs } from "../memory/slabs.ts";
import type {
  AttachedSnapshot,
  BlockRef,
  PageCacheFigures,
  PinLink,
  SharedSeries,
  TsdbHandles,
  TsdbReader,
} from "../ports.ts";
import { roomToShare, shareIfMany } from "../shared.ts";
import { bucketRead } from "./bucket-batches.ts";
import { hasSamples, reachesInto } from "./head-series.ts";
import { type BlockSeries, type HeadSeries, type JoinedSeries, SeriesJoin } from "./join.ts";
import { type MatchedSeries, Matches } from "./matches.ts";
import { type OpenBlock, OpenBlocks } from "./open-blocks.ts";
import type { OnDamage } from "./open-companions.ts";
import { type HeldPin, placesOf, ReaderPins } from "./reader-pins.ts";
import { inTurn, type ReaderMemory, readSeries, SpareColumns } from "./series-batches.ts";
import { SeriesTable } from "./series-table.ts";
import { placedSeries, shareSeries } from "./shared-series.ts";

export interface ReaderOptions {
  /** The machine's own when absent. */
  readonly disk?: Disk;
  /** Unpacked pages of blocks that are kept ready. */
  readonly cacheBytes?: number;
  /** Told of a block that is damaged: this reader answers without it from then on. */
  readonly onDamage?: OnDamage;
}

/** Opens the store in any thread, the writer's own included. */
export function openReader(
  handles: TsdbHandles,
  link: PinLink,
  options: ReaderOptions = {},
): TsdbReader {
  return new Reader(handles, link, options);
}

/** How often a pin is asked for again because matching series came in meanwhile. */
const TRIES = 3;
/** Of all readers together; an hour of 100,000 series at 15 s unpacks to about so much. */
const CACHE_BYTES = 96 * 1024 * 1024;

const ALL_TIMES: TimeRange = { fromMs: -Infinity, toMs: Infinity };

type TestSets = readonly (readonly ValueTest[])[];

/** What a pin is good for: the moment that it holds. */
interface Asked {
  readonly pin: HeldPin;
  readonly blocks: readonly BlockRef[];
  readonly blocksVersion: number;
  readonly seriesCount: number;
}

interface Pinned extends Asked {
  readonly ids: Uint32Array;
  readonly places: Uint32Array;
  readonly frozenPlaces: Uint32Array | undefined;
}

class Reader implements TsdbReader {
  readonly readerId: number;
  readonly generations: Generations;
  readonly #pins: ReaderPins;
  readonly #slabs = new Slabs();
  readonly #index: IndexReader;
  readonly #matches: Matches;
  readonly #blocks: OpenBlocks;
  readonly #memory: ReaderMemory;
  readonly #seed: number;
  #table: SeriesTable;
  #join: SeriesJoin;

  constructor(handles: TsdbHandles, link: PinLink, options: ReaderOptions) {
    this.readerId = handles.readerId;
    this.generations = new Generations(handles.generations);
    this.#pins = new ReaderPins(handles, link);
    this.#index = new IndexReader(this.#slabs, handles.hashSeed);
    this.#matches = new Matches(this.#index);
    this.#blocks = new OpenBlocks({
      disk: options.disk ?? openNodeDisk(),
      folder: handles.blocksFolder,
      cacheBytes: options.cacheBytes ?? CACHE_BYTES,
      share: pageShareOf(handles),
      onDamage: options.onDamage ?? (() => {}),
    });
    this.#memory = { spare: new SpareColumns(), pages: this.#blocks.pages };
    this.#seed = handles.hashSeed;
    this.#table = new SeriesTable(this.#index, this.#seed);
    this.#join = new SeriesJoin(this.#table);
    this.#index.learn(handles.news, this.#slabs.counts);
  }

  async snapshot({ matchers, range, budget }: SnapshotRequest): Promise<Snapshot> {
    const matched = this.#matches.of(matchers);
    const { sets } = matched;
    const pinned = await this.#pin(sets, matched);
    const check = () => this.#pins.check(pinned.pin.ticket);
    let held: readonly OpenBlock[] = [];
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#blocks.release(held);
      pinned.pin.release();
    };
    try {
      held = this.#blocks.take(pinned.blocks, range, check);
      const series = this.#joined(pinned, held, { sets, range, budget });
      const views = this.#slabs.views("samples");
      const giveUp = (open: OpenBlock, error: unknown) => this.#blocks.giveUp(open, error, check);
      const warningsOf = (part: TimeRange) => this.#blocks.warningsOf(part);
      const { numbers, table } = series;
      const origin = {
        ticket: pinned.pin.ticket,
        sampleSlabs: views.length,
        blocksVersion: pinned.blocksVersion,
      };
      let all: readonly Labels[] | undefined;
      return {
        get series() {
          all ??= labelsOf(series);
          return all;
        },
        numbering: { numbers, epoch: table, labelsOf: (index) => table.labelsOf(numbers[index]!) },
        read: (part, order) =>
          inTurn(
            readSeries(series, views, { range: part, order, budget, check, giveUp }, this.#memory),
          ),
        share: () => shareSeries(series, origin),
        buckets: (request) => bucketRead(series, views, request, { budget, check, giveUp }),
        get warnings() {
          return warningsOf(range);
        },
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  attach(shared: SharedSeries): AttachedSnapshot | undefined {
    const { ticket, sampleSlabs, blocksVersion, blocks } = shared;
    const views = this.#slabs.views("samples");
    const isBehind = views.length < sampleSlabs;
    if (isBehind || this.#blocks.known.version !== blocksVersion) this.#catchUp();
    if (isBehind) return undefined;
    const check = () => this.#pins.check(ticket);
    const held = this.#blocks.take(blocks, ALL_TIMES, check);
    const close = () => this.#blocks.release(held);
    if (held.length < blocks.length) {
      close();
      return undefined;
    }
    const series = placedSeries(shared, held);
    const giveUp = (_: OpenBlock, error: unknown): never => {
      throw error;
    };
    return {
      read: (range, order, budget) =>
        readSeries(series, views, { range, order, budget, check, giveUp }, this.#memory),
      close,
    };
  }

  /** Hears of slabs and blocks that are new; where the writer is gone this reader goes, too. */
  #catchUp(): void {
    this.#ask(new Uint32Array(0)).then(
      ({ pin }) => pin.release(),
      () => {},
    );
  }

  async labelNames(request: MetadataRequest): Promise<readonly string[]> {
    const names = new Set<string>();
    await this.#visit(request, {
      head: (ids) => addAll(this.#index.labelNamesOf(ids), names),
      wholeBlock: ({ block }) => addAll(block.labelNames(), names),
      blockSeries: ({ numbers }) => this.#table.addNames(numbers, names),
    });
    return limited([...names].sort(compareText), request);
  }

  async labelValues(name: string, request: MetadataRequest): Promise<readonly string[]> {
    const values = new Set<string>();
    await this.#visit(request, {
      head: (ids) => addAll(this.#index.labelValuesOf(name, ids), values),
      wholeBlock: ({ block }) => addAll(block.labelValues(name), values),
      blockSeries: ({ numbers }) => this.#table.addValues(name, numbers, values),
    });
    return limited([...values].sort(compareText), request);
  }

  async series(request: MetadataRequest): Promise<readonly Labels[]> {
    const { range, budget } = request;
    const sets = testSets(request);
    const labels = await this.#pinnedFor(sets, range, (pinned, held) => {
      const joined = this.#joined(pinned, held, { sets, range, budget });
      budget.spend(0, joined.numbers.length * LABELS_BYTES);
      return [...labelsOf(joined)];
    });
    return limited(labels.sort(compareLabels), request);
  }

  async topCounts(limit: number): Promise<TopCounts> {
    const { pin } = await this.#ask("all");
    pin.release();
    const head = new HeadTally();
    head.add(pin.places);
    if (pin.frozenPlaces) head.add(pin.frozenPlaces);
    const { chunkCount, range } = head;
    return { ...tallyIndex(this.#index, limit), chunkCount, range };
  }

  async cardinality(request: CardinalityRequest): Promise<Cardinality> {
    const { budget, nowMs } = request;
    const range = churnRange(nowMs);
    const sets = testSets(request);
    return await this.#pinnedFor(sets, range, (pinned, held, check) => {
      const lives = new SeriesLives();
      for (const open of held) {
        this.#attempt(open, check, () => {
          const { ordinals, numbers } = this.#blockSeries(open, { sets, range, budget });
          lives.ensure(this.#table.seriesCount);
          for (let i = 0; i < ordinals.length; i++) {
            const { fromMs, toMs } = open.block.timesOf(ordinals[i]!);
            lives.note(numbers[i]!, fromMs, Math.min(toMs, nowMs));
          }
        });
      }
      const { ids, rows, places, frozenPlaces } = within(pinned, range);
      // Without blocks the index counts by its own numbers: nothing need be joined.
      const source = held.length === 0 ? this.#index : this.#table;
      const numbers = held.length === 0 ? ids : this.#table.ofHead(ids);
      lives.ensure(source.seriesCount);
      noteHead(lives, numbers, rows, places, nowMs);
      if (frozenPlaces) noteHead(lives, numbers, rows, frozenPlaces, nowMs);
      const counted = countLives(lives, source, request);
      this.#shed();
      return counted;
    });
  }

  get pageCache(): PageCacheFigures {
    return this.#blocks.cache;
  }

  close(): void {
    this.#blocks.close();
  }

  /** Shows the series of a request source by source, under one pin. */
  #visit(request: MetadataRequest, visitor: Visitor): Promise<void> {
    const { range, budget } = request;
    const sets = testSets(request);
    return this.#pinnedFor(sets, range, (pinned, held, check) => {
      const { ids } = within(pinned, range);
      budget.spend(0, ids.length * PLACE_WORDS * 4);
      visitor.head(ids);
      for (const open of held) {
        const { fromMs, toMs } = open.block.meta;
        const isWhole = isAny(sets) && fromMs >= range.fromMs && toMs <= range.toMs;
        this.#attempt(open, check, () => {
          if (isWhole) visitor.wholeBlock(open);
          else visitor.blockSeries(this.#blockSeries(open, { sets, range, budget }));
        });
      }
      this.#shed();
    });
  }

  /** After a query: snapshots that are open keep the table that they were given. */
  #shed(): void {
    if (!this.#table.isLarge) return;
    this.#table = new SeriesTable(this.#index, this.#seed);
    this.#join = new SeriesJoin(this.#table);
  }

  async #pinnedFor<Result>(
    sets: TestSets,
    range: TimeRange,
    work: (pinned: Pinned, held: readonly OpenBlock[], check: () => void) => Result,
  ): Promise<Result> {
    const pinned = await this.#pin(sets);
    const check = () => this.#pins.check(pinned.pin.ticket);
    let held: readonly OpenBlock[] = [];
    try {
      held = this.#blocks.take(pinned.blocks, range, check);
      return work(pinned, held, check);
    } finally {
      this.#blocks.release(held);
      pinned.pin.release();
    }
  }

  /** The series of all sources with samples around the range. */
  #joined(pinned: Pinned, held: readonly OpenBlock[], selection: Selection): JoinedSeries {
    const check = () => this.#pins.check(pinned.pin.ticket);
    const head = within(pinned, selection.range);
    selection.budget.spend(0, head.ids.length * PLACE_WORDS * 4);
    const found: BlockSeries[] = [];
    for (const open of held) {
      this.#attempt(open, check, () => {
        const series = this.#blockSeries(open, selection);
        if (series.ordinals.length > 0) found.push(series);
      });
    }
    const joined = this.#join.join(found, head);
    this.#shed();
    return joined;
  }

  #blockSeries(open: OpenBlock, { sets, range, budget }: Selection): BlockSeries {
    const { block } = open;
    const matched = unionOf(sets.map((tests) => block.match(tests, budget)));
    const isWhole = block.meta.fromMs >= range.fromMs && block.meta.toMs <= range.toMs;
    const isWithin = (ordinal: number) => {
      const { fromMs, toMs } = block.timesOf(ordinal);
      return fromMs <= range.toMs && toMs >= range.fromMs;
    };
    return this.#memory.pages.reading(matched.length, () => {
      const ordinals = isWhole ? matched : matched.filter(isWithin);
      budget.spend(0, ordinals.length * PART_BYTES);
      return { open, ordinals, numbers: this.#table.ofBlock(open, ordinals) };
    });
  }

  /** Does without a block that turns out damaged. */
  #attempt(open: OpenBlock, check: () => void, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#blocks.giveUp(open, error, check);
    }
  }

  /**
   * Pins all series of any of the sets, at one moment. Series that came in between matching and
   * pinning are looked for among the new ones; where they keep coming, all series are pinned first
   * and matched afterwards.
   */
  async #pin(sets: TestSets, matched?: MatchedSeries): Promise<Pinned> {
    for (let attempt = 0; attempt < TRIES && !isAny(sets); attempt++) {
      const known = this.#index.seriesCount;
      const ids = matched?.ids() ?? this.#index.matchAny(sets);
      const asked = this.#takeOwn(ids) ?? (await this.#ask(ids));
      const { seriesCount: count } = asked;
      const isComplete =
        count <= known || !this.#index.matchAny(sets, known).some((id) => id < count);
      if (isComplete) return { ids, ...placesIn(asked.pin), ...asked };
      asked.pin.release();
    }
    const asked = await this.#ask("all");
    const { seriesCount: count } = asked;
    if (isAny(sets)) {
      const ids = Uint32Array.from({ length: count }, (_, id) => id);
      return { ids, ...placesIn(asked.pin), ...asked };
    }
    const ids = this.#index.matchAny(sets).filter((id) => id < count);
    const { places, frozenPlaces } = placesIn(asked.pin);
    return {
      ids,
      places: placesOf(ids, places),
      frozenPlaces: frozenPlaces && placesOf(ids, frozenPlaces),
      ...asked,
    };
  }

  /** Without the writer, where it is at rest and this reader knows all that it has told. */
  #takeOwn(ids: Uint32Array): Asked | undefined {
    const { list: blocks, version } = this.#blocks.known;
    const pin = version === undefined ? undefined : this.#pins.take(ids);
    return pin && { pin, blocks, blocksVersion: version!, seriesCount: this.#index.seriesCount };
  }

  async #ask(ids: Uint32Array | "all"): Promise<Asked> {
    const known = this.#slabs.counts;
    const knownBlocks = this.#blocks.known;
    const { version } = knownBlocks;
    const count = ids === "all" ? this.#index.seriesCount : ids.length;
    const room = roomToShare(count * PLACE_WORDS);
    const { held: pin, reply } = await this.#pins.ask({
      readerId: this.readerId,
      ids: ids === "all" ? ids : shareIfMany(ids),
      ...(room && { room }),
      known,
      ...(version === undefined ? {} : { knownBlocks: version }),
    });
    const { news, blocks: told } = reply;
    this.#index.learn(news, known);
    const blocks = this.#blocks.learn(told, knownBlocks);
    if (told.list) this.#table.keepBlocks(new Set(blocks.map(({ meta }) => meta.name)));
    this.#pins.learn(reply.head);
    return { pin, blocks, blocksVersion: told.version, seriesCount: news.seriesCount };
  }
}

/** What an entry of a join takes: number, ordinal, source, place; and what the labels of one. */
const [PART_BYTES, LABELS_BYTES] = [16, 100];

interface Selection {
  readonly sets: TestSets;
  readonly range: TimeRange;
  readonly budget: QueryBudget;
}

interface Visitor {
  head(ids: Uint32Array): void;
  /** All series of the block are asked for, and all its samples lie in the range. */
  wholeBlock(open: OpenBlock): void;
  blockSeries(series: BlockSeries): void;
}

function labelsOf({ numbers, table }: JoinedSeries): readonly Labels[] {
  return Array.from(numbers, (number) => table.labelsOf(number));
}

/** No set asks for every series. */
function testSets({ matcherSets }: { readonly matcherSets: readonly (readonly Matcher[])[] }) {
  return matcherSets.length > 0 ? matcherSets.map((matchers) => matchers.map(valueTest)) : [[]];
}

function isAny(sets: TestSets): boolean {
  return sets.some((tests) => tests.length === 0);
}

function placesIn({ places, frozenPlaces }: HeldPin) {
  return { places, frozenPlaces };
}

/** Those with samples that reach into the range. */
function within({ ids, places, frozenPlaces }: Pinned, range: TimeRange): HeadSeries {
  const rows = new Uint32Array(ids.length);
  const kept = new Uint32Array(ids.length);
  let count = 0;
  for (let row = 0; row < ids.length; row++) {
    const at = row * PLACE_WORDS;
    const isIn =
      reachesInto(places, at, range) ||
      (frozenPlaces !== undefined && reachesInto(frozenPlaces, at, range));
    if (!isIn) continue;
    rows[count] = row;
    kept[count++] = ids[row]!;
  }
  return { ids: kept.subarray(0, count), rows: rows.subarray(0, count), places, frozenPlaces };
}

/** Rows that lie ahead of the clock count as of now. */
function noteHead(
  lives: SeriesLives,
  numbers: Uint32Array,
  rows: Uint32Array,
  places: Uint32Array,
  nowMs: number,
): void {
  for (let i = 0; i < numbers.length; i++) {
    const at = rows[i]! * PLACE_WORDS;
    if (!hasSamples(places, at)) continue;
    const firstMs = readTime(places, at + FIRST_TIME);
    lives.note(
      numbers[i]!,
      Math.min(firstMs, nowMs),
      Math.min(readTime(places, at + LAST_TIME), nowMs),
    );
  }
}

function addAll(texts: Iterable<string>, into: Set<string>): void {
  for (const text of texts) into.add(text);
}

function limited<Item>(items: readonly Item[], { limit }: MetadataRequest): readonly Item[] {
  return limit ? items.slice(0, limit + 1) : items;
}
