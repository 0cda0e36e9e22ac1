import { parseArgs } from "node:util";

export interface TsdbBenchOptions {
  /** Of the instances; 1 = what was promised. */
  readonly scale: number;
  readonly seed: number;
  readonly runs: number;
  /** A checkout whose hub is measured instead of this one's. */
  readonly hub: string | undefined;
  /** Names of streams, comma-separated; empty = all. Queries are asked of the first. */
  readonly only: readonly string[];
  /** Without the 30 queries. */
  readonly withoutQueries: boolean;
  readonly withoutPeers: boolean;
  /** Of the steady run. */
  readonly minutes: number;
}

export function readOptions(words: readonly string[]): TsdbBenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      scale: { type: "string", default: "1" },
      seed: { type: "string", default: "20261121" },
      runs: { type: "string", default: "15" },
      hub: { type: "string" },
      only: { type: "string", default: "" },
      minutes: { type: "string", default: "10" },
      "without-queries": { type: "boolean", default: false },
      "without-peers": { type: "boolean", default: false },
    },
  });
  return {
    scale: Number(values.scale),
    seed: Number(values.seed),
    runs: Number(values.runs),
    hub: values.hub,
    only: values.only.split(",").filter(Boolean),
    withoutQueries: values["without-queries"],
    withoutPeers: values["without-peers"],
    minutes: Number(values.minutes),
  };
}
