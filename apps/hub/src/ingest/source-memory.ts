import { type SeriesId, UNKNOWN_SERIES } from "@hms-ops/model";
import { RawKeySet } from "./raw-key-set.ts";

const NO_IDS: Uint32Array = new Uint32Array(0);

/** What one source sent last, and what of it relabelling dropped. */
export class SourceMemory {
  /** The name under which the store finds this source's raw texts again. */
  readonly storeSource: string;
  /** Tells when target labels or relabelling changed: the texts then mean other series. */
  readonly fingerprint: string;
  readonly dropped = new RawKeySet();
  /** Series of the last body in its order. */
  #ids = NO_IDS;
  /** Of these, the ones that end with the body that lacks them: they had no times of their own. */
  #tracked = NO_IDS;

  constructor(source: string, fingerprint: string) {
    this.storeSource = `${source}\u0000${fingerprint}`;
    this.fingerprint = fingerprint;
  }

  get ids(): Uint32Array {
    return this.#ids;
  }

  get tracked(): Uint32Array {
    return this.#tracked;
  }

  remember(ids: Uint32Array, tracked: Uint32Array): void {
    this.#ids = ids;
    this.#tracked = tracked.includes(UNKNOWN_SERIES)
      ? tracked.filter((id) => id !== UNKNOWN_SERIES)
      : tracked;
  }

  /** Tracked series that are not among the ids. */
  missingFrom(ids: Uint32Array): readonly SeriesId[] {
    const present = new Set(ids);
    return [...this.#tracked].filter((id) => !present.has(id));
  }
}
