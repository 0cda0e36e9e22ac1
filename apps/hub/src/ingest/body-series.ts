import {
  NEW_SERIES_BASE,
  type SampleBatch,
  type SeriesId,
  type SeriesResolver,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { DROPPED_SERIES } from "@hms-ops/wire/exposition";
import type { SourceMemory } from "./source-memory.ts";

const LATIN1 = new TextDecoder("latin1");

/**
 * Stands between reader and store while one body is read and notes which series its rows name.
 * As long as they are those of the last body in the same order, nothing is written down.
 */
export class BodySeries implements SeriesResolver {
  readonly #store: SeriesResolver;
  readonly #memory: SourceMemory;
  /** Equal to the last body's ids up to #count, or a copy of them that has gone its own way. */
  #ids: Uint32Array;
  #count = 0;
  /** Raw texts that this body has declared: a second line of the same text is the same series. */
  readonly #declared = new Map<string, SeriesId>();

  constructor(store: SeriesResolver, memory: SourceMemory) {
    this.#store = store;
    this.#memory = memory;
    this.#ids = memory.ids;
  }

  /** Hot. */
  find(bytes: Uint8Array, start: number, end: number): SeriesId {
    const known = this.#store.find(bytes, start, end);
    if (known !== UNKNOWN_SERIES) {
      this.#note(known);
      return known;
    }
    if (this.#memory.dropped.has(bytes, start, end)) return DROPPED_SERIES;
    if (this.#declared.size === 0) return UNKNOWN_SERIES;
    const declared = this.#declared.get(LATIN1.decode(bytes.subarray(start, end)));
    if (declared === undefined) return UNKNOWN_SERIES;
    this.#note(declared);
    return declared;
  }

  /** To be called for each series that the reader declares next, in that order. */
  noteDeclared(rawKey: Uint8Array): void {
    const id = NEW_SERIES_BASE + this.#declared.size;
    this.#declared.set(LATIN1.decode(rawKey), id);
    this.#note(id);
  }

  noteDropped(rawKey: Uint8Array): void {
    this.#memory.dropped.add(rawKey);
  }

  /** Rows that were read. */
  get count(): number {
    return this.#count;
  }

  /** Whether the body named the same series as the one before, in the same order. */
  get isRepeat(): boolean {
    return this.#ids === this.#memory.ids && this.#count === this.#ids.length;
  }

  /** Series of this body that the last one did not have. */
  countAdded(): number {
    if (this.isRepeat) return 0;
    const before = new Set(this.#memory.ids);
    const now = new Set(this.#ids.subarray(0, this.#count));
    let added = 0;
    for (const id of now) if (!before.has(id)) added++;
    return added;
  }

  /**
   * The ids as the store knows them after it has taken the batch; rows whose series it refused
   * name UNKNOWN_SERIES.
   */
  settledIds(batch: SampleBatch): Uint32Array {
    if (this.isRepeat) return this.#ids;
    return this.#ids.slice(0, this.#count).map((id) => {
      if (id < NEW_SERIES_BASE) return id;
      const rawKey = batch.newSeries[id - NEW_SERIES_BASE]?.rawKey ?? new Uint8Array(0);
      return this.#store.find(rawKey, 0, rawKey.length);
    });
  }

  #note(id: SeriesId): void {
    const at = this.#count++;
    if (this.#ids === this.#memory.ids) {
      if (this.#ids[at] === id) return;
      this.#ids = new Uint32Array(Math.max(64, this.#ids.length * 2));
      this.#ids.set(this.#memory.ids.subarray(0, at));
    } else if (at === this.#ids.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[at] = id;
  }
}

/**
 * Of rows that name one series at one time, keeps the last. The rows' order stays, so that the
 * store still meets rising times.
 */
export function dropRepeatedRows(batch: SampleBatch): { batch: SampleBatch; repeated: number } {
  const rowsById = new Map<SeriesId, number[]>();
  const gone = new Set<number>();
  for (let row = 0; row < batch.count; row++) {
    const id = batch.ids[row] ?? UNKNOWN_SERIES;
    const earlier = rowsById.get(id);
    if (earlier === undefined) {
      rowsById.set(id, [row]);
      continue;
    }
    for (const other of earlier) {
      if (batch.timesMs[other] === batch.timesMs[row]) gone.add(other);
    }
    earlier.push(row);
  }
  if (gone.size === 0) return { batch, repeated: 0 };
  const isKept = (_: number, row: number) => !gone.has(row);
  const kept = {
    ...batch,
    count: batch.count - gone.size,
    ids: batch.ids.filter(isKept),
    timesMs: batch.timesMs.filter(isKept),
    values: batch.values.filter(isKept),
    stale: batch.stale.filter(isKept),
  };
  return { batch: kept, repeated: gone.size };
}
