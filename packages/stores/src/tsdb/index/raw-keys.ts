import { type SeriesResolver, type SourceId, UNKNOWN_SERIES } from "@hms-ops/model";
import { allocateShared, type SharedMemory, SLAB_BYTES } from "../shared.ts";
import { hashBytes } from "./hash.ts";
import { KeyAppender, KeyPages } from "./key-pages.ts";

/**
 * Slots looked at before a key counts as unknown: bounds what chosen collisions cost. Honest keys
 * stay far below it, at half load and a million keys about 60.
 */
const PROBES_MAX = 256;
const FIRST_SLOTS = 1 << 14;

/** Columns of an entry: hash, source, place of the bytes, length of the key, series. */
const ENTRY_WORDS = 5;
/** With the length: the key shares bytes with another. */
const IS_SHARED = 0x8000_0000;
const LENGTH_MASK = 0x7fff_ffff;
const ENTRIES_SHIFT = 17;
const ENTRIES_PER_SLAB = 1 << ENTRIES_SHIFT;

/** What another thread needs to find keys; goes through `postMessage` as it is. */
export interface RawKeyHandles {
  readonly seed: number;
  /** Entries beyond are not to be trusted: they may be half written. */
  readonly count: number;
  /** Rises whenever all keys were forgotten. */
  readonly generation: number;
  readonly slots: SharedMemory;
  readonly slotCount: number;
  readonly entries: readonly SharedMemory[];
  readonly pages: readonly SharedMemory[];
  readonly sources: ReadonlyMap<SourceId, number>;
}

/** How much of the keys another thread knows. */
export type KnownRawKeys = Pick<RawKeyHandles, "count" | "generation">;

/** Finds keys in shared memory. Everything in it only grows; entries are written once. */
class RawKeyTable {
  readonly seed: number;
  slots: Uint32Array;
  readonly entries: Uint32Array[] = [];
  readonly pages = new KeyPages();
  count = 0;
  /** The entry after the last one found: senders name their series in the same order each time. */
  #next = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  constructor(seed: number, slots: Uint32Array) {
    this.seed = seed;
    this.slots = slots;
  }

  hash(source: number, bytes: Uint8Array, start: number, end: number): number {
    return hashBytes(bytes, start, end, this.seed ^ Math.imul(source + 1, 0x9e3779b1));
  }

  /** The series of the key that `expect` met. */
  expected = UNKNOWN_SERIES;

  /** Hot: no string, no object. A hit always compares all bytes. */
  find(source: number, bytes: Uint8Array, start: number, end: number): number {
    if (this.expect(source, bytes, start, end) === end) return this.expected;
    return this.#search(source, start, end);
  }

  /** Where the key that begins at `start` ends, if it is the entry after the last one; else −1. */
  expect(source: number, bytes: Uint8Array, start: number, end: number): number {
    if (bytes !== this.#bytes) this.#look(bytes);
    const entry = this.#next;
    if (entry >= this.count) return -1;
    const words = this.entries[entry >>> ENTRIES_SHIFT]!;
    const at = (entry & (ENTRIES_PER_SLAB - 1)) * ENTRY_WORDS;
    const keyEnd = start + (words[at + 3]! & LENGTH_MASK);
    if (keyEnd > end || words[at + 1] !== source || !this.#isKey(words, at, start, keyEnd)) {
      return -1;
    }
    this.#next = entry + 1;
    this.expected = words[at + 4]!;
    return keyEnd;
  }

  #search(source: number, start: number, end: number): number {
    const hash = this.hash(source, this.#bytes, start, end);
    const { slots, count } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const entry = slots[slot]! - 1;
      if (entry < 0) return UNKNOWN_SERIES;
      if (entry < count) {
        const words = this.entries[entry >>> ENTRIES_SHIFT]!;
        const at = (entry & (ENTRIES_PER_SLAB - 1)) * ENTRY_WORDS;
        const isLikely = words[at] === hash && words[at + 1] === source;
        if (isLikely && this.#isKey(words, at, start, end)) {
          this.#next = entry + 1;
          return words[at + 4]!;
        }
      }
      slot = (slot + 1) & mask;
    }
    return UNKNOWN_SERIES;
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #isKey(words: Uint32Array, entry: number, start: number, end: number): boolean {
    const length = words[entry + 3]!;
    if ((length & LENGTH_MASK) !== end - start) return false;
    return this.pages.isKey(words[entry + 2]!, length >= IS_SHARED, this.#view, start, end);
  }
}

/**
 * The raw label bytes by which senders name series. Finding one makes no string and no object. Over
 * its limit it forgets everything: senders declare once more. Writer only; other threads find keys
 * through a `RawKeyReader`.
 */
export class RawKeys {
  readonly #limitBytes: number;
  #sources = new Map<SourceId, number>();
  #slotMemory: SharedMemory;
  #entryMemory: SharedMemory[] = [];
  #table: RawKeyTable;
  #keys: KeyAppender;
  #generation = 0;

  constructor(seed: number, limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#slotMemory = allocateShared(FIRST_SLOTS * 4);
    this.#table = new RawKeyTable(seed, slotsOf(this.#slotMemory, FIRST_SLOTS));
    this.#keys = new KeyAppender(this.#table.pages);
  }

  /** How often all of them went, over the limit. */
  get timesForgotten(): number {
    return this.#generation;
  }

  get sizeBytes(): number {
    const { count, slots } = this.#table;
    return this.#keys.sizeBytes + count * ENTRY_WORDS * 4 + slots.byteLength;
  }

  /** Undefined if there is nothing new to someone who knows so much. */
  handles(known?: KnownRawKeys): RawKeyHandles | undefined {
    const { seed, count } = this.#table;
    if (known && known.count === count && known.generation === this.#generation) return undefined;
    return {
      seed,
      count,
      generation: this.#generation,
      slots: this.#slotMemory,
      slotCount: this.#table.slots.length,
      entries: this.#entryMemory,
      pages: this.#keys.memory,
      sources: this.#sources,
    };
  }

  resolver(source: SourceId): SeriesResolver {
    return new KeyResolver(
      () => this.#table,
      () => this.#sources.get(source),
    );
  }

  remember(source: SourceId, key: Uint8Array, series: number): void {
    if (key.length === 0 || key.length > SLAB_BYTES) return;
    if (this.sizeBytes + key.length > this.#limitBytes) this.#forgetAll();
    const number = this.#sources.get(source) ?? this.#sources.size;
    this.#sources.set(source, number);
    const table = this.#table;
    if (table.find(number, key, 0, key.length) !== UNKNOWN_SERIES) return;
    if ((table.count + 1) * 2 > table.slots.length) this.#growSlots();
    const hash = table.hash(number, key, 0, key.length);
    const { place, isShared } = this.#keys.append(key);
    const length = isShared ? key.length + IS_SHARED : key.length;
    this.#store(table.count, [hash, number, place, length, series]);
    if (enter(table.slots, hash, table.count)) table.count++;
  }

  #store(entry: number, words: readonly number[]): void {
    if (entry >>> ENTRIES_SHIFT === this.#entryMemory.length) {
      const memory = allocateShared(ENTRIES_PER_SLAB * ENTRY_WORDS * 4);
      this.#entryMemory = [...this.#entryMemory, memory];
      this.#table.entries.push(new Uint32Array(memory));
    }
    const at = (entry & (ENTRIES_PER_SLAB - 1)) * ENTRY_WORDS;
    this.#table.entries[entry >>> ENTRIES_SHIFT]!.set(words, at);
  }

  #growSlots(): void {
    const table = this.#table;
    const count = table.slots.length * 2;
    this.#slotMemory = allocateShared(count * 4);
    table.slots = slotsOf(this.#slotMemory, count);
    for (let entry = 0; entry < table.count; entry++) {
      const words = table.entries[entry >>> ENTRIES_SHIFT]!;
      enter(table.slots, words[(entry & (ENTRIES_PER_SLAB - 1)) * ENTRY_WORDS]!, entry);
    }
  }

  #forgetAll(): void {
    this.#sources = new Map();
    this.#slotMemory = allocateShared(FIRST_SLOTS * 4);
    this.#table = new RawKeyTable(this.#table.seed, slotsOf(this.#slotMemory, FIRST_SLOTS));
    this.#entryMemory = [];
    this.#keys = new KeyAppender(this.#table.pages);
    this.#generation++;
  }
}

/** Finds the writer's raw keys in another thread, as far as it was told of them. */
export class RawKeyReader {
  #table: RawKeyTable | undefined;
  #sources: ReadonlyMap<SourceId, number> = new Map();
  #known: KnownRawKeys = { count: 0, generation: -1 };

  /** For `TsdbWriter.rawKeys`. */
  get known(): KnownRawKeys {
    return this.#known;
  }

  /** Answers may come out of order: what is older says nothing new. */
  learn(handles: RawKeyHandles | undefined): void {
    if (!handles || handles.generation < this.#known.generation) return;
    const isNewer = handles.generation > this.#known.generation;
    if (!isNewer && handles.count <= this.#known.count) return;
    const table = new RawKeyTable(handles.seed, slotsOf(handles.slots, handles.slotCount));
    for (const memory of handles.entries) table.entries.push(new Uint32Array(memory));
    for (const memory of handles.pages) table.pages.add(memory);
    table.count = handles.count;
    this.#table = table;
    this.#sources = handles.sources;
    this.#known = { count: handles.count, generation: handles.generation };
  }

  resolver(source: SourceId): SeriesResolver {
    return new KeyResolver(
      () => this.#table,
      () => this.#sources.get(source),
    );
  }
}

/** Looks keys of one source up; hot. */
class KeyResolver implements SeriesResolver {
  readonly #tableNow: () => RawKeyTable | undefined;
  readonly #sourceNow: () => number | undefined;
  /** Where the source's number was looked for last; a table that begins anew is another. */
  #table: RawKeyTable | undefined;
  #source: number | undefined;
  expected = UNKNOWN_SERIES;

  constructor(tableNow: () => RawKeyTable | undefined, sourceNow: () => number | undefined) {
    this.#tableNow = tableNow;
    this.#sourceNow = sourceNow;
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const table = this.#tableOfSource();
    return table ? table.find(this.#source!, bytes, start, end) : UNKNOWN_SERIES;
  }

  expect(bytes: Uint8Array, start: number, end: number): number {
    const table = this.#tableOfSource();
    if (!table) return -1;
    const keyEnd = table.expect(this.#source!, bytes, start, end);
    if (keyEnd > 0) this.expected = table.expected;
    return keyEnd;
  }

  /** Undefined as long as it has no key of the source. */
  #tableOfSource(): RawKeyTable | undefined {
    const table = this.#tableNow();
    if (table !== this.#table || this.#source === undefined) {
      this.#table = table;
      this.#source = this.#sourceNow();
    }
    return this.#source === undefined ? undefined : table;
  }
}

/** The memory may be larger. */
function slotsOf(memory: SharedMemory, count: number): Uint32Array {
  return new Uint32Array(memory, 0, count);
}

/** False where too many slots in a row are taken: the key stays unknown. */
function enter(slots: Uint32Array, hash: number, entry: number): boolean {
  const mask = slots.length - 1;
  let slot = hash & mask;
  for (let probe = 0; probe < PROBES_MAX; probe++) {
    if (slots[slot] === 0) {
      slots[slot] = entry + 1;
      return true;
    }
    slot = (slot + 1) & mask;
  }
  return false;
}
