import { parseArgs } from "node:util";

export interface PromqlBenchOptions {
  /** Sizes of the fleet; an instance has 100 series. */
  readonly series: readonly number[];
  readonly runs: number;
  /** Of the samples. */
  readonly seed: number;
  /** Of the fifteen drawn queries; fresh unless it is given. */
  readonly querySeed: number;
  /** Parts of names of queries; empty = all. */
  readonly only: readonly string[];
  /** A checkout whose hub is measured instead of this one's. */
  readonly hub: string | undefined;
  readonly withoutPeers: boolean;
  readonly withoutCached: boolean;
  readonly withoutGrowth: boolean;
  readonly hostile: boolean;
  /** Series that hostile queries meet. */
  readonly wideSeries: number;
}

export function readPromqlOptions(words: readonly string[]): PromqlBenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      series: { type: "string", default: "1000,10000,100000" },
      runs: { type: "string", default: "15" },
      seed: { type: "string", default: "20261121" },
      "query-seed": { type: "string", default: String(Date.now() % 1_000_000) },
      only: { type: "string", default: "" },
      hub: { type: "string" },
      "without-peers": { type: "boolean", default: false },
      "without-cached": { type: "boolean", default: false },
      "without-growth": { type: "boolean", default: false },
      hostile: { type: "boolean", default: false },
      "wide-series": { type: "string", default: "1000000" },
    },
  });
  return {
    series: values.series.split(",").map(Number),
    runs: Number(values.runs),
    seed: Number(values.seed),
    querySeed: Number(values["query-seed"]),
    only: values.only.split(",").filter(Boolean),
    hub: values.hub,
    withoutPeers: values["without-peers"],
    withoutCached: values["without-cached"],
    withoutGrowth: values["without-growth"],
    hostile: values.hostile,
    wideSeries: Number(values["wide-series"]),
  };
}
