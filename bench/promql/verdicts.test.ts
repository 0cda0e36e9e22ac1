import { expect, test } from "vitest";
import type { CountedAnswer } from "./count-answer.ts";
import { errorOf } from "./count-answer.ts";
import type { DashboardQuery } from "./dashboard-query.ts";
import { seriesGrowthOf, slowestBeside } from "./growth.ts";
import { judgeHostile } from "./hostile-verdict.ts";
import { compareAnswers, type QueryFigures } from "./measure.ts";
import { victoriaReason } from "./peer-differences.ts";
import { isTooSlow, judgeSizes } from "./verdicts.ts";

const QUERY: DashboardQuery = {
  name: "up",
  expr: "up",
  span: "1h",
  breadth: "fleet",
  isDrawn: false,
  mayBeEmpty: false,
};

function figures(ours: number, theirs: number, more: Partial<QueryFigures> = {}): QueryFigures {
  const taken = { "HMS-OPS": ours, Prometheus: theirs, VictoriaMetrics: ours };
  return {
    query: QUERY,
    medianMs: taken,
    cpuMs: taken,
    answerBytes: 1,
    wrong: "",
    victoriaDiffers: "",
    victoriaReason: "",
    ...more,
  };
}

function vector(...rows: readonly (readonly [labels: Record<string, string>, value: string])[]) {
  const result = rows.map(([metric, value]) => ({ metric, value: [1, value] }));
  return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
}

test("too slow is what is slower by more than a tenth and by more than 0.3 ms", () => {
  expect(isTooSlow(figures(1.25, 1))).toBe(false);
  expect(isTooSlow(figures(10.9, 10))).toBe(false);
  expect(isTooSlow(figures(11.1, 10))).toBe(true);
});

test("range queries must be five times faster, answer rightly, and beside a peer", () => {
  const verdict = (...queries: readonly QueryFigures[]) =>
    judgeSizes([{ series: 1_000, queries }])[0]?.mustHolds;
  expect(verdict(figures(1, 5), figures(2, 10))).toBe("held");
  expect(verdict(figures(1, 5), figures(2, 9))).toBe("NOT HELD");
  expect(verdict(figures(1, 5, { wrong: "no series" }))).toBe("NOT HELD");
  expect(verdict(figures(1, 5, { medianMs: { "HMS-OPS": 1 } }))).toBe("not measured");
});

test("growth compares the same query at two sizes", () => {
  const [, range] = seriesGrowthOf([
    { series: 1_000, queries: [figures(1, 2)] },
    { series: 10_000, queries: [figures(4, 16)] },
  ]);
  expect(range?.factor["HMS-OPS"]).toBeCloseTo(4, 9);
  expect(range?.factor.Prometheus).toBeCloseTo(8, 9);
});

test("the slowest beside Prometheus comes first", () => {
  const rows = [figures(1, 9), figures(3, 1), figures(1, 1)];
  expect(slowestBeside(rows, 2)).toEqual([rows[1], rows[2]]);
});

test("our answer is held beside Prometheus' with names, VictoriaMetrics' without", () => {
  const right = vector([{ __name__: "up", job: "a" }, "1"]);
  const compare = (ours: string, victoria = right) =>
    compareAnswers(QUERY, { Prometheus: right, "HMS-OPS": ours, VictoriaMetrics: victoria });
  expect(compare(right)).toEqual({ wrong: "", victoriaDiffers: "", victoriaReason: "" });
  expect(compare(vector([{ __name__: "up", job: "a" }, "1.0000000000001"])).wrong).toBe("");
  expect(compare(vector([{ __name__: "up", job: "a" }, "1.00000001"])).wrong).toContain(
    "instead of",
  );
  expect(compare(vector([{ job: "a" }, "1"])).wrong).toContain("instead of");
  expect(compare(vector()).wrong).toBe("0 series instead of 1");
  expect(compare(right, vector([{ job: "a" }, "2"])).victoriaDiffers).toContain("2 instead of 1");
});

test("of equals a ranking may choose another, of others it may not", () => {
  const ranked = { ...QUERY, expr: "topk(1, up)" };
  const compare = (value: string) =>
    compareAnswers(ranked, {
      Prometheus: vector([{ job: "a" }, "1"]),
      "HMS-OPS": vector([{ job: "b" }, value]),
    }).wrong;
  expect(compare("1")).toBe("");
  expect(compare("2")).toContain("2 instead of 1");
});

test("an empty answer is right for an alert only", () => {
  const texts = { Prometheus: vector(), "HMS-OPS": vector() };
  expect(compareAnswers(QUERY, texts).wrong).toBe("Prometheus answers nothing");
  expect(compareAnswers({ ...QUERY, mayBeEmpty: true }, texts).wrong).toBe("");
});

test("what VictoriaMetrics may answer otherwise has its reason", () => {
  expect(victoriaReason("sum(rate(x[5m]))")).toContain("extrapolate");
  expect(victoriaReason("max_over_time(x[1h:1m])")).toContain("sub-queries");
  expect(victoriaReason("sum by (job) (up)")).toBe("");
});

const CALM = { count: 200, p50: 1, p99: 2, max: 3 };
const IDLE = { residentBytes: 4e8, peakBytes: 5e8, ack: CALM, rule: CALM };
const REFUSED: CountedAnswer = {
  status: 422,
  bytes: 80,
  tookMs: 10,
  head: '{"status":"error","errorType":"execution","error":"too many samples"}',
  isWhole: true,
};

test("a hostile query must end within its deadline, with an error that says why", () => {
  const judge = (answer: Partial<CountedAnswer>, must: "error" | "either" = "either") =>
    judgeHostile(must, [{ ...REFUSED, ...answer }], IDLE, 0, IDLE, 20);
  expect(judge({})).toEqual([]);
  expect(judge({ tookMs: 23_000 })).toEqual(["late"]);
  expect(judge({ head: "Internal error" })).toEqual(["an unclear error"]);
  expect(judge({ status: 200, isWhole: false })).toEqual(["cut off"]);
  const dead = '{"errorType":"unavailable","error":"The query-3 thread ended: out of memory"}';
  expect(judge({ status: 503, head: dead })).toEqual(["a thread died"]);
  expect(judge({ status: 200 }, "error")).toEqual(["an answer instead of an error"]);
});

test("a hostile query may disturb neither acknowledgements nor rules nor memory", () => {
  const judge = (now: Partial<typeof IDLE>, failures = 0) =>
    judgeHostile("either", [REFUSED], { ...IDLE, ...now }, failures, IDLE, 20);
  expect(judge({ ack: { ...CALM, p99: 30, max: 40 } })).toEqual(["ack p99"]);
  expect(judge({ rule: { ...CALM, count: 6, p99: 60, max: 60 } })).toEqual(["rule max"]);
  expect(judge({ peakBytes: 4e9 })).toEqual(["memory"]);
  expect(judge({}, 2)).toEqual(["2 failed writes or rule lists"]);
});

test("an error is clear when it has a type and a text", () => {
  expect(errorOf(REFUSED.head)).toBe("execution: too many samples");
  expect(errorOf('{"error":""}')).toBe("");
  expect(errorOf("<html>")).toBe("");
});
