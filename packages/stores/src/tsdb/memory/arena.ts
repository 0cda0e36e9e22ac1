import { bug } from "@hms-ops/model";
import { SLAB_BYTES } from "../shared.ts";
import type { Slabs, SlabView } from "./slabs.ts";

/**
 * Places for chunks and their directories. A place is a number: slab and unit of 16 bytes; 0 is no
 * place. Writer only; readers compute with places alone.
 */
const UNIT_BYTES = 16;
export const UNIT_WORDS = 4;
const PLACE_SHIFT = 18;
const PLACE_MASK = (1 << PLACE_SHIFT) - 1;
/** Room in one slab; unit 0 of the first is nobody's. */
export const UNITS_MAX = SLAB_BYTES / UNIT_BYTES - 1;
const SLABS_MAX = 1 << (32 - PLACE_SHIFT);

export function viewOf(views: readonly SlabView[], place: number): SlabView {
  return views[place >>> PLACE_SHIFT]!;
}

/** First word of a place in its slab. */
export function wordOf(place: number): number {
  return (place & PLACE_MASK) << 2;
}

/**
 * Which slabs of samples no arena uses. A slab of an arena that was given up is used again once no
 * pin is open that is older than the publication which ended it ([PIN4]). Writer only.
 */
export class SlabPool {
  readonly #slabs: Slabs;
  #free: number[] = [];
  #waiting: { readonly epoch: number; readonly slabs: readonly number[] }[] = [];

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
  }

  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = this.#slabs.views("samples").length;
    if (slab >= SLABS_MAX) bug("more slabs than places can name");
    this.#slabs.allocate("samples");
    return slab;
  }

  release(slabs: readonly number[], epoch: number): void {
    this.#waiting.push({ epoch, slabs });
  }

  reclaim(oldestEpoch: number): void {
    if (this.#waiting.length === 0) return;
    for (const { epoch, slabs } of this.#waiting)
      if (epoch <= oldestEpoch) this.#free.push(...slabs);
    this.#waiting = this.#waiting.filter(({ epoch }) => epoch > oldestEpoch);
  }
}

interface Release {
  readonly epoch: number;
  readonly places: readonly number[];
  readonly units: readonly number[];
}

/**
 * Hands out places and takes them back. Released ones wait until no pin is open that is older than
 * the publication that replaced them ([PIN4]); what a batch took or released is undone by
 * `rollback`.
 */
export class Arena {
  readonly #pool: SlabPool;
  readonly #free = new Map<number, number[]>();
  readonly #own: number[] = [];
  #nextUnit = SLAB_BYTES / UNIT_BYTES;
  #usedUnits = 0;
  /** Released, not yet usable again. */
  #leavingUnits = 0;
  /** Since the last publication, in order, so that a batch can be undone. */
  readonly #taken: number[] = [];
  readonly #takenUnits: number[] = [];
  #released: number[] = [];
  #releasedUnits: number[] = [];
  #waiting: Release[] = [];

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** The slabs that it took from the pool. */
  get slabs(): readonly number[] {
    return this.#own;
  }

  get usedBytes(): number {
    return this.#usedUnits * UNIT_BYTES;
  }

  /** Without what only waits for pins to end. */
  get liveBytes(): number {
    return (this.#usedUnits - this.#leavingUnits) * UNIT_BYTES;
  }

  take(units: number): number {
    const free = this.#free.get(units)?.pop();
    const place = free ?? this.#carve(units);
    this.#usedUnits += units;
    this.#taken.push(place);
    this.#takenUnits.push(units);
    return place;
  }

  /** The place stays readable until it is published that nothing leads to it any more. */
  release(place: number, units: number): void {
    this.#released.push(place);
    this.#releasedUnits.push(units);
    this.#leavingUnits += units;
  }

  mark(): ArenaMark {
    return { taken: this.#taken.length, released: this.#released.length };
  }

  /** What was taken since the mark was never published; what was released is still in use. */
  rollback(mark: ArenaMark): void {
    for (let i = mark.taken; i < this.#taken.length; i++) {
      this.#giveBack(this.#taken[i]!, this.#takenUnits[i]!);
    }
    this.#taken.length = mark.taken;
    this.#takenUnits.length = mark.taken;
    for (let i = mark.released; i < this.#releasedUnits.length; i++) {
      this.#leavingUnits -= this.#releasedUnits[i]!;
    }
    this.#released.length = mark.released;
    this.#releasedUnits.length = mark.released;
  }

  publish(epoch: number): void {
    this.#taken.length = 0;
    this.#takenUnits.length = 0;
    if (this.#released.length === 0) return;
    this.#waiting.push({ epoch, places: this.#released, units: this.#releasedUnits });
    this.#released = [];
    this.#releasedUnits = [];
  }

  /** Makes places usable again that no open pin can see: those replaced up to `oldestEpoch`. */
  reclaim(oldestEpoch: number): void {
    let done = 0;
    for (const { epoch, places, units } of this.#waiting) {
      if (epoch > oldestEpoch) break;
      for (const [i, place] of places.entries()) {
        this.#leavingUnits -= units[i]!;
        this.#giveBack(place, units[i]!);
      }
      done++;
    }
    if (done > 0) this.#waiting = this.#waiting.slice(done);
  }

  #giveBack(place: number, units: number): void {
    this.#usedUnits -= units;
    const list = this.#free.get(units);
    if (list) list.push(place);
    else this.#free.set(units, [place]);
  }

  #carve(units: number): number {
    if (units > UNITS_MAX) bug("a place larger than a slab");
    if (this.#nextUnit + units > SLAB_BYTES / UNIT_BYTES) {
      this.#own.push(this.#pool.take());
      this.#nextUnit = 1;
    }
    const place = this.#own.at(-1)! * (1 << PLACE_SHIFT) + this.#nextUnit;
    this.#nextUnit += units;
    return place;
  }
}

export interface ArenaMark {
  readonly taken: number;
  readonly released: number;
}
