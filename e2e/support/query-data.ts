import { labelsOf, type Random } from "@hms-ops/model";
import type { RemoteWriteSeries } from "@hms-ops/wire/remote-write";

const INTERVAL_MS = 15_000;
const MINUTES = 60;
/** Off every grid that the queries use, so that open and closed windows see the same samples. */
const OFF_GRID_MS = 3_217;

/** Gauges, counters with resets, gaps, NaN, stale markers, classic histograms, an info metric. */
export function makeSeries(random: Random, startMs: number): readonly RemoteWriteSeries[] {
  const count = (MINUTES * 60_000) / INTERVAL_MS;
  const series: RemoteWriteSeries[] = [];
  const add = (
    labels: Record<string, string>,
    valueAt: (i: number) => number | "gap" | "stale",
  ) => {
    const timesMs: number[] = [];
    const values: number[] = [];
    const stale: number[] = [];
    for (let i = 0; i < count; i++) {
      const value = valueAt(i);
      if (value === "gap") continue;
      timesMs.push(startMs + OFF_GRID_MS + i * INTERVAL_MS);
      values.push(value === "stale" ? Number.NaN : value);
      stale.push(value === "stale" ? 1 : 0);
    }
    series.push({ labels: labelsOf(labels), timesMs, values, stale });
  };
  for (let host = 1; host <= 4; host++) {
    const labels = {
      instance: `host-${host}`,
      job: host < 3 ? "ach" : "irs",
      ...(host < 4 ? { zone: host % 2 ? "a" : "b" } : {}),
    };
    addHost(add, labels, random);
  }
  addWild(add, random);
  addOddHistograms(add, random);
  for (const job of ["ach", "irs"])
    add({ __name__: "build_info", job, version: `7.${job.length}` }, () => 1);
  return series;
}

type Add = (
  labels: Record<string, string>,
  valueAt: (i: number) => number | "gap" | "stale",
) => void;

function addHost(add: Add, labels: Record<string, string>, random: Random): void {
  add({ __name__: "load", ...labels }, () => Math.round(random.next() * 1000) / 100);
  add({ __name__: "temperature", ...labels }, (i) => Math.sin(i / 10) * 30 + random.next());
  add({ __name__: "sparse", ...labels }, (i) => {
    if (i % 70 === 50) return "stale";
    if (i % 70 > 50 || random.below(8) === 0) return "gap";
    return random.below(15) === 0 ? Number.NaN : random.below(100);
  });
  let requests = 0;
  add({ __name__: "requests_total", ...labels }, () => (requests += random.below(50)));
  let errors = 0;
  add({ __name__: "errors_total", ...labels }, () => (errors += random.below(3)));
  let counter = 0;
  add({ __name__: "resetting_total", ...labels }, () => {
    counter = random.below(25) === 0 ? random.below(5) : counter + random.next() * 10;
    return counter;
  });
  addHistogram(add, labels, random);
}

const WILD = [0, -0, 1, -1, 2.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];

/** Values that are no numbers, or have no size. */
function addWild(add: Add, random: Random): void {
  for (const instance of ["w1", "w2", "w3"]) {
    add({ __name__: "wild", instance, job: instance === "w3" ? "irs" : "ach" }, (i) =>
      i % 50 > 46 ? "gap" : i % 7 < 3 ? random.pick(WILD) : random.below(9) - 4,
    );
  }
}

/** Buckets as broken exporters send them: no +Inf, bounds below 0, counts that fall, no number. */
function addOddHistograms(add: Add, random: Random): void {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    endless: ["0.1", "1", "10"],
    negative: ["-10", "-1", "0", "+Inf"],
    falling: ["1", "2", "3", "+Inf"],
    alone: ["+Inf"],
    words: ["1", "many", "", "+Inf"],
    notations: ["1e1", "20", "0x40", "+Inf"],
  };
  for (const [kind, bounds] of Object.entries(kinds)) {
    for (const [i, le] of bounds.entries()) {
      const base = kind === "falling" && i === 1 ? 1_000 : i * 100;
      add({ __name__: "odd_bucket", le, kind }, () => base + random.below(90));
    }
  }
}

function addHistogram(add: Add, labels: Record<string, string>, random: Random): void {
  const bounds = ["0.1", "0.5", "1", "5", "+Inf"];
  const increments = Array.from({ length: 400 }, () => bounds.map(() => random.below(10)));
  for (const [bucket, le] of bounds.entries()) {
    let count = 0;
    add({ __name__: "latency_bucket", le, ...labels }, (i) => {
      for (let below = 0; below <= bucket; below++) count += increments[i]?.[below] ?? 0;
      return count;
    });
  }
}
