/** The only file of the query engine that knows shared memory as such: what slices of a scan share. */

const FREE = 0;
const TAKEN = 1;
export const SLICE_DONE = 2;
/** Whoever took it could not read it. */
export const SLICE_FAILED = 3;
/** There are histograms among its samples, which no scan reads. */
export const SLICE_OF_HISTOGRAMS = 4;

const BYTES_PER_SLICE = 8;

/** Zeroed bytes, where other threads can see them or not. */
export function newMemory(bytes: number, isShared: boolean): ArrayBufferLike {
  return isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

/** More would be kept for queries that are rare. */
const SPARE_BYTES_MOST = 8 * 1024 * 1024;

/**
 * Shared memory that one scan after the other uses. What is new costs a fault for each page of it
 * in every thread that writes there, and lives until all of them have collected their garbage.
 */
export class SpareMemory {
  #spare: SharedArrayBuffer | undefined;

  /** Zeroed where it will be used; may be larger. */
  take(bytes: number): SparePart {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined || spare.byteLength < bytes) {
      return { memory: new SharedArrayBuffer(bytes), newBytes: bytes };
    }
    new Uint8Array(spare, 0, bytes).fill(0);
    return { memory: spare, newBytes: 0 };
  }

  /** To be called when no thread can write to it any more. */
  giveBack(memory: SharedArrayBuffer): void {
    if (memory.byteLength > SPARE_BYTES_MOST) return;
    if (memory.byteLength > (this.#spare?.byteLength ?? 0)) this.#spare = memory;
  }
}

export interface SparePart {
  readonly memory: SharedArrayBuffer;
  readonly newBytes: number;
}

/** Of slices that nobody has taken. */
export function newStates(slices: number, isShared: boolean): ArrayBufferLike {
  return newMemory(slices * BYTES_PER_SLICE, isShared);
}

/** Who reads which slice: two words a slice, its state and the samples that were read. */
export class SliceStates {
  readonly #words: Int32Array;

  constructor(memory: ArrayBufferLike) {
    this.#words = new Int32Array(memory);
  }

  /** False: another thread has it, or is done with it. */
  take(slice: number): boolean {
    return Atomics.compareExchange(this.#words, 2 * slice, FREE, TAKEN) === FREE;
  }

  stateOf(slice: number): number {
    return Atomics.load(this.#words, 2 * slice);
  }

  /** Nobody reads any of so many slices, nor will. */
  areSettled(slices: number): boolean {
    for (let slice = 0; slice < slices; slice++) {
      if (this.stateOf(slice) < SLICE_DONE) return false;
    }
    return true;
  }

  samplesOf(slice: number): number {
    return Atomics.load(this.#words, 2 * slice + 1);
  }

  /** Waits, the whole thread, until another one is done with a slice, or the time is over. */
  waitFor(slice: number, timeoutMs: number): void {
    Atomics.wait(this.#words, 2 * slice, TAKEN, timeoutMs);
  }

  /** Of a slice that this thread has taken. */
  settle(slice: number, state: number, samples: number): void {
    Atomics.store(this.#words, 2 * slice + 1, samples);
    Atomics.store(this.#words, 2 * slice, state);
    Atomics.notify(this.#words, 2 * slice);
  }
}
