import { allocateShared, type SharedMemory, SharedWords } from "./shared.ts";

/*
 * Pins that a reader takes by itself while the writer is at rest: it writes which publication it
 * looks at where the writer sees it, and asks nobody. Signed words that threads share:
 *
 *   word 0: sequence; odd while what the head's words say is not what is published, another even
 *           number after each change of what readers may see
 *   word 1: epoch of the newest publication
 *   word 2: version of what readers must have heard of
 *   word 16 …: slots, SLOTS_PER_READER a reader; 0, or the epoch that its reader looks at + 1
 *
 * The order makes it sound ([PIN7]): a reader looks at the sequence, writes its slot, looks again,
 * copies its places and looks a third time. The writer changes the sequence before it looks at the
 * slots. So whoever finds the same even number three times has what was published, and the writer
 * saw its slot before it used any of that again. Numbers go round after 2^30 publications; no pin
 * lives so long.
 */
const SEQUENCE = 0;
const EPOCH = 1;
const VERSION = 2;
const FIRST_SLOT = 16;
const SLOTS_PER_READER = 16;
/** Threads that read at a time; more of them ask the writer. */
export const PARTS_MAX = 256;
const MASK = 0x3fff_ffff;
const FREE = 0;

/** A pin by its slot. It holds as long as the slot has this word. */
export interface SlotPin {
  readonly slot: number;
  readonly word: number;
}

interface SeenPin {
  readonly word: number;
  readonly sinceMs: number;
}

/** The writer's side. */
export class PinBoard {
  readonly memory: SharedMemory = allocateShared((FIRST_SLOT + SLOTS_PER_READER * PARTS_MAX) * 4);
  readonly #words = new SharedWords(this.memory);
  /** By reader. */
  readonly #parts = new Map<number, number>();
  readonly #freeParts = Array.from({ length: PARTS_MAX }, (_, i) => PARTS_MAX - 1 - i);
  /**
   * Pins of what is no longer offered, as they were met first, by slot. Others hold nothing back; and
   * a slot may get the word of what is offered again, from another pin.
   */
  readonly #seen = new Map<number, SeenPin>();
  #sequence = 1;
  revoked = 0;

  constructor() {
    this.#words.store(SEQUENCE, this.#sequence);
  }

  get version(): number {
    return this.#words.load(VERSION);
  }

  /** Slots of its own for a reader; undefined when there are none left. */
  openPart(readerId: number): number | undefined {
    const part = this.#freeParts.pop();
    if (part !== undefined) this.#parts.set(readerId, part);
    return part;
  }

  /** Frees the slots of a reader that is gone; answers which part they were. */
  closePart(readerId: number): number | undefined {
    const part = this.#parts.get(readerId);
    if (part === undefined) return undefined;
    this.#parts.delete(readerId);
    this.#freeParts.push(part);
    for (let i = 0; i < SLOTS_PER_READER; i++) this.#words.store(slotOf(part, i), FREE);
    return part;
  }

  /** Must come before the head's words change. */
  hold(): void {
    if (this.#sequence % 2 === 0) this.#setSequence(this.#sequence + 1);
  }

  /** What may be pinned from now on. `isNews`: readers must ask the writer before they do. */
  offer(epoch: number, isNews: boolean): void {
    this.#words.store(EPOCH, epoch & MASK);
    if (isNews) this.#words.store(VERSION, (this.version + 1) & MASK);
    this.#setSequence(this.#sequence + 2 - (this.#sequence % 2));
  }

  /** The oldest publication that a reader looks at. */
  oldestEpoch(currentEpoch: number, nowMs: number): number {
    let mostAge = 0;
    for (const part of this.#parts.values()) {
      for (let i = 0; i < SLOTS_PER_READER; i++) {
        const slot = slotOf(part, i);
        const word = this.#words.load(slot);
        if (word === FREE) continue;
        if (word === this.#offeredWord) this.#seen.delete(slot);
        else if (this.#seen.get(slot)?.word !== word)
          this.#seen.set(slot, { word, sinceMs: nowMs });
        mostAge = Math.max(mostAge, (currentEpoch - (word - 1)) & MASK);
      }
    }
    return currentEpoch - mostAge;
  }

  /** Ends pins that were first met before a time. */
  revokeBefore(timeMs: number): void {
    for (const [slot, { word, sinceMs }] of this.#seen) {
      if (sinceMs > timeMs) continue;
      this.#seen.delete(slot);
      if (this.#words.replace(slot, word, FREE)) this.revoked++;
    }
  }

  /** What a pin that is taken now has in its slot. */
  get #offeredWord(): number | undefined {
    return this.#sequence % 2 === 0 ? this.#words.load(EPOCH) + 1 : undefined;
  }

  #setSequence(sequence: number): void {
    this.#sequence = sequence & MASK;
    this.#words.store(SEQUENCE, this.#sequence);
  }
}

/** The side of one reader, or of one that looks after another's pins (without a part). */
export class BoardPins {
  readonly #words: SharedWords;
  readonly #part: number | undefined;

  constructor(memory: SharedMemory, part: number | undefined) {
    this.#words = new SharedWords(memory);
    this.#part = part;
  }

  /**
   * Pins what is published, and copies of it what `copy` does. Undefined: the writer must be asked,
   * for it is at work, or has news since `version`.
   */
  take(version: number, copy: () => void): SlotPin | undefined {
    const words = this.#words;
    const slot = this.#freeSlot();
    const sequence = words.load(SEQUENCE);
    if (slot === undefined || sequence % 2 !== 0) return undefined;
    const word = words.load(EPOCH) + 1;
    words.store(slot, word);
    if (words.load(SEQUENCE) === sequence && words.load(VERSION) === version) {
      copy();
      if (words.loadAfterReads(SEQUENCE) === sequence) return { slot, word };
    }
    words.store(slot, FREE);
    return undefined;
  }

  /** Whether everything read before this call was read under a valid pin. */
  isHeld({ slot, word }: SlotPin): boolean {
    return this.#words.loadAfterReads(slot) === word;
  }

  /** Of one's own. */
  release({ slot, word }: SlotPin): void {
    this.#words.replace(slot, word, FREE);
  }

  #freeSlot(): number | undefined {
    if (this.#part === undefined) return undefined;
    for (let i = 0; i < SLOTS_PER_READER; i++) {
      const slot = slotOf(this.#part, i);
      if (this.#words.load(slot) === FREE) return slot;
    }
    return undefined;
  }
}

function slotOf(part: number, i: number): number {
  return FIRST_SLOT + part * SLOTS_PER_READER + i;
}
