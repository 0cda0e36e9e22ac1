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
  /** Of isolation: parts of the names of its phases, comma-separated; empty = all. */
  readonly phases: readonly string[];
  /** Of isolation: how many cores the hub may use, one after the other. */
  readonly cores: readonly number[];
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
      phases: { type: "string", default: "" },
      cores: { type: "string", default: "4,2" },
      "without-queries": { type: "boolean", default: false },
      "without-peers": { type: "boolean", default: false },
    },
  });
  return {
    scale: Number(values.scale),
    seed: Number(values.seed),
    runs: Number(values.runs),
    hub: values.hub,
    only: listOf(values.only),
    withoutQueries: values["without-queries"],
    withoutPeers: values["without-peers"],
    minutes: Number(values.minutes),
    phases: listOf(values.phases),
    cores: listOf(values.cores).map(Number),
  };
}

function listOf(text: string): readonly string[] {
  return text.split(",").filter(Boolean);
}
