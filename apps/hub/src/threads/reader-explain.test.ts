import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { openThreads } from "./testing/hub-threads.test.tools.ts";

const hub = openThreads();

const START_MS = 1_700_000_000_000;
const INTERVAL_MS = 5_000;
const SAMPLES = 121;
const END_MS = START_MS + (SAMPLES - 1) * INTERVAL_MS;

/** Ten minutes of samples, each a few milliseconds early or late. */
async function store(text: Readonly<Record<string, string>>, valueAt: (index: number) => number) {
  const labels = labelsOf(text);
  const rows = Array.from({ length: SAMPLES }, (_, i) => {
    const lateMs = i === SAMPLES - 1 ? 0 : (i * 7) % 20;
    return { labels, timeMs: START_MS + i * INTERVAL_MS + lateMs, value: valueAt(i) };
  });
  await hub.threads.samples(rows);
}

async function explained(expr: string, measured: boolean) {
  const stepMs = 15_000;
  const grid = { startMs: START_MS + 60_000, stepMs, count: 37 };
  const moment = { startMs: END_MS, stepMs: 1, count: 1 };
  const question = { expr, grid: measured ? grid : moment, lookbackMs: 300_000, measured };
  const asked = { ...question, shortForms: true, drawn: true, types: {} };
  return await hub.threads.readers.explain(asked, {});
}

describe("a range that holds too few samples", () => {
  it("is told with how far apart the samples are, whether it is run or only typed", async () => {
    await store({ __name__: "orders_total", region: "east" }, (i) => i);
    for (const measured of [true, false]) {
      const { notes } = await explained('sum(rate(orders_total{region="east"}[5s]))', measured);
      expect(notes).toMatchObject([
        {
          severity: "warning",
          message:
            "the range 5s holds less than two samples of orders_total, which come every 5 s: rate() has no answer",
          suggestion: "take at least [20s], 4 times that",
          position: "1:10",
          fixes: [{ words: "Take [20s]", query: 'sum(rate(orders_total{region="east"}[20s]))' }],
        },
      ]);
    }
    const { notes } = await explained("irate(orders_total[7s] offset 1m)", false);
    expect(notes).toMatchObject([
      {
        severity: "info",
        message: expect.stringContaining("the range 7s sometimes holds less than two samples"),
        fixes: [{ query: "irate(orders_total[20s] offset 1m)" }],
      },
    ]);
    expect((await explained("irate(orders_total[10s])", false)).notes).toEqual([]);
    expect((await explained("rate(other_total[1s])", false)).notes).toMatchObject([
      { message: "there is no metric called other_total" },
    ]);
  });
});
