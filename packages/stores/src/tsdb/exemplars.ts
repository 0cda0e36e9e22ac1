import {
  compareLabels,
  type Labels,
  type SeriesExemplars,
  type StoredExemplar,
  type TimeRange,
} from "@hms-ops/model";

/** The newest exemplars of all series, in memory; the oldest to arrive go first. Writer only. */
export class ExemplarRing {
  readonly #capacity: number;
  /** Series of each exemplar, in order of arrival. */
  readonly #arrivals: number[] = [];
  #next = 0;
  readonly #bySeries = new Map<number, StoredExemplar[]>();
  dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#arrivals.length;
  }

  /** False for one older than the series' newest; the newest once more is kept already. */
  add(series: number, exemplar: StoredExemplar): boolean {
    const known = this.#bySeries.get(series);
    const newest = known?.at(-1);
    if (newest && newest.timeMs >= exemplar.timeMs) return isSame(newest, exemplar);
    if (this.#capacity === 0) return false;
    if (this.#arrivals.length === this.#capacity) this.#forgetOldest();
    else this.#arrivals.push(series);
    this.#arrivals[this.#next] = series;
    this.#next = (this.#next + 1) % this.#capacity;
    const list = this.#bySeries.get(series);
    if (list) list.push(exemplar);
    else this.#bySeries.set(series, [exemplar]);
    return true;
  }

  /** Of the wanted series that have some in the range, sorted by label set. */
  select(
    wanted: ReadonlySet<number>,
    { fromMs, toMs }: TimeRange,
    labelsOf: (series: number) => Labels,
  ): readonly SeriesExemplars[] {
    const found: SeriesExemplars[] = [];
    for (const [series, all] of this.#bySeries) {
      if (!wanted.has(series)) continue;
      const exemplars = all.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs);
      if (exemplars.length > 0) found.push({ labels: labelsOf(series), exemplars });
    }
    return found.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  #forgetOldest(): void {
    this.dropped++;
    const series = this.#arrivals[this.#next]!;
    const list = this.#bySeries.get(series);
    list?.shift();
    if (list?.length === 0) this.#bySeries.delete(series);
  }
}

function isSame(a: StoredExemplar, b: StoredExemplar): boolean {
  return (
    a.timeMs === b.timeMs && Object.is(a.value, b.value) && compareLabels(a.labels, b.labels) === 0
  );
}
