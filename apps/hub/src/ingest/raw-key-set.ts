import { DROPPED_KEYS_MAX, DROPPED_PROBES_MAX } from "./limits.ts";

const FIRST_SLOTS = 64;

/**
 * Remembers raw series texts. Open addressing; a search takes a bounded number of steps, so texts
 * chosen to collide only make it forgetful: `has` may say no to what was added, never yes to what
 * was not.
 */
export class RawKeySet {
  #slots: (Uint8Array | undefined)[] = new Array(FIRST_SLOTS).fill(undefined);
  #size = 0;

  /** Hot. */
  has(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#size === 0) return false;
    const mask = this.#slots.length - 1;
    const hash = hashOf(bytes, start, end);
    for (let probe = 0; probe < DROPPED_PROBES_MAX; probe++) {
      const key = this.#slots[(hash + probe) & mask];
      if (key === undefined) return false;
      if (isEqual(key, bytes, start, end)) return true;
    }
    return false;
  }

  add(key: Uint8Array): void {
    if (this.#size >= DROPPED_KEYS_MAX) return;
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    if (this.#place(key)) this.#size++;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Array(old.length * 2).fill(undefined);
    this.#size = 0;
    for (const key of old) if (key && this.#place(key)) this.#size++;
  }

  #place(key: Uint8Array): boolean {
    const mask = this.#slots.length - 1;
    const hash = hashOf(key, 0, key.length);
    for (let probe = 0; probe < DROPPED_PROBES_MAX; probe++) {
      const slot = (hash + probe) & mask;
      if (this.#slots[slot] !== undefined) continue;
      this.#slots[slot] = key;
      return true;
    }
    return false;
  }
}

/** FNV-1a of 32 bits. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
}

function isEqual(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
