import { type SeriesResolver, type SourceId, UNKNOWN_SERIES } from "@hms-ops/model";
import { hashBytes } from "./hash.ts";

const PAGE_BYTES = 1 << 20;
/**
 * Slots looked at before a key counts as unknown: bounds what chosen collisions cost. Honest keys
 * stay far below it, at half load and a million keys about 60.
 */
const PROBES_MAX = 256;

/** Columns of an entry: hash, source, place of the bytes, their length, series. */
const ENTRY_WORDS = 5;

/**
 * The raw label bytes by which senders name series. Finding one makes no string and no object; a
 * hit always compares all bytes. Over its limit it forgets everything: senders declare once more.
 */
export class RawKeys {
  readonly #seed: number;
  readonly #limitBytes: number;
  readonly #sources = new Map<SourceId, number>();
  #slots = new Uint32Array(1 << 12);
  #entries = new Uint32Array(ENTRY_WORDS << 10);
  #count = 0;
  #pages: Uint8Array[] = [];
  #end = 0;

  constructor(seed: number, limitBytes: number) {
    this.#seed = seed;
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#pages.length * PAGE_BYTES + this.#entries.byteLength + this.#slots.byteLength;
  }

  resolver(source: SourceId): SeriesResolver {
    return {
      find: (bytes, start, end) => {
        const number = this.#sources.get(source);
        return number === undefined ? UNKNOWN_SERIES : this.#find(number, bytes, start, end);
      },
    };
  }

  remember(source: SourceId, key: Uint8Array, series: number): void {
    if (key.length === 0 || key.length > PAGE_BYTES) return;
    if (this.sizeBytes + key.length > this.#limitBytes) this.#forgetAll();
    const number = this.#sources.get(source) ?? this.#sources.size;
    this.#sources.set(source, number);
    if (this.#find(number, key, 0, key.length) !== UNKNOWN_SERIES) return;
    if ((this.#count + 1) * 2 > this.#slots.length) this.#growSlots();
    const hash = this.#hash(number, key, 0, key.length);
    const entry = this.#count;
    if (!this.#enter(hash, entry)) return;
    this.#count++;
    this.#store(entry, [hash, number, this.#append(key), key.length, series]);
  }

  #find(source: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = this.#hash(source, bytes, start, end);
    const slots = this.#slots;
    const entries = this.#entries;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const entry = slots[slot]!;
      if (entry === 0) return UNKNOWN_SERIES;
      const at = (entry - 1) * ENTRY_WORDS;
      if (
        entries[at] === hash &&
        entries[at + 1] === source &&
        entries[at + 3] === end - start &&
        this.#equals(entries[at + 2]!, bytes, start, end)
      ) {
        return entries[at + 4]!;
      }
      slot = (slot + 1) & mask;
    }
    return UNKNOWN_SERIES;
  }

  #hash(source: number, bytes: Uint8Array, start: number, end: number): number {
    return hashBytes(bytes, start, end, this.#seed ^ Math.imul(source + 1, 0x9e3779b1));
  }

  #equals(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    const page = this.#pages[Math.floor(place / PAGE_BYTES)]!;
    let at = place % PAGE_BYTES;
    for (let i = start; i < end; i++) if (page[at++] !== bytes[i]) return false;
    return true;
  }

  #append(key: Uint8Array): number {
    const room = PAGE_BYTES - (this.#end % PAGE_BYTES);
    if (key.length > room) this.#end += room;
    const place = this.#end;
    const page = Math.floor(place / PAGE_BYTES);
    if (page === this.#pages.length) this.#pages.push(new Uint8Array(PAGE_BYTES));
    this.#pages[page]!.set(key, place % PAGE_BYTES);
    this.#end = place + key.length;
    return place;
  }

  #store(entry: number, words: readonly number[]): void {
    if ((entry + 1) * ENTRY_WORDS > this.#entries.length) {
      const entries = new Uint32Array(this.#entries.length * 2);
      entries.set(this.#entries);
      this.#entries = entries;
    }
    this.#entries.set(words, entry * ENTRY_WORDS);
  }

  #enter(hash: number, entry: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      if (this.#slots[slot] === 0) {
        this.#slots[slot] = entry + 1;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.#count; entry++) {
      this.#enter(this.#entries[entry * ENTRY_WORDS]!, entry);
    }
  }

  #forgetAll(): void {
    this.#sources.clear();
    this.#slots = new Uint32Array(1 << 12);
    this.#entries = new Uint32Array(ENTRY_WORDS << 10);
    this.#count = 0;
    this.#pages = [];
    this.#end = 0;
  }
}
