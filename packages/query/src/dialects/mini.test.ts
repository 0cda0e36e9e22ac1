import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { bindMini, prepareQuery } from "../index.ts";

const catalog = (...names: string[]) => ({ exists: async (name: string) => names.includes(name) });

async function bound(text: string, ...names: string[]) {
  const statement = await bindMini(text, catalog(...names));
  if (statement.text) expect(prepareQuery(statement.text).diagnostics, statement.text).toEqual([]);
  return statement;
}

describe("the mini dialect", () => {
  const binds = async (text: string, promql: string, ...names: string[]) =>
    expect((await bound(text, ...names)).text, text).toBe(promql);

  it("measures a metric in one word", async () => {
    await binds("write_ms > 200", "write_ms > 200");
    await binds("avg(finance.api_ms) > 200", 'avg({"finance.api_ms"}) > 200');
    await binds("max(depth) OVER 30s >= 2e3", "max(max_over_time(depth[30s])) >= 2e3");
    await binds("count(up) <> 3", "count(up) != 3");
    await binds("sum(claims_total) over 1h = 0", "sum(increase(claims_total[1h])) == 0");
    await binds("sum(size) over 1h", "sum(sum_over_time(size[1h]))");
    await binds("last(x) LAST 5 min", "last_over_time(x[5m])");
    await binds("rate(claims_total[10m]) < 1", "sum(rate(claims_total[10m])) < 1");
  });

  it("takes quantiles of buckets, or of samples where there are none", async () => {
    await binds(
      "p95(latency_ms) > 400",
      "histogram_quantile(0.95, sum by (le) (rate(latency_ms_bucket[5m]))) > 400",
    );
    await binds(
      "p99_9(latency_ms) over 1 hour by job",
      "histogram_quantile(0.999, sum by (le, job) (rate(latency_ms_events_bucket[1h])))",
      "latency_ms_events_bucket",
    );
    await binds("P5(depth)", "max(quantile_over_time(0.05, depth[5m]))", "depth");
  });

  it("means events where it is a timer's mean", async () => {
    await binds(
      "avg(t) over 1m > 2",
      "sum(increase(t_sum[1m])) / sum(increase(t_count[1m])) > 2",
      "t_sum",
      "t_count",
    );
  });

  it("counts per minute and per hour", async () => {
    await binds("claims_total per minute > 60", "sum(rate(claims_total[5m])) * 60 > 60");
    await binds(
      "rate(approved_total) per hour by agency",
      "sum by (agency) (rate(approved_total[5m])) * 3600",
    );
    await binds("requests_total per second", "sum(rate(requests_total[5m]))");
  });

  it("asks labels, joins conditions, waits", async () => {
    const statement = await bound(
      "IF avg(api_ms WHERE agency = 'irs' AND zone != \"b\") > 200 AND max(queue.depth) > 5 OR down = 1 FOR 3 minutes",
    );
    expect(statement).toEqual({
      text: 'avg(api_ms{agency="irs",zone!="b"}) > 200 and on () max({"queue.depth"}) > 5 or down == 1',
      forMs: 180_000,
      diagnostics: [],
    });
    await binds("a > 1 and b > 2", "a > 1 and b > 2");
    await binds("select x where a =~ 'b.*', c='d' > -1", 'x{a=~"b.*",c="d"} > -1');
    expect((await bound("IF x > 1 FOR 90 seconds")).forMs).toBe(90_000);
    expect((await bound("x > 1 for 1h30m")).forMs).toBe(5_400_000);
  });

  it("says what is missing, and where", async () => {
    const fails = async (text: string, message: string, from: number) =>
      expect((await bound(text)).diagnostics[0], text).toMatchObject({ message, from });
    await fails("avg(x > 2", 'write ")"', 6);
    await fails("avg(x) > much", "write a number", 9);
    await fails("median(x) > 2", "write avg, min, max, sum, count, last, rate, increase or p95", 0);
    await fails("x > 1 FOR ages", "write a duration: 30s, 5 min", 10);
    await fails("x > 1 whenever", "write AND, OR or FOR, or end here", 6);
    await fails("x WHERE a = 5", "write a text in quotes", 12);
    await fails("x ? 5", '"?" means nothing here', 2);
    await fails("", "write a metric", 0);
    await fails(`x > 1${" or x > 1".repeat(60)}`, "at most 50 conditions", 456);
  });

  it("never throws, and what it makes is PromQL (seed 4)", async () => {
    const random = seededRandom(4);
    const words =
      "if select x a.b avg ( ) p95 where over last per minute by and or for > = <> 5 5m 'q' , [ ] ? sum".split(
        " ",
      );
    for (let i = 0; i < 5_000; i++) {
      await bound(Array.from({ length: random.below(12) }, () => random.pick(words)).join(" "));
    }
  });
});
