import type { Labels } from "@hms-ops/model";
import type { QueryMemory } from "./query-memory.ts";

/** Hash and place in the list; two slots each, of which a half may be empty. */
const NUMBERED_BYTES = 28;
const FIRST_SLOTS = 64;
const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;
const ALL: LabelChoice = { names: new Set(), without: true };

/** Which labels of a set count. */
export interface LabelChoice {
  readonly names: ReadonlySet<string>;
  /** All but these. */
  readonly without: boolean;
}

/**
 * Numbers label sets in the order in which they come, alike ones once; with a choice, sets that
 * are alike in the labels that it takes. Makes neither texts nor arrays per set. Hot.
 */
export class LabelSets {
  readonly #choice: LabelChoice;
  readonly #sets: Labels[] = [];
  #hashes = new Uint32Array(FIRST_SLOTS / 2);
  /** Number + 1, 0 = empty; open addressing, half full at most. */
  #slots = new Uint32Array(FIRST_SLOTS);

  constructor(choice: LabelChoice = ALL) {
    this.#choice = choice;
  }

  /** By number, each as it came first: whole, also with a choice. */
  get sets(): readonly Labels[] {
    return this.#sets;
  }

  /** The number of a set; the count of sets before, if it is new, which `memory` is told of. */
  add(labels: Labels, memory: QueryMemory): number {
    memory.visit();
    const hash = this.#hashOf(labels);
    const slot = this.#find(labels, hash);
    const known = this.#slots[slot]!;
    if (known > 0) return known - 1;
    memory.keepBytes(NUMBERED_BYTES);
    const number = this.#sets.push(labels) - 1;
    this.#slots[slot] = number + 1;
    this.#hashes[number] = hash;
    if (this.#sets.length * 2 >= this.#slots.length) this.#grow();
    return number;
  }

  /** The slot of a set, or the empty one where it belongs. */
  #find(labels: Labels, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const known = this.#slots[slot]!;
      if (known === 0) return slot;
      if (this.#hashes[known - 1] === hash && this.#isAlike(this.#sets[known - 1]!, labels)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    const hashes = new Uint32Array(slots.length / 2);
    hashes.set(this.#hashes);
    for (let number = 0; number < this.#sets.length; number++) {
      let slot = hashes[number]! & mask;
      while (slots[slot]! > 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
    this.#hashes = hashes;
  }

  /** FNV-1a over the characters that count; mixed at the end, as its low bits are weak. */
  #hashOf(labels: Labels): number {
    const { names, without } = this.#choice;
    const isAll = this.#choice === ALL;
    let hash = FNV_OFFSET;
    for (let i = 0; i < labels.length; i += 2) {
      if (isAll || names.has(labels[i]!) !== without) {
        hash = hashText(labels[i + 1]!, hashText(labels[i]!, hash));
      }
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #isAlike(one: Labels, other: Labels): boolean {
    return this.#choice === ALL ? isSame(one, other) : this.#isSameGroup(one, other);
  }

  /** Both are in order of names, so that what counts meets. */
  #isSameGroup(one: Labels, other: Labels): boolean {
    let i = this.#next(one, 0);
    let k = this.#next(other, 0);
    while (i < one.length && k < other.length) {
      if (one[i] !== other[k] || one[i + 1] !== other[k + 1]) return false;
      i = this.#next(one, i + 2);
      k = this.#next(other, k + 2);
    }
    return i >= one.length && k >= other.length;
  }

  /** The first label from a place on that counts. */
  #next(labels: Labels, from: number): number {
    const { names, without } = this.#choice;
    let at = from;
    while (at < labels.length && names.has(labels[at]!) === without) at += 2;
    return at;
  }
}

function isSame(one: Labels, other: Labels): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function hashText(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return Math.imul(hash ^ text.length, FNV_PRIME);
}
