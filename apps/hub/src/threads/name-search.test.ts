import { METRIC_NAME, type MetadataRequest, UNLIMITED_BUDGET } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import { ANSWER_PIECE_BYTES } from "../limits.ts";
import type { NameSearch } from "../ports.ts";
import { QUERY_CANCELED } from "./calls.ts";
import { searchPieces } from "./name-search.ts";
import { queryBudget } from "./reader-budget.ts";

const SEARCH: NameSearch = {
  kind: "metric_names",
  label: "",
  matches: [],
  terms: [],
  fuzz: { algorithm: "subsequence", threshold: 0 },
  caseSensitive: true,
  withScores: false,
  order: "ascending",
  range: { fromMs: 0, toMs: 1 },
  limit: 100,
  batchSize: 100,
};

function reader(names: readonly string[]) {
  const asked: unknown[] = [];
  const labelValues = async (name: string, { matcherSets }: MetadataRequest) => {
    asked.push([name, matcherSets.length]);
    return names;
  };
  const labelNames = async () =>
    labelValues("", { matcherSets: [] } as Partial<MetadataRequest> as MetadataRequest);
  return { asked, labelValues, labelNames };
}

async function lines(names: readonly string[], search: Partial<NameSearch>) {
  const found = await searchPieces(reader(names), { ...SEARCH, ...search }, UNLIMITED_BUDGET);
  const text = Buffer.concat([...found]).toString();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const DONE = { status: "success", has_more: false };
const NAMES = ["http_errors_total", "http_requests_total", "up"];

describe("a search", () => {
  it("answers lines of a batch each, then whether there is more", async () => {
    expect(await lines(NAMES, { batchSize: 2 })).toEqual([
      { results: [{ name: "http_errors_total" }, { name: "http_requests_total" }] },
      { results: [{ name: "up" }] },
      DONE,
    ]);
    expect(await lines(NAMES, { limit: 2 })).toEqual([
      { results: [{ name: "http_errors_total" }, { name: "http_requests_total" }] },
      { ...DONE, has_more: true },
    ]);
    expect(await lines([], {})).toEqual([{ results: [] }, DONE]);
  });

  it("orders by name either way, or by score and then by name", async () => {
    const terms = ["total"];
    const named = async (search: Partial<NameSearch>) => {
      const [{ results }] = await lines(["a_total", "b_total", "total", "up"], {
        terms,
        ...search,
      });
      return results.map(({ name }: { readonly name: string }) => name);
    };
    expect(await named({})).toEqual(["a_total", "b_total", "total"]);
    expect(await named({ order: "descending", limit: 2 })).toEqual(["total", "b_total"]);
    expect(await named({ order: "score", limit: 2 })).toEqual(["total", "a_total"]);
  });

  it("tells scores and metadata where they are asked for", async () => {
    const metadata = new Map([["up", { type: "gauge", help: "Is it up?", unit: "" } as const]]);
    expect((await lines(["down", "up"], { withScores: true, metadata }))[0]).toEqual({
      results: [
        { name: "down", score: 1 },
        { name: "up", score: 1, type: "gauge", help: "Is it up?" },
      ],
    });
  });

  it("asks for what it lists, narrowed by selectors, and refuses a bad one", async () => {
    const store = reader(["a"]);
    const ask = (search: Partial<NameSearch>) =>
      searchPieces(store, { ...SEARCH, ...search }, UNLIMITED_BUDGET);
    await ask({ matches: ["up", "down"] });
    await ask({ kind: "label_values", label: "job" });
    await ask({ kind: "label_names" });
    expect(store.asked).toEqual([
      [METRIC_NAME, 2],
      ["job", 0],
      ["", 0],
    ]);
    await expect(ask({ matches: ["{"] })).rejects.toMatchObject({ status: 400 });
  });

  it("comes in pieces that end with a line", async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `${i}`.padStart(200, "0"));
    const found = await searchPieces(reader(names), { ...SEARCH, limit: 10_000 }, UNLIMITED_BUDGET);
    const pieces = [...found];
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece.at(-1)).toBe(10);
    for (const piece of pieces.slice(0, -1)) {
      expect(piece.length).toBeGreaterThanOrEqual(ANSWER_PIECE_BYTES);
    }
  });

  it("ends when its caller has gone", async () => {
    const flag = new SharedArrayBuffer(4);
    new Int32Array(flag)[0] = QUERY_CANCELED;
    const names = Array.from({ length: 10_000 }, (_, i) => `${i}`.padStart(200, "0"));
    const search = { ...SEARCH, terms: ["no such name"] };
    await expect(searchPieces(reader(names), search, queryBudget(flag))).rejects.toMatchObject({
      code: HUB_ERRORS.queryCanceled.code,
    });
  });
});
