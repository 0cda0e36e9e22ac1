import type { Figure } from "./figure.ts";
import { measureFootprint } from "./footprint.ts";
import { measureTsdb } from "./tsdb-append.ts";

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  readonly run: () => Promise<readonly Figure[]>;
}

export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "footprint",
    about: "What an idle hub costs, how soon it answers, and what the first page weighs",
    run: () => measureFootprint(),
  },
  {
    name: "tsdb",
    about: "The metric store alone, in one thread: durable appends, reads, opening again",
    run: () => measureTsdb(),
  },
];
