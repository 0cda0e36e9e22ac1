import {
  NEW_SERIES_BASE,
  type SampleBatch,
  type SeriesId,
  type SeriesResolver,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { DROPPED_SERIES } from "@hms-ops/wire/exposition";
import type { SourceMemory } from "./source-memory.ts";

const NO_IDS: Uint32Array = new Uint32Array(0);
const LATIN1 = new TextDecoder("latin1");

/**
 * Stands between reader and store while one body is read, and tells afterwards how its series
 * compare with those of the body before.
 */
export class BodySeries implements SeriesResolver {
  readonly #store: SeriesResolver;
  readonly #memory: SourceMemory;
  /** Raw texts that this body has declared: a second line of the same text is the same series. */
  readonly #declared = new Map<string, SeriesId>();
  /** Of all rows; those of the last body where this one repeats it. */
  #ids: Uint32Array = NO_IDS;

  constructor(store: SeriesResolver, memory: SourceMemory) {
    this.#store = store;
    this.#memory = memory;
  }

  /** Hot. */
  find(bytes: Uint8Array, start: number, end: number): SeriesId {
    const known = this.#store.find(bytes, start, end);
    if (known !== UNKNOWN_SERIES) return known;
    if (this.#memory.dropped.has(bytes, start, end)) return DROPPED_SERIES;
    if (this.#declared.size === 0) return UNKNOWN_SERIES;
    return this.#declared.get(LATIN1.decode(bytes.subarray(start, end))) ?? UNKNOWN_SERIES;
  }

  /** Hot. What the store expects it knows, so nothing else needs to be asked. */
  expect(bytes: Uint8Array, start: number, end: number): number {
    return this.#store.expect?.(bytes, start, end) ?? -1;
  }

  get expected(): SeriesId {
    return this.#store.expected ?? UNKNOWN_SERIES;
  }

  /** To be called for each series that the reader declares next, in that order. */
  noteDeclared(rawKey: Uint8Array): void {
    this.#declared.set(LATIN1.decode(rawKey), NEW_SERIES_BASE + this.#declared.size);
  }

  noteDropped(rawKey: Uint8Array): void {
    this.#memory.dropped.add(rawKey);
  }

  /** To be called when the body has been read, with the series of all its rows. */
  noteRows(ids: Uint32Array): void {
    this.#ids = isEqual(ids, this.#memory.ids) ? this.#memory.ids : ids.slice();
  }

  /** Whether the body named the same series as the one before, in the same order. */
  get isRepeat(): boolean {
    return this.#ids === this.#memory.ids;
  }

  /** Series of this body that the last one did not have. */
  countAdded(): number {
    if (this.isRepeat) return 0;
    const before = new Set(this.#memory.ids);
    let added = 0;
    for (const id of new Set(this.#ids)) if (!before.has(id)) added++;
    return added;
  }

  /**
   * The ids as the store knows them after it has taken the batch; rows whose series it refused
   * name UNKNOWN_SERIES.
   */
  settledIds(batch: SampleBatch): Uint32Array {
    if (this.isRepeat) return this.#ids;
    return this.#ids.map((id) => {
      if (id < NEW_SERIES_BASE) return id;
      const rawKey = batch.newSeries[id - NEW_SERIES_BASE]?.rawKey ?? new Uint8Array(0);
      return this.#store.find(rawKey, 0, rawKey.length);
    });
  }
}

/** Hot. */
function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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
