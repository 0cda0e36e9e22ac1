import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runWords } from "../run.test.tools.ts";

let server: Server;
let data: object = {};
let explanation: object = {};
let explained: URLSearchParams[] = [];
let asked: URLSearchParams[] = [];
let infos: readonly string[] = [];
let refusal: object | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const isExplain = request.url === "/api/ops/v1/explain";
      (isExplain ? explained : asked).push(new URLSearchParams(body));
      response.statusCode = refusal ? 400 : isExplain && "code" in explanation ? 404 : 200;
      const answer = refusal ?? { status: "success", data, infos };
      response.end(JSON.stringify(isExplain ? explanation : answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => void server.close());

async function query(answer: object, ...flags: string[]): Promise<string> {
  data = answer;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (await runWords(["query", "waits", ...flags], { HMS_OPS_URL: url })).out;
}

const HISTOGRAM = {
  count: "4",
  sum: "7.5",
  buckets: [
    [3, "-0.001", "0.001", "1"],
    [0, "0.5", "1", "1"],
    [0, "1", "2", "2"],
  ],
};
const VECTOR = {
  resultType: "vector",
  result: [
    { metric: { __name__: "waits", job: "ach" }, histogram: [1_700_000_000, HISTOGRAM] },
    { metric: { __name__: "waits", job: "dmv" }, value: [1_700_000_000, "3"] },
  ],
};

it("prints native histograms with their buckets, the largest with the longest bar", async () => {
  expect(await query(VECTOR)).toBe(`series            time                  value
waits{job="ach"}  2023-11-14T22:13:20Z  count 4, sum 7.5, average 1.875
waits{job="dmv"}  2023-11-14T22:13:20Z  3

waits{job="ach"}
  [-0.001, 0.001]  1  ████████████████████
  (0.5, 1]         1  ████████████████████
  (1, 2]           2  ████████████████████████████████████████
`);
});

it("gives programs the buckets, and a line in CSV", async () => {
  const [row] = JSON.parse(await query(VECTOR, "-o", "json")).rows;
  expect(row).toEqual({
    series: 'waits{job="ach"}',
    timeMs: 1_700_000_000_000,
    value: "{count:4, sum:7.5, [-0.001,0.001]:1, (0.5,1]:1, (1,2]:2}",
    histogram: {
      count: 4,
      sum: 7.5,
      buckets: [
        { lower: -0.001, upper: 0.001, isLowerInclusive: true, isUpperInclusive: true, count: 1 },
        { lower: 0.5, upper: 1, isLowerInclusive: false, isUpperInclusive: true, count: 1 },
        { lower: 1, upper: 2, isLowerInclusive: false, isUpperInclusive: true, count: 2 },
      ],
    },
  });
  expect(await query(VECTOR, "-o", "csv")).toContain(
    '"waits{job=""ach""}",2023-11-14T22:13:20Z,"{count:4, sum:7.5, ',
  );
});

it("shows histograms among the numbers of a range, in the order of time", async () => {
  const out = await query(
    {
      resultType: "matrix",
      result: [
        {
          metric: { __name__: "waits" },
          values: [[1_700_000_030, "5"]],
          histograms: [[1_700_000_000, HISTOGRAM]],
        },
      ],
    },
    "--since",
    "1m",
  );
  expect(out.split("\n").slice(1)).toEqual([
    "waits   2023-11-14T22:13:20Z  count 4, sum 7.5, average 1.875",
    "waits   2023-11-14T22:13:50Z  5",
    "",
  ]);
});

it("spells numbers that are none as Prometheus does, for people and for programs", async () => {
  const scalar = (value: string) => ({ resultType: "scalar", result: [1_700_000_000, value] });
  for (const value of ["+Inf", "-Inf", "NaN"]) {
    expect(await query(scalar(value))).toContain(`Z  ${value}\n`);
    expect(await query(scalar(value), "-o", "csv")).toContain(`Z,${value}\n`);
    expect(JSON.parse(await query(scalar(value), "-o", "json")).rows[0].value).toBe(value);
  }
  const row = { metric: {}, value: [1_700_000_000, "+Inf"] };
  expect(await query({ resultType: "vector", result: [row] })).toContain(
    "{}      2023-11-14T22:13:20Z  +Inf\n",
  );
});

const NOTHING = { resultType: "vector", result: [] };
const note = (about: string, message: string, suggestion: string) => {
  return { severity: "warning", about, message, suggestion, position: "1:5" };
};

async function queryForNothing(...flags: string[]) {
  data = NOTHING;
  explained = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return await runWords(["query", "sum(wiats)", ...flags], { HMS_OPS_URL: url });
}

it("says beside an empty answer what is not there, and what is near", async () => {
  explanation = {
    notes: [
      note("expression", "sum() of a gauge", "use avg()"),
      note("series", "there is no metric called wiats", "did you mean waits?"),
      note("series", "waits has no label jbo", ""),
    ],
  };
  const said =
    "  1:5  there is no metric called wiats\n       did you mean waits?\n  1:5  waits has no label jbo\n";
  const table = "no data: nothing answers at that time\n";
  expect(await queryForNothing()).toEqual({ code: 0, out: table, said });
  const asked = Object.fromEntries(explained[0] ?? []);
  expect(asked).toMatchObject({ query: "sum(wiats)", short_forms: "true", step: "1" });
  expect([asked.drawn, asked.start]).toEqual([undefined, asked.end]);
  const csv = await queryForNothing("-o", "csv");
  expect(csv).toEqual({ code: 0, out: "series,time,value\n", said });
  const json = await queryForNothing("-o", "json");
  expect([json.code, JSON.parse(json.out).rows, json.said]).toEqual([0, [], said]);
});

it("says nothing more where all is there, where there is an answer, and where none can say", async () => {
  explanation = { notes: [note("expression", "sum() of a gauge", "use avg()")] };
  expect(await queryForNothing()).toMatchObject({ code: 0, said: "" });
  await query(VECTOR);
  expect(explained).toHaveLength(1);
  explanation = { code: "OPS-1600", message: "an older hub has no such page" };
  expect(await queryForNothing("--since", "1h")).toMatchObject({ code: 0, said: "" });
  expect(explained[0]?.get("drawn")).toBe("true");
});

it("takes the text as strict PromQL where it is told to, and says how where it did not", async () => {
  const info = "waits_total is a counter: drawn is its increase per second over 5m";
  const ofAnswer = "PromQL info: metric might not be a counter";
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const say = async (infosTold: readonly string[], expr: string, ...flags: string[]) => {
    data = VECTOR;
    infos = infosTold;
    asked = [];
    return (await runWords(["query", expr, ...flags], { HMS_OPS_URL: url })).said;
  };
  expect(await say([info, ofAnswer], "waits_total", "--since", "1m", "-o", "csv")).toBe(
    `${info}\n${ofAnswer}\n--promql takes the text as it is written\n`,
  );
  expect(asked[0]?.get("short_forms")).toBe("true");
  expect(await say(["in PromQL: max(x)"], "x OVER 1h")).not.toContain("--promql");
  expect(await say([ofAnswer], "waits_total", "--promql")).toBe(`${ofAnswer}\n`);
  expect(asked[0]?.has("short_forms")).toBe(false);
});

it("names its own flags where a range has too many points", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = "exceeded maximum resolution … Try decreasing the query resolution (?step=XX)";
  refusal = { status: "error", errorType: "bad_data", error };
  const flags = ["--since", "1d", "--step", "1s"];
  const { code, said } = await runWords(["query", "up", ...flags], { HMS_OPS_URL: url });
  refusal = undefined;
  expect(code).toBe(2);
  expect(said).toContain("86401 points");
  expect(said).toContain("give a longer --step or a shorter --since");
});

it("refuses flags that would have no effect", async () => {
  for (const flags of [
    ["--since", "1h", "--at", "1700000000"],
    ["--step", "30s"],
  ]) {
    const { code, out, said } = await runWords(["query", "up", ...flags]);
    expect([code, out]).toEqual([2, ""]);
    expect(said).toContain("--since");
  }
});
