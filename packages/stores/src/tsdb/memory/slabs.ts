import { bug } from "@hms-ops/model";
import type { SlabCounts, SlabKind } from "../ports.ts";
import { allocateShared, type SharedMemory, SLAB_BYTES } from "../shared.ts";

export const SLAB_KINDS: readonly SlabKind[] = [
  "samples",
  "lists",
  "text",
  "pairs",
  "names",
  "starts",
  "references",
  "table",
];

/** A slab seen in three widths. */
export interface SlabView {
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  readonly bytes: Uint8Array;
}

/** Slabs by kind, as this thread sees them. Only the writer's thread adds new memory. */
export class Slabs {
  readonly #views: Readonly<Record<SlabKind, SlabView[]>>;
  readonly #memory: Readonly<Record<SlabKind, SharedMemory[]>>;

  #count = 0;

  constructor() {
    this.#views = byKind(() => []);
    this.#memory = byKind(() => []);
  }

  /** Grows as slabs are added; the array itself stays the same. */
  views(kind: SlabKind): readonly SlabView[] {
    return this.#views[kind];
  }

  /** Of all kinds. */
  get count(): number {
    return this.#count;
  }

  get counts(): SlabCounts {
    return byKind((kind) => this.#memory[kind].length);
  }

  add(kind: SlabKind, memory: SharedMemory): SlabView {
    const view = {
      words: new Uint32Array(memory),
      halves: new Uint16Array(memory),
      bytes: new Uint8Array(memory),
    };
    this.#count++;
    this.#memory[kind].push(memory);
    this.#views[kind].push(view);
    return view;
  }

  allocate(kind: SlabKind, sizeBytes = SLAB_BYTES): SlabView {
    return this.add(kind, allocateShared(sizeBytes));
  }

  /** The slabs that someone who has `known` has not. */
  since(known: SlabCounts): Readonly<Record<SlabKind, readonly SharedMemory[]>> {
    return byKind((kind) => this.#memory[kind].slice(known[kind]));
  }
}

export const NO_SLABS: SlabCounts = byKind(() => 0);

function byKind<Value>(make: (kind: SlabKind) => Value): Record<SlabKind, Value> {
  const entries = SLAB_KINDS.map((kind) => [kind, make(kind)]);
  return Object.fromEntries(entries) as Record<SlabKind, Value>;
}

const COLUMN_SHIFT = 20;
const COLUMN_MASK = (1 << COLUMN_SHIFT) - 1;

/** A column of 32-bit words over slabs of its own kind: word i stays where it is for good. */
export class WordColumn {
  readonly #slabs: Slabs;
  readonly #kind: SlabKind;
  readonly #views: readonly SlabView[];

  constructor(slabs: Slabs, kind: SlabKind) {
    this.#slabs = slabs;
    this.#kind = kind;
    this.#views = slabs.views(kind);
  }

  get(index: number): number {
    return this.#views[index >>> COLUMN_SHIFT]!.words[index & COLUMN_MASK]!;
  }

  /** As `get`, and 0 where this thread was not told of the slab yet. */
  peek(index: number): number {
    return this.#views[index >>> COLUMN_SHIFT]?.words[index & COLUMN_MASK] ?? 0;
  }

  /** Writer only. */
  set(index: number, word: number): void {
    while (index >>> COLUMN_SHIFT >= this.#views.length) this.#slabs.allocate(this.#kind);
    this.#views[index >>> COLUMN_SHIFT]!.words[index & COLUMN_MASK] = word;
  }
}

/** Bytes of texts, none across the end of a slab; a text is named by the offset of its start. */
export class TextColumn {
  readonly #slabs: Slabs;
  readonly #views: readonly SlabView[];
  #end = 0;

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
    this.#views = slabs.views("text");
  }

  get sizeBytes(): number {
    return this.#end;
  }

  /** Writer only. */
  append(text: Uint8Array): number {
    const room = SLAB_BYTES - (this.#end % SLAB_BYTES);
    if (text.length > SLAB_BYTES) bug("a text is longer than a slab");
    if (text.length > room) this.#end += room;
    const at = this.#end;
    while (at / SLAB_BYTES >= this.#views.length) this.#slabs.allocate("text");
    this.#views[Math.floor(at / SLAB_BYTES)]!.bytes.set(text, at % SLAB_BYTES);
    this.#end = at + text.length;
    return at;
  }

  get(at: number, length: number): Uint8Array {
    const from = at % SLAB_BYTES;
    return this.#views[Math.floor(at / SLAB_BYTES)]!.bytes.subarray(from, from + length);
  }

  equals(at: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#views[Math.floor(at / SLAB_BYTES)]!.bytes;
    let place = at % SLAB_BYTES;
    for (let i = start; i < end; i++) if (own[place++] !== bytes[i]) return false;
    return true;
  }
}
