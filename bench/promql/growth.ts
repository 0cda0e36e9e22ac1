import { get } from "../tsdb/ask.ts";
import type { System, SystemName } from "../tsdb/systems.ts";
import { queryAddress } from "./asking.ts";
import type { DashboardQuery, QueryTimes } from "./dashboard-query.ts";
import type { Fleet } from "./fleet.ts";
import { type QueryFigures, ratioOf } from "./measure.ts";
import { geometricMeanOf, medianOf, rotated } from "./statistics.ts";

const SIX_HOURS_S = 6 * 3_600;
/** 36, 360 and 3,600 steps over the same six hours. */
const STEPS_S = [600, 60, 6];
const QUERIES_SHOWN = 5;

/** Medians of one query, by system, at each number of steps. */
export interface StepGrowth {
  readonly query: string;
  readonly system: SystemName;
  readonly steps: readonly number[];
  readonly medianMs: readonly number[];
  /** Each time beside the one before: what ten times the steps cost. */
  readonly factors: readonly number[];
}

/** Five fleet-wide queries over six hours, at steps that are ten times as many each. */
export async function measureStepGrowth(
  { systems, endS }: Fleet,
  queries: readonly DashboardQuery[],
  runs: number,
): Promise<readonly StepGrowth[]> {
  const shown = queries
    .filter(({ span, breadth, isDrawn }) => span === "6h" && breadth === "fleet" && !isDrawn)
    .slice(0, QUERIES_SHOWN);
  const rows: StepGrowth[] = [];
  for (const { name, expr } of shown) {
    const times = STEPS_S.map((stepS) => ({ startS: endS - SIX_HOURS_S, endS, stepS }));
    const took = new Map<System, number[]>();
    for (const time of times) {
      const medians = await mediansOf(systems, expr, time, runs);
      for (const [system, median] of medians) {
        took.set(system, [...(took.get(system) ?? []), median]);
      }
    }
    for (const [system, medianMs] of took) {
      const factors = medianMs.slice(1).map((one, i) => one / (medianMs[i] ?? Number.NaN));
      const steps = STEPS_S.map((stepS) => SIX_HOURS_S / stepS);
      rows.push({ query: name, system: system.name, steps, medianMs, factors });
    }
  }
  return rows;
}

async function mediansOf(
  systems: readonly System[],
  expr: string,
  times: QueryTimes,
  runs: number,
): Promise<ReadonlyMap<System, number>> {
  const took = new Map<System, number[]>(systems.map((system) => [system, []]));
  for (let run = 0; run < runs; run++) {
    for (const system of rotated(systems, run)) {
      const { status, tookMs } = await get(queryAddress(system, expr, times));
      took.get(system)?.push(status === 200 ? tookMs : Number.NaN);
    }
  }
  return new Map([...took].map(([system, values]) => [system, medianOf(values)]));
}

/** What ten times the series cost: geometric means over the queries that both sizes were asked. */
export interface SeriesGrowth {
  readonly queries: string;
  readonly fromSeries: number;
  readonly toSeries: number;
  readonly factor: Readonly<Partial<Record<SystemName, number>>>;
}

export interface SizedFigures {
  readonly series: number;
  readonly queries: readonly QueryFigures[];
}

const KINDS = [
  ["fleet-wide instant", (query: DashboardQuery) => isOf(query, "fleet", true)],
  ["fleet-wide range", (query: DashboardQuery) => isOf(query, "fleet", false)],
  ["of one instance", ({ breadth }: DashboardQuery) => breadth === "one"],
] as const;

function isOf(query: DashboardQuery, breadth: DashboardQuery["breadth"], isInstant: boolean) {
  return query.breadth === breadth && (query.span === "instant") === isInstant;
}

export function seriesGrowthOf(sizes: readonly SizedFigures[]): readonly SeriesGrowth[] {
  const rows: SeriesGrowth[] = [];
  for (const [i, large] of sizes.entries()) {
    const small = sizes[i - 1];
    if (small === undefined) continue;
    for (const [queries, isKind] of KINDS) {
      const factorOf = (system: SystemName) =>
        geometricMeanOf(
          large.queries
            .filter(({ query }) => isKind(query))
            .map((row) => {
              const before = small.queries.find(
                ({ query }) => query.expr === row.query.expr && query.span === row.query.span,
              );
              return (
                (row.medianMs[system] ?? Number.NaN) / (before?.medianMs[system] ?? Number.NaN)
              );
            }),
        );
      const factor = {
        "HMS-OPS": factorOf("HMS-OPS"),
        Prometheus: factorOf("Prometheus"),
        VictoriaMetrics: factorOf("VictoriaMetrics"),
      };
      rows.push({ queries, fromSeries: small.series, toSeries: large.series, factor });
    }
  }
  return rows;
}

/** The queries at which we look worst beside Prometheus, worst first. */
export function slowestBeside(
  rows: readonly QueryFigures[],
  count: number,
): readonly QueryFigures[] {
  return [...rows]
    .filter((row) => ratioOf(row, "Prometheus", "medianMs") !== undefined)
    .sort(
      (a, b) =>
        (ratioOf(a, "Prometheus", "medianMs") ?? 0) - (ratioOf(b, "Prometheus", "medianMs") ?? 0),
    )
    .slice(0, count);
}
