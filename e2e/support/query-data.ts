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
