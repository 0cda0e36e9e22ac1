import type { MetricStore, QueryBudget, SeriesBatch, Snapshot } from "@hms-ops/model";
import type { ScanPlan } from "../plan/scans.ts";
import type { Expr } from "../syntax/ast.ts";
import { type GroupTotals, groupTotals } from "./group-totals.ts";
import { Line, lineMaker } from "./lines.ts";
import { SeriesGroups } from "./series-groups.ts";
import { emptyTable, refuseTooLarge, tableBytes, type VectorTable } from "./table.ts";

/** Cells that may be filled before the budget is asked whether the query may go on. */
const CELLS_PER_CHECK = 20_000;
/** What a cell of a group takes, of any operator, while it grows. */
const CELL_BYTES = 48;

/** What was answered while the samples were read. */
export interface ScanAnswers {
  /** Of calls and selectors, with names. */
  readonly tables: ReadonlyMap<Expr, VectorTable>;
  readonly samplesRead: number;
  readonly seriesSelected: number;
}

/** Reads each plan's samples once; those with histograms are left to be read as columns. */
export async function answerByScans(
  store: Pick<MetricStore, "snapshot">,
  plans: readonly ScanPlan[],
  budget: QueryBudget,
): Promise<ScanAnswers> {
  const tables = new Map<Expr, VectorTable>();
  let samplesRead = 0;
  let seriesSelected = 0;
  for (const plan of plans) {
    const { matchers, range } = plan;
    const snapshot = await store.snapshot({ matchers, range, budget });
    try {
      if (snapshot.residual) continue;
      const sink = plan.fold
        ? new Groups(snapshot, plan, budget)
        : new Rows(snapshot, plan, budget);
      const samples = await scan(snapshot, plan, sink, budget);
      if (samples === undefined) continue;
      samplesRead += samples;
      seriesSelected += snapshot.numbering?.numbers.length ?? snapshot.series.length;
      tables.set(plan.node, sink.table());
    } finally {
      snapshot.close();
    }
  }
  return { tables, samplesRead, seriesSelected };
}

/** Where the lines of the series go. */
interface Sink {
  add(k: number, line: Line): void;
  table(): VectorTable;
}

/** Answers how many samples it read; undefined: there are histograms among them. */
async function scan(
  snapshot: Snapshot,
  plan: ScanPlan,
  sink: Sink,
  budget: QueryBudget,
): Promise<number | undefined> {
  const lines = lineMaker(plan);
  const line = new Line(plan.times.length);
  let samples = 0;
  let unchecked = 0;
  for await (const batch of snapshot.read(plan.range)) {
    if (batch.histograms) return undefined;
    lines.begin(batch);
    samples += batch.offsets[batch.count]! - batch.offsets[0]!;
    for (let k = 0; k < batch.count; k++) {
      unchecked += plan.times.length + rowsOf(batch, k);
      if (unchecked >= CELLS_PER_CHECK) {
        budget.spend(0, 0);
        unchecked = 0;
      }
      if (rowsOf(batch, k) > 0 && lines.fill(k, line)) sink.add(batch.first + k, line);
    }
  }
  return samples;
}

function rowsOf({ offsets }: SeriesBatch, k: number): number {
  return offsets[k + 1]! - offsets[k]!;
}

/** Each series is a row. */
class Rows implements Sink {
  readonly #table: VectorTable;

  constructor({ series }: Snapshot, { times }: ScanPlan, budget: QueryBudget) {
    budget.spend(0, tableBytes(series.length, times.length));
    this.#table = emptyTable(series, times.length);
  }

  add(k: number, { values, present }: Line): void {
    const { steps } = this.#table;
    this.#table.values.set(values, k * steps);
    this.#table.present.set(present, k * steps);
  }

  table(): VectorTable {
    return this.#table;
  }
}

/** Series are folded into their groups. */
class Groups implements Sink {
  readonly #steps: number;
  readonly #budget: QueryBudget;
  readonly #groups: SeriesGroups;
  readonly #totals: GroupTotals;
  #count = 0;

  constructor(snapshot: Snapshot, { fold, times }: ScanPlan, budget: QueryBudget) {
    const { operator, grouping } = fold!;
    this.#steps = times.length;
    this.#budget = budget;
    this.#groups = new SeriesGroups(snapshot, grouping);
    this.#totals = groupTotals(operator, times.length);
  }

  add(k: number, line: Line): void {
    const group = this.#groups.groupOf(k);
    if (group === this.#count) {
      refuseTooLarge(++this.#count, this.#steps);
      this.#budget.spend(0, this.#steps * CELL_BYTES);
    }
    this.#totals.add(group, line);
  }

  table(): VectorTable {
    const series = this.#groups.labels;
    return { series, steps: this.#steps, ...this.#totals.take(series.length) };
  }
}
