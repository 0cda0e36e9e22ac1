import { SampleBatchBuilder } from "@hms-ops/model";
import { SPARE_BUILDERS_MAX, SPARE_ROWS_MAX } from "./limits.ts";

/** Builders whose batches were stored, to be filled again: each body would leave its columns behind. */
export class SpareBuilders {
  readonly #spares: SampleBatchBuilder[] = [];

  /** `rows` as far as is known. */
  take(source: string, rows: number): SampleBatchBuilder {
    const spare = this.#spares.pop();
    if (!spare) return new SampleBatchBuilder(source, rows);
    spare.startOver(source);
    return spare;
  }

  /** Nobody may hold what it built. */
  put(builder: SampleBatchBuilder): void {
    if (this.#spares.length >= SPARE_BUILDERS_MAX || builder.capacity > SPARE_ROWS_MAX) return;
    this.#spares.push(builder);
  }
}
