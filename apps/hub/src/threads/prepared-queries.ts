import { type LanguageFeatures, prepareQuery } from "@hms-ops/query";
import { PREPARED_QUERIES_MAX, PREPARED_QUERY_CHARS_MAX } from "../limits.ts";

export type Prepared = ReturnType<typeof prepareQuery>;

/** Queries as they were read: boards and rules ask the same again and again. */
export class PreparedQueries {
  readonly #features: LanguageFeatures;
  /** By text, the one that was asked last at the end. */
  readonly #kept = new Map<string, Prepared>();

  constructor(features: LanguageFeatures) {
    this.#features = features;
  }

  /** See `prepareQuery`. */
  prepare(text: string): Prepared {
    const known = this.#kept.get(text);
    const prepared = known ?? prepareQuery(text, this.#features);
    if (known) this.#kept.delete(text);
    else if (prepared.query === undefined || text.length > PREPARED_QUERY_CHARS_MAX)
      return prepared;
    this.#kept.set(text, prepared);
    if (this.#kept.size > PREPARED_QUERIES_MAX) this.#forgetOldest();
    return prepared;
  }

  #forgetOldest(): void {
    for (const text of this.#kept.keys()) {
      this.#kept.delete(text);
      return;
    }
  }
}
