import { describe, expect, it } from "vitest";
import { parsePromql, planSteps, sentenceOf } from "../../index.ts";

function parsed(text: string) {
  const { expr, diagnostics } = parsePromql(text);
  if (expr === undefined) throw new Error(`${text}: ${diagnostics[0]?.message}`);
  return expr;
}

describe("the sentence about an expression", () => {
  const says = (text: string, sentence: string) => expect(sentenceOf(parsed(text))).toBe(sentence);

  it("says what is computed", () => {
    says("up", "`up`.");
    says(
      'sum by (job) (rate(requests_total{zone!="a",job=~"ach|irs"}[5m] offset 1h))',
      'For each job the sum of the per-second increase of `requests_total` where zone is not "a" and job matches "ach|irs" over 5m as of 1h before.',
    );
    says(
      "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m]))) > 200",
      "The 95th percentile of the observations counted by the sum of the per-second increase of `x_bucket` over 5m, where it is above 200.",
    );
    says(
      "a / on (job) group_left (team) b",
      "`a` divided by `b`, paired by job, with team of the other side.",
    );
    says("a == bool 1", "1 where `a` is equal to 1, else 0.");
    says(
      "max_over_time(a[1h:5m]) unless b",
      "The highest value of `a`, taken every 5m over 1h, where there is no `b`.",
    );
    says("topk(3, -x @ end())", "The 3 highest of the negative of `x` at the query's end.");
    says(
      "rate(x[5m] anchored)",
      "The per-second increase of `x` over 5m, counted from the sample before the range.",
    );
  });

  it("stays short and comes to an end however deep the expression is", () => {
    expect(sentenceOf(parsed(`${"abs(".repeat(150)}x${")".repeat(150)}`)).length).toBeLessThan(
      1_000,
    );
    expect(sentenceOf(parsed(Array(900).fill("a").join(" + "))).length).toBeLessThan(20_000);
  });
});

describe("the plan", () => {
  it("reads each selector once, then computes inside out", () => {
    const plan = planSteps(parsed("sum(rate(a[5m])) / sum(rate(a[5m])) > 2"));
    expect(plan.map(({ number, does, takes }) => `${number} ${does} [${takes.join(",")}]`)).toEqual(
      [
        "1 read a over 5m before each step []",
        "2 slide rate along the samples [1]",
        "3 fold with sum [2]",
        "4 slide rate along the samples [1]",
        "5 fold with sum [4]",
        "6 pair series and compute / [3,5]",
        "7 compute > with 2 [6]",
      ],
    );
    expect(plan[6]?.expr).toBe("sum(rate(a[5m])) / sum(rate(a[5m])) > 2");
  });

  it("names sub-queries, parameters and calls", () => {
    const plan = planSteps(parsed('topk(2, label_join(max_over_time(x[1h:]), "a", "-", "b"))'));
    expect(plan.map(({ does }) => does)).toEqual([
      "read the newest sample of x at each step",
      "evaluate on a grid of its own, 1h back, default step",
      "slide max_over_time along the samples",
      'apply label_join ("a", "-", "b")',
      "fold with topk 2",
    ]);
  });
});
