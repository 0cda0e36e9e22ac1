import { METRIC_NAME, type TimeRange } from "@hms-ops/model";
import type {
  Cardinality,
  CardinalityCounts,
  CardinalityKey,
  CardinalityOrder,
  CardinalityRequest,
  CardinalityRow,
} from "./ports.ts";
import { topOf } from "./top.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A series without a sample for so long is over, as queries see it. */
const LIVES_ON_MS = 300_000;

/** Where churn looks for first and last samples. */
export function churnRange(nowMs: number): TimeRange {
  return { fromMs: nowMs - 2 * DAY_MS, toMs: nowMs };
}

/** Pairs of the series that are counted, by their numbers. */
export interface CountedSeries {
  readonly pairCount: number;
  pairsOf(series: number, into: Uint32Array): number;
  pairText(pair: number): readonly [name: string, value: string];
}

/** First and last sample of each series, by number. */
export class SeriesLives {
  firstMs = new Float64Array(0);
  lastMs = new Float64Array(0);

  /** Makes room for that many series. */
  ensure(count: number): void {
    const held = this.firstMs.length;
    if (count <= held) return;
    const length = Math.max(count, 2 * held);
    const firstMs = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
    const lastMs = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    firstMs.set(this.firstMs);
    lastMs.set(this.lastMs);
    this.firstMs = firstMs;
    this.lastMs = lastMs;
  }

  note(series: number, fromMs: number, toMs: number): void {
    if (fromMs < this.firstMs[series]!) this.firstMs[series] = fromMs;
    if (toMs > this.lastMs[series]!) this.lastMs[series] = toMs;
  }
}

const NOW = 0;
const HOUR_AGO = 1;
const DAY_AGO = 2;
const CREATED_HOUR = 3;
const CREATED_DAY = 4;
const ENDED_HOUR = 5;
const ENDED_DAY = 6;
const COUNTS = 7;

/** How often a budget is asked while series are counted. */
const SPEND_EVERY = 10_000;

/** Counts lives by metric, label or pair. */
export function countLives(
  lives: SeriesLives,
  series: CountedSeries,
  { by, nowMs, limit, order, budget }: CardinalityRequest,
): Cardinality {
  const keys = new Keys(series, by);
  const counts = new Float64Array(keys.count * COUNTS);
  const total = new Float64Array(COUNTS);
  const facts = new Uint8Array(COUNTS);
  const isAlivePair = new Uint8Array(series.pairCount);
  let pairs = new Uint32Array(64);
  let sinceMs = Number.POSITIVE_INFINITY;
  for (let one = 0; one < lives.firstMs.length; one++) {
    if (one % SPEND_EVERY === 0) budget.spend(0, 0);
    const firstMs = lives.firstMs[one]!;
    if (firstMs === Number.POSITIVE_INFINITY) continue;
    sinceMs = Math.min(sinceMs, firstMs);
    judge(facts, nowMs, firstMs, lives.lastMs[one]!);
    addTo(total, 0, facts);
    let pairCount = series.pairsOf(one, pairs);
    if (pairCount > pairs.length) {
      pairs = new Uint32Array(2 * pairCount);
      pairCount = series.pairsOf(one, pairs);
    }
    for (let i = 0; i < pairCount; i++) {
      const pair = pairs[i]!;
      if (facts[NOW] === 1) isAlivePair[pair] = 1;
      const key = keys.ofPair[pair]!;
      if (key >= 0) addTo(counts, key * COUNTS, facts);
    }
  }
  const { rows, rowCount } = rowsOf(counts, keys, isAlivePair, { order, limit });
  const sinceKnown = Number.isFinite(sinceMs) ? sinceMs : undefined;
  return { rows, rowCount, total: countsAt(total, 0), sinceMs: sinceKnown };
}

function judge(facts: Uint8Array, nowMs: number, firstMs: number, lastMs: number): void {
  const livesAt = (timeMs: number) => +(firstMs <= timeMs && lastMs + LIVES_ON_MS >= timeMs);
  const endedMs = lastMs + LIVES_ON_MS;
  facts[NOW] = livesAt(nowMs);
  facts[HOUR_AGO] = livesAt(nowMs - HOUR_MS);
  facts[DAY_AGO] = livesAt(nowMs - DAY_MS);
  facts[CREATED_HOUR] = +(firstMs > nowMs - HOUR_MS);
  facts[CREATED_DAY] = +(firstMs > nowMs - DAY_MS);
  facts[ENDED_HOUR] = +(endedMs < nowMs && endedMs >= nowMs - HOUR_MS);
  facts[ENDED_DAY] = +(endedMs < nowMs && endedMs >= nowMs - DAY_MS);
}

function addTo(counts: Float64Array, at: number, facts: Uint8Array): void {
  for (let i = 0; i < COUNTS; i++) counts[at + i]! += facts[i]!;
}

/** What is counted: pairs, or the labels of pairs. */
class Keys {
  readonly by: CardinalityKey;
  /** −1 = not counted. */
  readonly ofPair: Int32Array;
  readonly names: string[] = [];
  readonly values: string[] = [];

  constructor(series: CountedSeries, by: CardinalityKey) {
    this.by = by;
    this.ofPair = new Int32Array(series.pairCount).fill(-1);
    const labels = new Map<string, number>();
    for (let pair = 0; pair < series.pairCount; pair++) {
      const [name, value] = series.pairText(pair);
      if (by === "label") {
        const known = labels.get(name);
        this.ofPair[pair] = known ?? this.#add(name, "");
        if (known === undefined) labels.set(name, this.ofPair[pair]!);
      } else if (by === "value") {
        this.ofPair[pair] = this.#add(name, value);
      } else if (name === METRIC_NAME) {
        this.ofPair[pair] = this.#add(value, "");
      }
    }
  }

  get count(): number {
    return this.names.length;
  }

  #add(name: string, value: string): number {
    this.values.push(value);
    return this.names.push(name) - 1;
  }
}

function rowsOf(
  counts: Float64Array,
  keys: Keys,
  isAlivePair: Uint8Array,
  { order, limit }: { readonly order: CardinalityOrder; readonly limit: number },
): Pick<Cardinality, "rows" | "rowCount"> {
  const scores = new Float64Array(keys.count);
  let rowCount = 0;
  for (let key = 0; key < keys.count; key++) {
    const at = key * COUNTS;
    const isCounted = counts.subarray(at, at + COUNTS).some((count) => count > 0);
    if (!isCounted) continue;
    rowCount++;
    scores[key] = scoreOf(counts, at, order);
  }
  const values = new Float64Array(keys.by === "label" ? keys.count : 0);
  if (keys.by === "label") {
    for (let pair = 0; pair < isAlivePair.length; pair++) {
      if (isAlivePair[pair] === 1) values[keys.ofPair[pair]!]!++;
    }
  }
  const rows = topOf(scores, limit).map((key): CardinalityRow => {
    const row = { name: keys.names[key]!, ...countsAt(counts, key * COUNTS) };
    if (keys.by === "value") return { ...row, value: keys.values[key]! };
    return keys.by === "label" ? { ...row, values: values[key]! } : row;
  });
  return { rows, rowCount };
}

/** Above zero where the row belongs into the list. */
function scoreOf(counts: Float64Array, at: number, order: CardinalityOrder): number {
  if (order === "created") return counts[at + CREATED_DAY]!;
  if (order === "ended") return counts[at + ENDED_DAY]!;
  if (order === "growth") return counts[at + NOW]! - counts[at + DAY_AGO]!;
  // One that is over comes last, but it comes.
  return counts[at + NOW]! + 0.5;
}

function countsAt(counts: Float64Array, at: number): CardinalityCounts {
  return {
    series: counts[at + NOW]!,
    seriesHourAgo: counts[at + HOUR_AGO]!,
    seriesDayAgo: counts[at + DAY_AGO]!,
    createdHour: counts[at + CREATED_HOUR]!,
    createdDay: counts[at + CREATED_DAY]!,
    endedHour: counts[at + ENDED_HOUR]!,
    endedDay: counts[at + ENDED_DAY]!,
  };
}
