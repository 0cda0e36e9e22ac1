import { describe, expect, it } from "vitest";
import { bindShortForms, windowAverage } from "../index.ts";

const catalog = (...names: string[]) => ({ exists: async (name: string) => names.includes(name) });

describe("short forms", () => {
  const binds = async (text: string, expected: string, ...names: string[]) =>
    expect((await bindShortForms(text, catalog(...names))).text).toBe(expected);

  it("a quantile suffix is the quantile of the histogram, the finer one first", async () => {
    await binds(
      "latency_ms_p95 > 400",
      "histogram_quantile(0.95, rate(latency_ms_bucket[5m])) > 400",
    );
    await binds(
      'sum(x_p5{a="b"} offset 1h)',
      'sum(histogram_quantile(0.05, rate(x_events_bucket{a="b"}[5m] offset 1h)))',
      "x_events_bucket",
      "x_bucket",
    );
    await binds("x_p999", "histogram_quantile(0.999, rate(x_bucket[5m]))");
    await binds("x_p99_9[1m]", "histogram_quantile(0.999, rate(x_bucket[1m]))");
    await binds(
      "max_over_time(x_p50[1h] @ end())",
      "max_over_time(histogram_quantile(0.5, rate(x_bucket[5m]))[1h:] @ end())",
    );
  });

  it("a real series of that name is never hidden", async () => {
    await binds("latency_ms_p95", "latency_ms_p95", "latency_ms_p95");
  });

  it("names with dots are quoted, outside of texts", async () => {
    await binds("finance.api_ms > 200", '{"finance.api_ms"} > 200');
    await binds('avg(a.b{c="d.e"})', 'avg({"a.b",c="d.e"})');
    await binds("rate(a.b[5m]) * 1.5", 'rate({"a.b"}[5m]) * 1.5');
    await binds('x{a="}b.c"} + d.e { } # f.g', 'x{a="}b.c"} + {"d.e", } # f.g');
    await binds(
      "'h.i{j.k}' == a.b_p95",
      `'h.i{j.k}' == histogram_quantile(0.95, rate({"a.b_bucket"}[5m]))`,
    );
  });

  it("the mean of a timer is per event, of a gauge over its samples", async () => {
    const mean = "(sum(increase(t_sum[1m])) / sum(increase(t_count[1m])))";
    await binds("avg(t) > 2", `${mean} > 2`, "t_sum", "t_count");
    await binds(
      'avg(t{a="b"} offset 1h) by (job, "c.d")',
      '(sum by (job, "c.d") (increase(t_sum{a="b"}[1m] offset 1h)) / sum by (job, "c.d") (increase(t_count{a="b"}[1m] offset 1h)))',
      "t_sum",
      "t_count",
    );
    await binds("avg(t)", "avg(t)");
    expect(await windowAverage("g", 30_000, catalog())).toBe("avg(avg_over_time(g[30s]))");
  });

  it("a bare name is something sensible to draw, and says what", async () => {
    const quantile = (bucket: string) =>
      `histogram_quantile(0.95, sum by (le) (rate(${bucket}[5m])))`;
    await binds("x_ms", quantile("x_ms_bucket"), "x_ms_bucket", "x_ms_sum", "x_ms_count");
    await binds(
      'a.b{c="d"}',
      quantile('{__name__="a.b_events_bucket",c="d"}'),
      "a.b_events_bucket",
    );
    await binds("t", "sum(rate(t_sum[5m])) / sum(rate(t_count[5m]))", "t_sum", "t_count");
    await binds("x_ms", "x_ms", "x_ms", "x_ms_bucket");
    await binds("pdf_total", "pdf_total", "pdf_total");
    const drawn = await bindShortForms("pdf_total", catalog("pdf_total"), { drawn: true });
    expect(drawn.text).toBe("rate(pdf_total[5m])");
    expect(drawn.notes[0]).toContain("per second");
  });

  it("what PromQL does not understand may be the mini dialect", async () => {
    await binds("IF avg(a.b) OVER 5m > 200", 'avg(avg_over_time({"a.b"}[5m])) > 200');
    const waits = await bindShortForms("x > 1 FOR 3 min", catalog());
    expect(waits).toMatchObject({ text: "x > 1", diagnostics: [{ severity: "warning" }] });
    const wrong = await bindShortForms("x WHERE a > 1", catalog());
    expect(wrong.diagnostics[0]?.message).toBe("write =, !=, =~ or !~");
  });

  it("a text that is no expression is reported, not thrown", async () => {
    expect((await bindShortForms("a.b +", catalog())).diagnostics).toHaveLength(1);
  });
});
