import { PARTS_MAX } from "../pin-board.ts";
import type { TsdbHandles } from "../ports.ts";
import { allocateShared, type SharedMemory, SharedWords } from "../shared.ts";

/** Word of the reader at place p: KiB of pages that it keeps; 0 = it keeps none, or is gone. */
const WORD_BYTES = 1_024;

/** What each reader keeps of unpacked pages, where all readers see it. Writer only. */
export class PageShares {
  readonly memory: SharedMemory = allocateShared(0);
  readonly #words = new SharedWords(this.memory);

  /** Of a reader that is gone. */
  forget(place: number): void {
    this.#words.store(place, 0);
  }
}

/** Undefined for a reader beyond those that have a part: it keeps what it may alone. */
export function pageShareOf({ pageShares, boardPart }: TsdbHandles): PageShare | undefined {
  return boardPart === undefined ? undefined : new PageShare(pageShares, boardPart);
}

/** What one reader may keep of the bytes that all may keep together. */
export class PageShare {
  readonly #words: SharedWords;
  readonly #place: number;

  constructor(memory: SharedMemory, place: number) {
    this.#words = new SharedWords(memory);
    this.#place = place;
  }

  /** Tells what this reader keeps; answers how much it may: what the others leave, or its part. */
  mayKeep(keptBytes: number, allBytes: number): number {
    this.#words.store(this.#place, Math.ceil(keptBytes / WORD_BYTES));
    let others = 0;
    let readers = 1;
    for (let place = 0; place < PARTS_MAX; place++) {
      const kept = place === this.#place ? 0 : this.#words.load(place);
      if (kept === 0) continue;
      others += kept;
      readers++;
    }
    return Math.max(allBytes - others * WORD_BYTES, allBytes / readers);
  }
}
