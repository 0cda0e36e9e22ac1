/**
 * The only file of this store that knows shared memory as such. Slabs are of fixed size (a growable
 * one reads 20 times slower) and at least 4 MB (the system commits their pages at first touch, so a
 * large empty one is free).
 *
 * Visibility needs no lock: bytes are written before the message that publishes them, published
 * bytes never change, and cells that a reader may meet early are written once (from 0). The flags
 * of pins, and words that tell what changed, are written while they are read, through Atomics.
 */
export type SharedMemory = SharedArrayBuffer;

export const SLAB_BYTES = 4 * 1024 * 1024;

export function allocateShared(sizeBytes: number): SharedMemory {
  return new SharedArrayBuffer(Math.max(SLAB_BYTES, sizeBytes));
}

/** Fewer are copied from thread to thread in less time than new shared memory takes. */
const SHARED_WORDS_MIN = 1 << 18;

/** Whether so many words are shared between threads, not copied. */
export function isManyWords(length: number): boolean {
  return length >= SHARED_WORDS_MIN;
}

/** Words that other threads may read later: where they are many, in memory that threads share. */
export function wordsToShare(length: number): Uint32Array {
  if (!isManyWords(length)) return new Uint32Array(length);
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

/**
 * Words for another thread to write; undefined where it may as well take its own. The system hands
 * fresh memory out page by page as it is written first: that wait is the caller's.
 */
export function roomToShare(length: number): Uint32Array | undefined {
  return isManyWords(length) ? wordsToShare(length).fill(0) : undefined;
}

/** Written at once while others wait. */
const TURN_WORDS = 1 << 19;

/** Many words, as `roomToShare`, a piece at a time: in between `turn` lets others have theirs. */
export async function roomInTurns(length: number, turn: () => Promise<void>): Promise<Uint32Array> {
  const room = wordsToShare(length);
  for (let at = 0; at < length; at += TURN_WORDS) {
    room.fill(0, at, at + TURN_WORDS);
    await turn();
  }
  return room;
}

/** Where they are many, the same numbers in memory that threads share. */
export function shareIfMany(words: Uint32Array): Uint32Array {
  return isManyWords(words.length) ? sharedCopy(words) : words;
}

/** The same numbers where other threads can read them; those that are there already, themselves. */
export function sharedCopy<Column extends Uint32Array | Uint16Array>(column: Column): Column {
  if (column.buffer instanceof SharedArrayBuffer) return column;
  const Kind = column.constructor as new (memory: SharedMemory) => Column;
  const copy = new Kind(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}

/** Signed words of 32 bits that threads write while others read them. Hot. */
export class SharedWords {
  readonly #words: Int32Array;

  constructor(memory: SharedMemory) {
    this.#words = new Int32Array(memory);
  }

  load(at: number): number {
    return Atomics.load(this.#words, at);
  }

  store(at: number, value: number): void {
    Atomics.store(this.#words, at, value);
  }

  /**
   * As it is after everything that was read before. A read-modify-write, since a plain atomic load
   * would let earlier reads sink below it.
   */
  loadAfterReads(at: number): number {
    return Atomics.or(this.#words, at, 0);
  }

  /** False: another thread was first. */
  replace(at: number, old: number, value: number): boolean {
    return Atomics.compareExchange(this.#words, at, old, value) === old;
  }
}

const REVOKED = 1;

/** One flag a pin: the writer revokes, the pin's reader looks before it trusts what it copied. */
export class PinFlags {
  readonly memory: SharedMemory;
  readonly #words: SharedWords;

  constructor(memory: SharedMemory) {
    this.memory = memory;
    this.#words = new SharedWords(memory);
  }

  clear(slot: number): void {
    this.#words.store(slot, 0);
  }

  /** Must come before the first re-use of what the pin held. */
  revoke(slot: number): void {
    this.#words.store(slot, REVOKED);
  }

  /** Whether not everything read before this call was read under a valid pin. */
  isRevoked(slot: number): boolean {
    return this.#words.loadAfterReads(slot) === REVOKED;
  }
}
