import { formatLabels, type Matcher, type NativeHistogram, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME } from "@hms-ops/model/testing";
import type { Tsdb } from "@hms-ops/stores/tsdb";

export type Value = number | "stale" | NativeHistogram;

export interface LedgerRow {
  readonly series: string;
  readonly timeMs: number;
  readonly value: Value;
}

/** Series text to time to value text. */
export type Answer = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** What a store must hold: of each series and time the first value that was acknowledged. */
export class Ledger {
  readonly #series = new Map<string, Map<number, string>>();
  /** Other values that were taken for a time which had one: a deletion cut short may bare them. */
  readonly #hidden = new Map<string, Set<string>>();

  /** All values that were taken for a time since it was deleted last. */
  readonly #taken = new Map<string, Set<string>>();
  /** All that were taken for it before. */
  readonly #deleted = new Map<string, Set<string>>();

  /**
   * Whether the value may be answered for that time, now that all deletions are done. Not told of
   * one that was deleted and written anew just as it was: it may be the one or the other.
   */
  holds(series: string, timeMs: number, text: string): boolean {
    const key = `${series} ${timeMs}`;
    return this.#taken.get(key)?.has(text) === true && !this.#deleted.get(key)?.has(text);
  }

  apply(rows: readonly LedgerRow[]): void {
    for (const { series, timeMs, value } of rows) {
      const text = valueText(value);
      const there = this.#series.get(series) ?? new Map<number, string>();
      this.#series.set(series, there);
      const key = `${series} ${timeMs}`;
      const first = there.get(timeMs);
      if (first === undefined) there.set(timeMs, text);
      else if (first !== text) note(this.#hidden, key, text);
      note(this.#taken, key, text);
    }
  }

  delete(isCovered: (series: string, timeMs: number) => boolean): void {
    for (const [series, rows] of this.#series) {
      for (const timeMs of [...rows.keys()]) {
        if (isCovered(series, timeMs)) this.#forget(series, rows, timeMs);
      }
    }
  }

  /** A deletion that was not acknowledged: takes over what the store says of what it covers. */
  settle(isCovered: (series: string, timeMs: number) => boolean, answer: Answer): void {
    for (const [series, rows] of this.#series) {
      for (const timeMs of [...rows.keys()]) {
        if (!isCovered(series, timeMs)) continue;
        const found = answer.get(series)?.get(timeMs);
        if (found === undefined) this.#forget(series, rows, timeMs);
        else if (this.#hidden.get(`${series} ${timeMs}`)?.has(found)) rows.set(timeMs, found);
      }
    }
  }

  /** The first difference in words; undefined where the answer is right. */
  difference(
    answer: Answer,
    isAsked: (timeMs: number) => boolean = () => true,
  ): string | undefined {
    for (const [series, rows] of this.#series) {
      const found = answer.get(series);
      for (const [timeMs, text] of rows) {
        if (isAsked(timeMs) && found?.get(timeMs) !== text) {
          return `${series} at ${timeMs}: ${found?.get(timeMs) ?? "nothing"} instead of ${text}`;
        }
      }
    }
    return this.wrong(answer);
  }

  /** The first value that should not be there. */
  wrong(answer: Answer): string | undefined {
    for (const [series, rows] of answer) {
      const known = this.#series.get(series);
      for (const [timeMs, text] of rows) {
        if (known?.get(timeMs) === text) continue;
        return `${series} at ${timeMs}: ${text} instead of ${known?.get(timeMs) ?? "nothing"}`;
      }
    }
    return undefined;
  }

  /** As `wrong`, but a value that another one hid may come to light where that one is damaged. */
  wrongBesideDamage(answer: Answer): string | undefined {
    for (const [series, rows] of answer) {
      const known = this.#series.get(series);
      for (const [timeMs, text] of rows) {
        if (known?.get(timeMs) === text) continue;
        if (this.#hidden.get(`${series} ${timeMs}`)?.has(text)) continue;
        return `${series} at ${timeMs}: ${text} instead of ${known?.get(timeMs) ?? "nothing"}`;
      }
    }
    return undefined;
  }

  #forget(series: string, rows: Map<number, string>, timeMs: number): void {
    const key = `${series} ${timeMs}`;
    rows.delete(timeMs);
    for (const text of this.#taken.get(key) ?? []) note(this.#deleted, key, text);
    this.#taken.delete(key);
  }
}

function note(texts: Map<string, Set<string>>, key: string, text: string): void {
  const known = texts.get(key);
  if (known) known.add(text);
  else texts.set(key, new Set([text]));
}

/** All that a store answers for a range; throws where times do not rise. */
export async function answerOf(
  store: Pick<Tsdb, "snapshot">,
  range = ALL_TIME,
  matchers: readonly Matcher[] = [],
): Promise<Answer> {
  const answer = new Map<string, Map<number, string>>();
  const snapshot = await store.snapshot({ matchers, range, budget: UNLIMITED_BUDGET });
  try {
    for await (const batch of snapshot.read(range)) {
      for (let k = 0; k < batch.count; k++) {
        const series = formatLabels(snapshot.series[batch.first + k] ?? []);
        const rows = new Map<number, string>();
        let lastMs = Number.NEGATIVE_INFINITY;
        for (let i = batch.offsets[k] ?? 0; i < (batch.offsets[k + 1] ?? 0); i++) {
          const timeMs = batch.timesMs[i] ?? 0;
          if (timeMs <= lastMs) throw new Error(`${series}: ${timeMs} comes after ${lastMs}`);
          lastMs = timeMs;
          if (batch.histograms?.isHistogram[i]) {
            rows.set(timeMs, valueText(batch.histograms.at(i)));
          } else rows.set(timeMs, valueText(batch.stale[i] ? "stale" : (batch.values[i] ?? 0)));
        }
        if (rows.size === 0) continue;
        if (answer.has(series)) throw new Error(`${series} is answered twice`);
        answer.set(series, rows);
      }
    }
  } finally {
    snapshot.close();
  }
  return answer;
}

function valueText(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  const { positive, negative, customBounds, sum, ...rest } = value;
  const buckets = [positive, negative].map(({ spans, counts }) => [spans, [...counts]]);
  const fields = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([String(sum), fields, buckets, [...customBounds]]);
}
