import type { Clock } from "@hms-ops/model";
import type { ChangedMinutes } from "./generations.ts";
import type { HeadState } from "./head/head-state.ts";
import type { IndexWriter } from "./index/index-writer.ts";
import { NO_SLABS, type Slabs } from "./memory/slabs.ts";
import { Pins } from "./pins.ts";
import type { IndexNews, PinReply, PinRequest, SlabCounts, TsdbHandles } from "./ports.ts";
import type { Maintenance } from "./upkeep/maintenance.ts";
import type { BlockShelf } from "./upkeep/shelf.ts";

export interface PublishedParts {
  readonly clock: Clock;
  readonly pinLifeMs: number;
  readonly hashSeed: number;
  readonly changes: ChangedMinutes;
  readonly state: HeadState;
  readonly index: IndexWriter;
  readonly slabs: Slabs;
  readonly shelf: BlockShelf;
  readonly maintenance: Maintenance;
}

/** The moments that readers may see, by number, and which of them are still looked at. Writer only. */
export class Publications {
  readonly pins: Pins;
  readonly #parts: PublishedParts;
  #epoch = 0;
  /** What readers had to hear of at the last offer. */
  #offered: readonly unknown[] = [];
  #isWithdrawn = false;
  #lastReader = 0;

  constructor(parts: PublishedParts) {
    this.#parts = parts;
    this.pins = new Pins(parts.pinLifeMs);
    parts.state.onChange = () => this.pins.board.hold();
  }

  /** What another reader needs. */
  openReader(): TsdbHandles {
    const { pinLifeMs, hashSeed, changes, shelf } = this.#parts;
    const readerId = ++this.#lastReader;
    return {
      readerId,
      blocksFolder: shelf.folder,
      hashSeed,
      flags: this.pins.flags.memory,
      board: this.pins.board.memory,
      boardPart: this.pins.board.openPart(readerId),
      pageShares: this.pins.pageShares.memory,
      generations: changes.memory,
      pinLifeMs,
      news: this.news(NO_SLABS),
    };
  }

  /** Of the newest. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Everything that a pin no longer needs since here may be used again, or removed. */
  get oldestEpoch(): number {
    return this.pins.oldestEpoch(this.#epoch, this.#parts.clock.monotonicMs());
  }

  /** Begins another one. */
  advance(): number {
    return ++this.#epoch;
  }

  /** Lets readers pin by themselves what is published, unless part of the head is frozen. */
  offer(): void {
    const { state, slabs, shelf, index, maintenance } = this.#parts;
    if (this.#isWithdrawn || maintenance.frozenSamples > 0 || !state.isPublished) return;
    const { seriesCount, pairCount, nameCount } = index;
    const news = [state.words, slabs.count, shelf.version, seriesCount, pairCount, nameCount];
    const isNews = news.some((one, i) => one !== this.#offered[i]);
    this.#offered = news;
    this.pins.board.offer(this.#epoch, isNews);
  }

  /** From now on readers must ask, for good. */
  withdraw(): void {
    this.#isWithdrawn = true;
    this.pins.board.hold();
  }

  pin({ readerId, ids, room, known, knownBlocks }: PinRequest): PinReply {
    const { clock, index, state, maintenance, shelf } = this.#parts;
    const { pinId, slot } = this.pins.open(readerId, this.#epoch, clock.monotonicMs());
    const places = state.gather(ids, index.seriesCount, room);
    const frozenPlaces = maintenance.frozenPlaces(ids);
    const blocks = shelf.news(knownBlocks);
    const reply = { pinId, slot, places, blocks, news: this.news(known) };
    if (frozenPlaces) return { ...reply, frozenPlaces };
    return { ...reply, head: { version: this.pins.board.version, words: state.words } };
  }

  /** What someone who has `known` has not heard of. */
  news(known: SlabCounts): IndexNews {
    const { index, slabs } = this.#parts;
    const { seriesCount, pairCount, nameCount } = index;
    return { slabs: slabs.since(known), seriesCount, pairCount, nameCount };
  }

  revokeExpired(): void {
    this.pins.revokeExpired(this.#parts.clock.monotonicMs());
  }
}
