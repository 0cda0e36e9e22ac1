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

describe("why an answer is empty", () => {
  const fill = async () => {
    for (const region of ["east", "west"]) {
      await store({ __name__: "orders_total", region }, (i) => i * (region === "east" ? 5 : 10));
      await store({ __name__: "temp_celsius", region, room: "1" }, (i) => 20 + (i % 5));
    }
    await store({ __name__: "stock", shop: "a" }, () => 7);
    await store({ __name__: "price", region: "north" }, () => 2);
    await store({ __name__: "late", region: "east" }, (i) => (i === 0 ? 1 : Number.NaN));
  };
  const told = async (expr: string) => {
    const { notes } = await explained(expr, true);
    return notes
      .filter(({ about }) => about === "series")
      .map(({ from, to, message, suggestion }) => {
        return [expr.slice(from, to), message, suggestion].filter(Boolean).join(" | ");
      });
  };

  it("names a condition that is never true, with what was compared", async () => {
    await fill();
    expect(await told("temp_celsius > 1e9")).toEqual([
      "temp_celsius > 1e9 | the condition > 1000000000 is never true in this time range: temp_celsius lies between 20 and 24",
    ]);
    expect(await told("avg(-5 > stock) + 1")).toEqual([
      "-5 > stock | the condition -5 > is never true in this time range: stock is 7",
    ]);
    expect(await told("temp_celsius < on (region) group_left rate(orders_total[1m])")).toEqual([
      expect.stringMatching(
        /the condition < is never true .*: temp_celsius lies between 20 and 24, rate\(orders_total\[1m\]\) lies between \S+ and \S+$/,
      ),
    ]);
    expect(await told("late > bool 1 == 2 and stock")).toEqual([
      expect.stringContaining("the condition == 2 is never true"),
    ]);
  });

  it("names a join whose sides never meet, with the labels of both", async () => {
    await fill();
    expect(await told("sum(temp_celsius * stock)")).toEqual([
      "temp_celsius * stock | no series of the left side has a partner on the right side: paired by all labels, and the left side has region, room, the right side shop | they have no label in common: on () pairs all with one series",
    ]);
    expect(await told("temp_celsius and orders_total")).toEqual([
      expect.stringContaining("to leave out room, write on (region)"),
    ]);
    expect(await told("orders_total / on (region) price")).toEqual([
      expect.stringContaining(
        'paired by region, and region is "east", "west" on the left, "north" on the right',
      ),
    ]);
    expect(await told("orders_total > on (shop) stock")).toEqual([
      expect.stringContaining("paired by on (shop), and the left side has region, the right side"),
    ]);
    expect(await told("temp_celsius unless on (region) orders_total")).toEqual([
      expect.stringContaining("and unless takes those away"),
    ]);
  });

  it("names what has no samples, or too few, and follows every way to nothing", async () => {
    await fill();
    expect(await told("sum(stock offset 1d) > 1 or rate(price[5m] offset 2d)")).toEqual([
      "stock offset 1d | there are such series, but no samples of stock in this time range | look at a longer or an earlier time range",
      expect.stringContaining("no samples of price in this time range"),
    ]);
    expect(await told("max_over_time(rate(stock[1s])[5m:])")).toEqual([
      expect.stringContaining("the range 1s holds less than two samples of stock"),
    ]);
    expect(await told("rate((stock > 1)[30s:1m])")).toEqual([
      expect.stringContaining("the range holds one sample of its sub-query at most"),
    ]);
    expect(await told("missing > 1 or stock > 8")).toEqual([
      expect.stringContaining("no metric called missing"),
      expect.stringContaining("the condition > 8 is never true"),
    ]);
    expect(await told("topk(0, stock)")).toEqual([
      expect.stringContaining("topk keeps none of the 1 series"),
    ]);
    expect(await told("absent(stock)")).toEqual([
      expect.stringContaining("absent() answers where there is nothing"),
    ]);
    expect(await told("histogram_quantile(0.9, sum(stock))")).toEqual([
      expect.stringContaining("is given no histogram: 1 series without the label le"),
    ]);
    expect(await told("stock < 8")).toEqual([]);
  });
});
