import {
  type AppendAck,
  bug,
  compareLabels,
  compareText,
  type DeleteRequest,
  formatLabels,
  type HistogramRows,
  isValidText,
  type Labels,
  labelsKey,
  labelValue,
  type MetadataRequest,
  type MetricStore,
  type MetricStoreStats,
  type NativeHistogram,
  NEW_SERIES_BASE,
  OpsError,
  type Rejection,
  type RejectionReason,
  type SampleBatch,
  SERIES_PER_BATCH,
  type SeriesBatch,
  type SeriesExemplars,
  type SeriesResolver,
  type Snapshot,
  type SnapshotRequest,
  type StoredExemplar,
  type TimeRange,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { STORE_ERRORS } from "../errors.ts";
import { matchesAll, valueTest } from "../matching.ts";

/** The naive twin: what every engine must agree with. Shortest correct code, no thought of speed. */
export function openMemoryStore(): MetricStore {
  return new MemoryStore();
}

const NAN_BITS = 0x7ff8_0000_0000_0000n;

interface Sample {
  readonly timeMs: number;
  /** Of the double, so that a NaN keeps its payload. */
  readonly bits: bigint;
  readonly stale: boolean;
  readonly histogram?: NativeHistogram;
}

interface Series {
  readonly labels: Labels;
  /** Rising in time. */
  readonly samples: readonly Sample[];
  /** Rising in time. */
  readonly exemplars: readonly StoredExemplar[];
}

class MemoryStore implements MetricStore {
  #series: readonly Series[] = [];
  #rawKeys: ReadonlyMap<string, number> = new Map();
  readonly #acknowledged = new Map<string, AppendAck>();
  #closed = false;

  resolver(source: string): SeriesResolver {
    return {
      find: (bytes, start, end) =>
        this.#rawKeys.get(rawKeyText(source, bytes.subarray(start, end))) ?? UNKNOWN_SERIES,
    };
  }

  async append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck> {
    if (this.#closed) throw new OpsError(STORE_ERRORS.closed);
    signal?.throwIfAborted();
    const earlier = batch.batchId && this.#acknowledged.get(batch.batchId);
    if (earlier) return earlier;
    const rejections = new Map<RejectionReason, Rejection>();
    const series = [...this.#series];
    const rawKeys = new Map(this.#rawKeys);
    const ids = batch.newSeries.map(({ labels, rawKey }) => {
      if (!isLabelSet(labels)) return UNKNOWN_SERIES;
      const key = labelsKey(labels);
      const known = series.findIndex((other) => labelsKey(other.labels) === key);
      const id = known >= 0 ? known : series.push({ labels, samples: [], exemplars: [] }) - 1;
      if (rawKey) rawKeys.set(rawKeyText(batch.source, rawKey), id);
      return id;
    });
    let accepted = 0;
    const idOf = (given: number) =>
      given >= NEW_SERIES_BASE ? ids[given - NEW_SERIES_BASE]! : given;
    const take = (id: number, sample: Sample) => {
      const reason = store(series, id, sample);
      if (!reason) accepted++;
      else reject(rejections, reason, series[id]);
    };
    const bits = new BigUint64Array(batch.values.buffer, batch.values.byteOffset, batch.count);
    for (let i = 0; i < batch.count; i++) {
      const stale = batch.stale[i] === 1;
      take(idOf(batch.ids[i]!), {
        timeMs: batch.timesMs[i]!,
        bits: stale ? NAN_BITS : bits[i]!,
        stale,
      });
    }
    for (const { id, timeMs, histogram } of batch.histograms ?? []) {
      take(idOf(id), { timeMs, bits: NAN_BITS, stale: false, histogram });
    }
    const refused = batch.allOrNothing === true && rejections.size > 0;
    const answer = { accepted: refused ? 0 : accepted, rejections: [...rejections.values()] };
    if (refused) return answer;
    let acceptedExemplars = 0;
    for (const { id, ...exemplar } of batch.exemplars ?? []) {
      if (keep(series, idOf(id), exemplar)) acceptedExemplars++;
    }
    const ack = batch.exemplars?.length ? { ...answer, acceptedExemplars } : answer;
    this.#series = series;
    this.#rawKeys = rawKeys;
    if (batch.batchId) this.#acknowledged.set(batch.batchId, ack);
    return ack;
  }

  async snapshot({ matchers, budget }: SnapshotRequest): Promise<Snapshot> {
    const tests = matchers.map(valueTest);
    const found = this.#series.filter(
      ({ labels, samples }) => samples.length > 0 && matchesAll(labels, tests),
    );
    return {
      series: found.map(({ labels }) => labels),
      async *read(range, order) {
        const wanted = order ? Array.from(order, (k) => found[k]!) : found;
        for (let first = 0; first < wanted.length; first += SERIES_PER_BATCH) {
          yield batchOf(wanted.slice(first, first + SERIES_PER_BATCH), first, range, budget.spend);
        }
      },
      close: () => {},
    };
  }

  async labelNames(request: MetadataRequest): Promise<readonly string[]> {
    const names = this.#matching(request).flatMap((labels) => labels.filter((_, i) => i % 2 === 0));
    return limited([...new Set(names)].sort(compareText), request);
  }

  async labelValues(name: string, request: MetadataRequest): Promise<readonly string[]> {
    const values = this.#matching(request).map((labels) => labelValue(labels, name));
    return limited([...new Set(values)].filter((value) => value !== "").sort(compareText), request);
  }

  async series(request: MetadataRequest): Promise<readonly Labels[]> {
    return limited(this.#matching(request).toSorted(compareLabels), request);
  }

  async delete({ matcherSets, range }: DeleteRequest): Promise<void> {
    const sets = matcherSets.map((matchers) => matchers.map(valueTest));
    this.#series = this.#series.map((series) => {
      if (!sets.some((tests) => matchesAll(series.labels, tests))) return series;
      const samples = series.samples.filter(({ timeMs }) => !isWithin(timeMs, range));
      return { ...series, samples };
    });
  }

  async exemplars({ matcherSets, range }: MetadataRequest): Promise<readonly SeriesExemplars[]> {
    const sets = matcherSets.map((matchers) => matchers.map(valueTest));
    return this.#series
      .filter(({ labels }) => sets.length === 0 || sets.some((tests) => matchesAll(labels, tests)))
      .map(({ labels, exemplars }) => ({
        labels,
        exemplars: exemplars.filter(({ timeMs }) => isWithin(timeMs, range)),
      }))
      .filter(({ exemplars }) => exemplars.length > 0)
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async stats(): Promise<MetricStoreStats> {
    const samples = this.#series.flatMap((series) => series.samples);
    const times = samples.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
    const pairs = this.#series.flatMap(({ labels }) =>
      labels.flatMap((name, i) => (i % 2 === 0 ? [labelsKey([name, labels[i + 1]!])] : [])),
    );
    return {
      seriesCount: this.#series.length,
      sampleCount: samples.length,
      labelPairCount: new Set(pairs).size,
      range: times.length > 0 ? { fromMs: times[0]!, toMs: times.at(-1)! } : undefined,
      details: {},
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #matching({ matcherSets, range }: MetadataRequest): Labels[] {
    const sets = matcherSets.map((matchers) => matchers.map(valueTest));
    return this.#series
      .filter(({ samples }) => samples.some(({ timeMs }) => isWithin(timeMs, range)))
      .map(({ labels }) => labels)
      .filter((labels) => sets.length === 0 || sets.some((tests) => matchesAll(labels, tests)));
  }
}

/** Puts the sample in its place; the reason if it may not be stored. */
function store(series: Series[], id: number, sample: Sample): RejectionReason | undefined {
  const entry = series[id];
  if (!entry) return "invalid-labels";
  const { samples } = entry;
  const at = samples.findIndex(({ timeMs }) => timeMs >= sample.timeMs);
  const place = at < 0 ? samples.length : at;
  const there = samples[place];
  if (there?.timeMs === sample.timeMs) return isSame(there, sample) ? undefined : "duplicate";
  series[id] = { ...entry, samples: samples.toSpliced(place, 0, sample) };
  return undefined;
}

/** False for an exemplar older than the series' newest; that one again is kept already. */
function keep(series: Series[], id: number, exemplar: StoredExemplar): boolean {
  const entry = series[id];
  if (!entry) return false;
  const newest = entry.exemplars.at(-1);
  if (newest && newest.timeMs >= exemplar.timeMs) {
    const isNewest = newest.timeMs === exemplar.timeMs && Object.is(newest.value, exemplar.value);
    return isNewest && compareLabels(newest.labels, exemplar.labels) === 0;
  }
  series[id] = { ...entry, exemplars: [...entry.exemplars, exemplar] };
  return true;
}

function isSame(a: Sample, b: Sample): boolean {
  if (a.histogram && b.histogram) return textOf(a.histogram) === textOf(b.histogram);
  if (a.histogram || b.histogram) return false;
  return a.stale === b.stale && a.bits === b.bits;
}

/** Equal for equal histograms only; tells NaN, −0 and infinities apart. */
function textOf({ positive, negative, customBounds, ...rest }: NativeHistogram): string {
  const numbers = [rest.sum, rest.count, rest.zeroCount, rest.zeroThreshold];
  const exact = new Float64Array([...numbers, ...positive.counts, ...negative.counts]);
  const bits = [...new BigUint64Array(exact.buffer), ...customBounds].join();
  const form = [rest.isInteger, rest.resetHint, rest.schema, positive.spans, negative.spans];
  return `${bits} ${JSON.stringify(form)}`;
}

function isWithin(timeMs: number, range: TimeRange): boolean {
  return timeMs >= range.fromMs && timeMs <= range.toMs;
}

function reject(
  rejections: Map<RejectionReason, Rejection>,
  reason: RejectionReason,
  series: Series | undefined,
): void {
  const count = (rejections.get(reason)?.count ?? 0) + 1;
  rejections.set(reason, { reason, count, example: formatLabels(series?.labels ?? []) });
}

function isLabelSet(labels: Labels): boolean {
  const isPaired = labels.length > 0 && labels.length % 2 === 0;
  const isRising = labels.every(
    (text, i) => i % 2 === 1 || i === 0 || compareText(labels[i - 2]!, text) < 0,
  );
  return isPaired && isRising && labels.every((text) => text !== "" && isValidText(text));
}

function rawKeyText(source: string, bytes: Uint8Array): string {
  return `${source}\n${bytes.join()}`;
}

function limited<Item>(items: readonly Item[], { limit }: MetadataRequest): readonly Item[] {
  return limit ? items.slice(0, limit + 1) : items;
}

function batchOf(
  series: readonly Series[],
  first: number,
  range: TimeRange,
  spend: (samples: number, bytes: number) => void,
): SeriesBatch {
  const offsets = [0];
  const rows: Sample[] = [];
  for (const { samples } of series) {
    for (const sample of samples) {
      if (!isWithin(sample.timeMs, range)) continue;
      rows.push(sample);
      if (rows.length % 1_000 === 0) spend(1_000, 17_000);
    }
    offsets.push(rows.length);
  }
  spend(rows.length % 1_000, (rows.length % 1_000) * 17);
  return {
    first,
    count: series.length,
    offsets: Uint32Array.from(offsets),
    timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
    values: new Float64Array(BigUint64Array.from(rows, ({ bits }) => bits).buffer),
    stale: Uint8Array.from(rows, ({ stale }) => (stale ? 1 : 0)),
    ...(rows.some(({ histogram }) => histogram) ? { histograms: histogramsOf(rows) } : {}),
  };
}

function histogramsOf(rows: readonly Sample[]): HistogramRows {
  return {
    isHistogram: Uint8Array.from(rows, ({ histogram }) => (histogram ? 1 : 0)),
    at: (row) => rows[row]?.histogram ?? bug(`row ${row} is no histogram`),
  };
}
