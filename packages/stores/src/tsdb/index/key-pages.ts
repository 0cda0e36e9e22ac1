import { allocateShared, type SharedMemory, SLAB_BYTES } from "../shared.ts";

/**
 * The bytes of raw keys, in shared pages; none across the end of one. A key that begins and ends as
 * an earlier one of its page does, its base, has only what is between the two of its own:
 *   whole   | bytes |
 *   shared  | where in the page its base begins : 32 | length of the base : 16
 *           | how much both begin with : 16 | how much both end with : 16 | bytes in the middle |
 * Senders name the series of a target one after the other: three quarters of their bytes are alike.
 */
const SHARED_HEADER_BYTES = 10;
/** Own bytes of a shared key per byte of the key; with more of them a key becomes the next base. */
const OWN_SHARE_MAX = 0.4;
const BASE_BYTES_MAX = 0xffff;

/** Where a key's bytes are. */
export interface KeyPlace {
  readonly place: number;
  readonly isShared: boolean;
}

/** Compares keys, in any thread. */
export class KeyPages {
  readonly #pages: DataView[] = [];

  add(memory: SharedMemory): void {
    this.#pages.push(new DataView(memory));
  }

  /** Whether the key of this place, which is as long, is `bytes` from `start` to `end`. Hot. */
  isKey(place: number, isShared: boolean, bytes: DataView, start: number, end: number): boolean {
    const page = this.#pages[Math.floor(place / SLAB_BYTES)]!;
    const at = place % SLAB_BYTES;
    if (!isShared) return isAlike(page, at, bytes, start, end);
    const base = page.getUint32(at, true);
    const baseEnd = base + page.getUint16(at + 4, true);
    const middle = start + page.getUint16(at + 6, true);
    const tail = page.getUint16(at + 8, true);
    const middleEnd = end - tail;
    return (
      isAlike(page, at + SHARED_HEADER_BYTES, bytes, middle, middleEnd) &&
      isAlike(page, baseEnd - tail, bytes, middleEnd, end) &&
      isAlike(page, base, bytes, start, middle)
    );
  }
}

/** Writes keys into pages. Writer only. */
export class KeyAppender {
  readonly pages: KeyPages;
  #memory: readonly SharedMemory[] = [];
  #end = 0;
  /** What the next keys may share, and where it stands in the last page. */
  #base: Uint8Array = new Uint8Array(0);
  #baseAt = 0;

  constructor(pages: KeyPages) {
    this.pages = pages;
  }

  /** The pages so far; another list after each new one. */
  get memory(): readonly SharedMemory[] {
    return this.#memory;
  }

  get sizeBytes(): number {
    return this.#end;
  }

  /** Of at most SLAB_BYTES. The caller does not change it any more. */
  append(key: Uint8Array): KeyPlace {
    const head = this.#alikeAtStart(key);
    const tail = this.#alikeAtEnd(key, head);
    const own = key.subarray(head, key.length - tail);
    const needed = SHARED_HEADER_BYTES + own.length;
    const isShared = own.length <= key.length * OWN_SHARE_MAX && needed <= this.#room;
    if (!isShared) return { place: this.#appendBase(key), isShared };
    const { bytes, at } = this.#take(needed);
    const view = new DataView(bytes.buffer);
    view.setUint32(at, this.#baseAt, true);
    view.setUint16(at + 4, this.#base.length, true);
    view.setUint16(at + 6, head, true);
    view.setUint16(at + 8, tail, true);
    bytes.set(own, at + SHARED_HEADER_BYTES);
    return { place: this.#end - needed, isShared };
  }

  get #room(): number {
    return this.#memory.length * SLAB_BYTES - this.#end;
  }

  #appendBase(key: Uint8Array): number {
    const { bytes, at } = this.#take(key.length);
    bytes.set(key, at);
    this.#base = key.length <= BASE_BYTES_MAX ? key : new Uint8Array(0);
    this.#baseAt = at;
    return this.#end - key.length;
  }

  #take(sizeBytes: number): { readonly bytes: Uint8Array; readonly at: number } {
    if (sizeBytes > this.#room) {
      this.#end = this.#memory.length * SLAB_BYTES;
      const memory = allocateShared(SLAB_BYTES);
      this.#memory = [...this.#memory, memory];
      this.pages.add(memory);
    }
    const at = this.#end % SLAB_BYTES;
    this.#end += sizeBytes;
    return { bytes: new Uint8Array(this.#memory.at(-1)!), at };
  }

  /** In whole words, as they are compared. */
  #alikeAtStart(key: Uint8Array): number {
    const base = this.#base;
    const most = Math.min(base.length, key.length);
    let count = 0;
    while (count < most && base[count] === key[count]) count++;
    return count & ~3;
  }

  #alikeAtEnd(key: Uint8Array, head: number): number {
    const base = this.#base;
    const most = Math.min(base.length, key.length) - head;
    let count = 0;
    while (count < most && base[base.length - 1 - count] === key[key.length - 1 - count]) count++;
    return count & ~3;
  }
}

/**
 * Whether a page has from `at` on what `bytes` have from `start` to `end`. From the end on: label
 * sets that follow each other differ there. Hot.
 */
function isAlike(page: DataView, at: number, bytes: DataView, start: number, end: number): boolean {
  const offset = at - start;
  let i = end;
  for (; i - 4 >= start; i -= 4) {
    if (page.getInt32(offset + i - 4, true) !== bytes.getInt32(i - 4, true)) return false;
  }
  for (; i > start; i--) if (page.getUint8(offset + i - 1) !== bytes.getUint8(i - 1)) return false;
  return true;
}
