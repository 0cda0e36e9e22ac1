import {
  type AppendAck,
  labelsKey,
  type MetricStore,
  SampleBatchBuilder,
  type SeriesResolver,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import type { NamedSample } from "../ports.ts";

/** What ingest needs of a store: the writing side alone. */
export type IngestStore = Pick<MetricStore, "resolver" | "append">;

const ENCODER = new TextEncoder();

/** Adds a sample whose labels are written out; the store finds its series again by a key of ours. */
export function addNamedSample(
  builder: SampleBatchBuilder,
  resolver: SeriesResolver,
  { labels, timeMs, value, histogram, stale }: NamedSample,
): void {
  // The first byte keeps the key apart from every text that a sender may call a series by.
  const rawKey = ENCODER.encode(`\u0001${labelsKey(labels)}`);
  const known = resolver.find(rawKey, 0, rawKey.length);
  const id = known === UNKNOWN_SERIES ? builder.declare({ labels, rawKey }) : known;
  if (stale) builder.addStale(id, timeMs);
  else if (histogram) builder.addHistogram({ id, timeMs, histogram });
  else builder.add(id, timeMs, value);
}

/** Stores the samples that the hub makes itself: rules, its own metrics, the host's. */
export class NamedSampleIngest {
  readonly #store: IngestStore;
  readonly #source: string;

  constructor(store: IngestStore, source = "hub") {
    this.#store = store;
    this.#source = source;
  }

  async accept(samples: readonly NamedSample[]): Promise<AppendAck> {
    const builder = new SampleBatchBuilder(this.#source, Math.max(16, samples.length));
    const resolver = this.#store.resolver(this.#source);
    for (const sample of samples) addNamedSample(builder, resolver, sample);
    return await this.#store.append(builder.build());
  }
}
