import { type MetricMetadata, OpsError } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_SEARCH_TERMS } from "../limits.ts";
import type { HubRequest, HubResponse, NameSearch } from "../ports.ts";
import { SearchApi, type SearchSources } from "./search.ts";

const NOW_MS = 1_700_000_000_000;
const METADATA: ReadonlyMap<string, MetricMetadata> = new Map();

function door(search: SearchSources["search"] = async () => Buffer.from("{}\n")) {
  const asked: NameSearch[] = [];
  const api = new SearchApi({
    clock: new FakeClock(NOW_MS),
    metadata: async () => METADATA,
    search: (one, limits) => {
      asked.push(one);
      return search(one, limits);
    },
  });
  return { api, asked };
}

function request(query: string): HubRequest {
  return {
    form: async () => new URLSearchParams(query),
    signal: new AbortController().signal,
  } as Partial<HubRequest> as HubRequest;
}

async function asked(query: string): Promise<NameSearch | undefined> {
  const here = door();
  await here.api.searchMetricNames(request(query));
  return here.asked[0];
}

async function textOf({ body }: HubResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  for await (const piece of body as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("a search", () => {
  it("is of the last hour, in order of names, a hundred at a time where nothing is said", async () => {
    expect(await asked("")).toEqual({
      kind: "metric_names",
      label: "",
      matches: [],
      terms: [],
      fuzz: { algorithm: "subsequence", threshold: 0 },
      caseSensitive: true,
      withScores: false,
      order: "ascending",
      range: { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS },
      limit: 100,
      batchSize: 100,
    });
  });

  it("takes what Prometheus takes", async () => {
    const query =
      "match[]=up&search[]=a&search[]=b&fuzz_threshold=80&fuzz_alg=jarowinkler&case_sensitive=false" +
      "&include_score=1&include_metadata=true&sort_by=alpha&sort_dir=dsc&start=1&end=2&limit=7" +
      "&batch_size=3";
    expect(await asked(query)).toMatchObject({
      matches: ["up"],
      terms: ["a", "b"],
      fuzz: { algorithm: "jarowinkler", threshold: 0.8 },
      caseSensitive: false,
      withScores: true,
      order: "descending",
      range: { fromMs: 1_000, toMs: 2_000 },
      limit: 7,
      batchSize: 3,
      metadata: METADATA,
    });
    expect(await asked("limit=0&batch_size=0")).toMatchObject({ limit: 100, batchSize: 100 });
    expect(await asked("search[]=a&sort_by=score")).toMatchObject({ order: "score" });
  });

  const many = "&search[]=a".repeat(MAX_SEARCH_TERMS + 1);
  it.each([
    ["end=1&start=2", "end timestamp must not be before start timestamp"],
    [many, "too many search[] terms: got 33, maximum is 32"],
    [`search[]=${"a".repeat(5_000)}`, "a search[] term is longer than 4096 characters"],
    ["fuzz_threshold=101", 'invalid fuzz_threshold "101": must be 0-100'],
    ["fuzz_threshold=0.5", 'invalid fuzz_threshold "0.5": must be 0-100'],
    ["fuzz_alg=x", 'unsupported fuzz_alg "x": must be one of [subsequence jarowinkler]'],
    ["case_sensitive=yes", 'invalid case_sensitive "yes": must be boolean'],
    ["include_score=yes", 'invalid include_score "yes": must be boolean'],
    ["include_metadata=yes", 'invalid include_metadata "yes": must be boolean'],
    ["sort_dir=asc", "sort_dir is only valid when sort_by is set"],
    ["sort_by=score&sort_dir=asc", "sort_dir is not supported for sort_by=score"],
    ["sort_by=alpha&sort_dir=up", 'invalid sort_dir "up": must be "asc" or "dsc"'],
    ["sort_by=score", "sort_by=score requires search[] to be set"],
    ["sort_by=x", 'invalid sort_by "x" for metric_names: must be "alpha" or "score"'],
    ["limit=-1", 'invalid limit "-1": must be non-negative integer'],
    ["limit=10001", "limit 10001 exceeds the configured maximum (10000)"],
    ["batch_size=x", 'invalid batch_size "x": must be non-negative integer'],
  ])("refuses %.40s", async (query, message) => {
    await expect(asked(query)).rejects.toThrow(message);
  });

  it("of values needs a label", async () => {
    const { api, asked: searches } = door();
    await expect(api.searchLabelValues(request(""))).rejects.toThrow(
      'missing required parameter "label"',
    );
    await api.searchLabelValues(request("label=job"));
    await api.searchLabelNames(request(""));
    expect(searches).toMatchObject([
      { kind: "label_values", label: "job" },
      { kind: "label_names" },
    ]);
  });

  it("that fails in mid-answer says so in its last line", async () => {
    const { api } = door(async () => lost());
    async function* lost(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"results":[]}\n');
      throw new OpsError(HUB_ERRORS.queryTimedOut);
    }
    const answer = await api.searchMetricNames(request(""));
    expect(answer.headers?.["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    const [, last = ""] = (await textOf(answer)).split("\n");
    expect(JSON.parse(last)).toEqual({
      status: "error",
      errorType: "timeout",
      error: "query timed out in expression evaluation",
    });
  });
});
