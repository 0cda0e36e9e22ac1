import type { QueryBudget, SeriesBatch, TimeRange } from "@hms-ops/model";
import { SLICE_DONE, SLICE_FAILED, SLICE_OF_HISTOGRAMS } from "./shared.ts";
import { type SlicedScan, Slices } from "./slices.ts";

/** A scan for other threads of the same store. */
export interface OfferedScan {
  /** What `Snapshot.share` told. */
  readonly snapshot: object;
  readonly scan: SlicedScan;
  /** Shared memory of the scan that no scan before it had. */
  readonly newBytes: number;
}

/** Other threads that may take part in scans. */
export interface ScanCrew {
  /**
   * Which part of a scan this thread begins with, from 0 up to 1: the same again when a question
   * comes again, so that it finds what it has unpacked.
   */
  readonly begin: number;
  /** Whoever has nothing else to do may take slices from now on. */
  offer(scan: OfferedScan): void;
}

/** Slices in the order in which a thread tries them. */
export function* slicesFrom(begin: number, count: number): Generator<number, void> {
  const first = Math.floor(begin * count);
  for (let i = 0; i < count; i++) yield (first + i) % count;
}

/** Reads a snapshot that another thread opened, at once. */
export type ReadShared = (range: TimeRange, order: Uint32Array) => Iterable<SeriesBatch>;

/** Takes part in a scan of another thread. */
export class ScanHelp {
  readonly #scan: SlicedScan;
  readonly #slices: Slices;
  readonly #begin: number;

  constructor(scan: SlicedScan, begin: number) {
    this.#scan = scan;
    this.#slices = new Slices(scan);
    this.#begin = begin;
  }

  /** Reads one slice; false if none is left. What fails is left to the one who offered it. */
  readSlice(read: ReadShared, budget: QueryBudget): boolean {
    const slices = this.#slices;
    for (const slice of slicesFrom(this.#begin, slices.count)) {
      if (!slices.states.take(slice)) continue;
      this.#read(slice, read, budget);
      return true;
    }
    return false;
  }

  #read(slice: number, read: ReadShared, budget: QueryBudget): void {
    const slices = this.#slices;
    let state = SLICE_DONE;
    let samples = 0;
    try {
      const reading = slices.begin(slice, budget);
      for (const batch of read(this.#scan.range, slices.orderOf(slice))) {
        if (reading.take(batch)) continue;
        state = SLICE_OF_HISTOGRAMS;
        break;
      }
      samples = reading.samples;
    } catch {
      state = SLICE_FAILED;
    }
    slices.states.settle(slice, state, samples);
  }
}
