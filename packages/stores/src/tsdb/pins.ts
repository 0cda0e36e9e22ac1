import { OpsError } from "@hms-ops/model";
import { STORE_ERRORS } from "../errors.ts";
import { PageShares } from "./block/page-share.ts";
import { PinBoard } from "./pin-board.ts";
import { allocateShared, PinFlags } from "./shared.ts";

/** Far above what queries need; a reader that forgets to close its pins is found by it. */
const PINS_MAX = 4_096;

interface Pin {
  readonly readerId: number;
  readonly slot: number;
  readonly epoch: number;
  readonly deadlineMs: number;
  isRevoked: boolean;
}

/** Which publications readers still look at. Writer only. */
export class Pins {
  readonly flags = new PinFlags(allocateShared(PINS_MAX * 4));
  /** Of pins that readers take by themselves. */
  readonly board = new PinBoard();
  readonly pageShares = new PageShares();
  readonly #pins = new Map<number, Pin>();
  readonly #freeSlots = Array.from({ length: PINS_MAX }, (_, i) => PINS_MAX - 1 - i);
  readonly #lifeMs: number;
  #lastId = 0;
  #revoked = 0;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  get revoked(): number {
    return this.#revoked + this.board.revoked;
  }

  get count(): number {
    return this.#pins.size;
  }

  open(readerId: number, epoch: number, nowMs: number): { pinId: number; slot: number } {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) throw new OpsError(STORE_ERRORS.tooManySnapshots, { count: PINS_MAX });
    this.flags.clear(slot);
    const pinId = ++this.#lastId;
    const deadlineMs = nowMs + this.#lifeMs;
    this.#pins.set(pinId, { readerId, slot, epoch, deadlineMs, isRevoked: false });
    return { pinId, slot };
  }

  /** The slot is free again only now, also of a pin that was revoked: its flag was needed. */
  close(pinId: number): void {
    const pin = this.#pins.get(pinId);
    if (!pin) return;
    this.#pins.delete(pinId);
    this.#freeSlots.push(pin.slot);
  }

  dropReader(readerId: number): void {
    for (const [pinId, pin] of this.#pins) if (pin.readerId === readerId) this.close(pinId);
    const part = this.board.closePart(readerId);
    if (part !== undefined) this.pageShares.forget(part);
  }

  revokeExpired(nowMs: number): void {
    for (const pin of this.#pins.values()) {
      if (pin.isRevoked || pin.deadlineMs > nowMs) continue;
      pin.isRevoked = true;
      this.#revoked++;
      this.flags.revoke(pin.slot);
    }
    this.board.revokeBefore(nowMs - this.#lifeMs);
  }

  /** The oldest publication that a valid pin still needs. */
  oldestEpoch(currentEpoch: number, nowMs: number): number {
    let oldest = this.board.oldestEpoch(currentEpoch, nowMs);
    for (const pin of this.#pins.values()) {
      if (!pin.isRevoked && pin.epoch < oldest) oldest = pin.epoch;
    }
    return oldest;
  }
}
