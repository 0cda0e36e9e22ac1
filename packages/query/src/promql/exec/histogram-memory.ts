import type { QueryBudget } from "@hms-ops/model";
import { type HistogramBuckets, type NativeHistogram, NO_BUCKETS } from "@hms-ops/model";

/** Measured: objects, typed arrays, and what is noted down beside them while they are added up. */
const HISTOGRAM_BYTES = 700;
const SPAN_BYTES = 60;
const BUCKET_BYTES = 24;
const TOLD_AT_ONCE = 1024 * 1024;

/** Tells the budget what histograms take that were read or made; less than 1 MiB stays untold. */
export class HistogramMemory {
  readonly #budget: QueryBudget;
  #untold = 0;

  constructor(budget: QueryBudget) {
    this.#budget = budget;
  }

  /** To be told of each new one. */
  keep({ positive, negative, customBounds }: NativeHistogram): void {
    const spans = positive.spans.length + negative.spans.length;
    const buckets = positive.counts.length + negative.counts.length + customBounds.length;
    this.#untold += HISTOGRAM_BYTES + spans * SPAN_BYTES + buckets * BUCKET_BYTES;
    if (this.#untold < TOLD_AT_ONCE) return;
    const bytes = this.#untold;
    this.#untold = 0;
    this.#budget.spend(0, bytes);
  }
}

/** The same without arrays of its own for nothing: a third of what most histograms take. */
export function slim(histogram: NativeHistogram): NativeHistogram {
  const { positive, negative, customBounds } = histogram;
  return {
    ...histogram,
    positive: slimBuckets(positive),
    negative: slimBuckets(negative),
    customBounds: customBounds.length === 0 ? NO_BUCKETS.counts : customBounds,
  };
}

function slimBuckets(buckets: HistogramBuckets): HistogramBuckets {
  return buckets.counts.length === 0 ? NO_BUCKETS : buckets;
}
