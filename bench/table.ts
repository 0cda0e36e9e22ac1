import type { Figure, Outcome } from "./figure.ts";

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Gets the words after the name. Loads only what it measures. */
  readonly run: (words: readonly string[]) => Promise<readonly Figure[] | Outcome>;
}

export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "footprint",
    about: "What an idle hub costs, how soon it answers, and what the first page weighs",
    run: async () => (await import("./footprint.ts")).measureFootprint(),
  },
  {
    name: "tsdb",
    about: "The metric store beside Prometheus and VictoriaMetrics: ingest, disk, restart, queries",
    run: async (words) => (await import("./tsdb/tsdb.ts")).benchTsdb(words),
  },
  {
    name: "promql",
    about: "Sixty queries of boards and rules beside Prometheus and VictoriaMetrics; --hostile",
    run: async (words) => (await import("./promql/promql.ts")).benchPromql(words),
  },
  {
    name: "scrape",
    about: "Fifty targets of 2,000 series every second beside Prometheus and VictoriaMetrics",
    run: async (words) => (await import("./scrape/scrape.ts")).benchScrape(words),
  },
  {
    name: "live",
    about: "A thousand viewers of one dashboard of twenty panels beside one viewer; [viewers] [ms]",
    run: async (words) => (await import("./live/live.ts")).measureLive(words),
  },
  {
    name: "isolation",
    about: "What heavy work does to acknowledgements and rules, on four cores and on two",
    run: async (words) => (await import("./tsdb/isolation.ts")).benchIsolation(words),
  },
  {
    name: "steady",
    about: "100,000 samples a second for ten minutes: whether a backlog of the store grows",
    run: async (words) => (await import("./tsdb/steady.ts")).benchSteady(words),
  },
  {
    name: "companions",
    about: "Averages of days over thirty days of 1,000 series, with companions and without",
    run: async (words) => (await import("./companions.ts")).measureCompanions(words),
  },
  {
    name: "tsdb-append",
    about: "The metric store alone, in one thread: durable appends, reads, opening again",
    run: async () => (await import("./tsdb-append.ts")).measureTsdb(),
  },
];
