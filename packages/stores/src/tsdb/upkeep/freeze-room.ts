import type { Clock } from "@hms-ops/model";
import { PLACE_WORDS } from "../head/head-state.ts";
import { isManyWords, roomInTurns } from "../shared.ts";

/** Series that may come while the memory is made, as a part of those that are there. */
const AHEAD = 1 / 16;

/**
 * Memory for the places that a freeze hands over. Of a million series they are 32 MB, and the first
 * write to each page of fresh memory waits for the system: so it is made ahead, while groups go on.
 */
export class FreezeRoom {
  readonly #clock: Clock;
  #room: Uint32Array | undefined;
  #making: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a freeze of so many series need not wait for memory. */
  isReady(seriesCount: number): boolean {
    const words = seriesCount * PLACE_WORDS;
    return !isManyWords(words) || (this.#room !== undefined && this.#room.length >= words);
  }

  /** Settles when it is; a second call meanwhile waits for the first. */
  make(seriesCount: number): Promise<void> {
    if (this.isReady(seriesCount)) return Promise.resolve();
    this.#making ??= this.#inTurns(Math.ceil(seriesCount * (1 + AHEAD))).finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  /** Undefined where they are few. */
  async take(seriesCount: number): Promise<Uint32Array | undefined> {
    while (!this.isReady(seriesCount)) await this.make(seriesCount);
    const words = seriesCount * PLACE_WORDS;
    const room = isManyWords(words) ? this.#room?.subarray(0, words) : undefined;
    this.#room = undefined;
    return room;
  }

  async #inTurns(seriesCount: number): Promise<void> {
    const turn = () => new Promise<void>((resolve) => this.#clock.after(0, resolve));
    this.#room = await roomInTurns(seriesCount * PLACE_WORDS, turn);
  }
}
