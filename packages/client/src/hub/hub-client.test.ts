import { describe, expect, it } from "vitest";
import { HubClient } from "./hub-client.ts";
import { HubError } from "./hub-error.ts";

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

function hubThatAnswers(body: unknown, status = 200, url = "http://127.0.0.1:9090/") {
  const calls: Call[] = [];
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const fetch = async (address: string, init: RequestInit) => {
    calls.push({ url: address, init });
    return new Response(text, { status });
  };
  return { hub: new HubClient({ url, fetch }), calls };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("should have failed"),
    (error: unknown) => error as HubError,
  );

describe("queries", () => {
  it("sends an instant query as a form and reads the vector", async () => {
    const { hub, calls } = hubThatAnswers({
      status: "success",
      data: {
        resultType: "vector",
        result: [{ metric: { __name__: "up", job: "ach" }, value: [1700000000.5, "+Inf"] }],
      },
      warnings: ["careful"],
    });
    const reply = await hub.query("up", { timeMs: 1_700_000_000_500 });
    expect(calls[0]?.url).toBe("http://127.0.0.1:9090/api/v1/query");
    expect(calls[0]?.init.body).toBe("query=up&time=1700000000.5");
    expect(reply.value).toEqual({
      kind: "vector",
      elements: [
        {
          labels: ["__name__", "up", "job", "ach"],
          timeMs: 1_700_000_000_500,
          value: Number.POSITIVE_INFINITY,
        },
      ],
    });
    expect(reply.warnings).toEqual(["careful"]);
  });

  it("asks what a query costs", async () => {
    const { hub, calls } = hubThatAnswers({
      status: "success",
      data: {
        resultType: "vector",
        result: [{}, {}],
        stats: {
          timings: { evalTotalTime: 0.002, queryPreparationTime: 0.001 },
          samples: { samplesRead: 40 },
        },
      },
    });
    const cost = { seriesCount: 2, samplesRead: 40, prepareMs: 1, evaluateMs: 2 };
    expect(await hub.queryCost("up")).toEqual(cost);
    expect(calls[0]?.init.body).toBe("query=up&stats=all");
  });

  it("asks what an expression means, and what it costs over a range", async () => {
    const told = { promql: "up", notes: [], cost: null };
    const { hub, calls } = hubThatAnswers(told);
    expect(await hub.explain("up")).toEqual(told);
    expect(calls[0]?.init.body).toBe("query=up");
    const run = { fromMs: 0, toMs: 60_000, stepMs: 15_000 };
    await hub.explain("up", { shortForms: true, drawn: true, run });
    expect(calls[1]?.init.body).toBe("query=up&short_forms=true&drawn=true&start=0&end=60&step=15");
  });

  it("reads a matrix into columns", async () => {
    const { hub, calls } = hubThatAnswers({
      status: "success",
      data: {
        resultType: "matrix",
        result: [
          {
            metric: {},
            values: [
              [1, "2"],
              [2, "NaN"],
            ],
          },
        ],
      },
    });
    const reply = await hub.queryRange("up", {
      fromMs: 1000,
      toMs: 2000,
      stepMs: 500,
      shortForms: true,
    });
    expect(calls[0]?.init.body).toBe("query=up&start=1&end=2&step=0.5&short_forms=true");
    if (reply.value.kind !== "matrix") throw new Error("not a matrix");
    expect([...(reply.value.series[0]?.timesMs ?? [])]).toEqual([1000, 2000]);
    expect([...(reply.value.series[0]?.values ?? [])]).toEqual([2, Number.NaN]);
  });

  it("reads scalars and texts", async () => {
    const data = { resultType: "scalar", result: [1, "4.5"] };
    const { hub } = hubThatAnswers({ status: "success", data });
    expect((await hub.query("4.5")).value).toEqual({ kind: "scalar", timeMs: 1000, value: 4.5 });
  });

  it("repeats match[] in a listing", async () => {
    const { hub, calls } = hubThatAnswers({ status: "success", data: [{ a: "1" }] });
    expect(await hub.series(["up", "down"], { limit: 3 })).toEqual([["a", "1"]]);
    expect(calls[0]?.url).toMatch(/series\?match%5B%5D=up&match%5B%5D=down&limit=3$/);
  });

  it("reads alerts and targets with plain numbers", async () => {
    const alert = { labels: { alertname: "A" }, annotations: {}, state: "firing" };
    const sent = { ...alert, activeAt: "2026-01-01T00:00:00Z", value: "1.5e+00" };
    const alerts = [sent, { ...sent, firedAt: "2026-01-01T00:01:00Z" }];
    const { hub } = hubThatAnswers({ status: "success", data: { alerts } });
    const read = { ...alert, activeAtMs: 1767225600000, value: 1.5 };
    expect(await hub.alerts()).toEqual([read, { ...read, firedAtMs: 1767225660000 }]);
    const target = { labels: {}, scrapeUrl: "u", health: "up", lastScrape: "0001-01-01T00:00:00Z" };
    const other = hubThatAnswers({ status: "success", data: { activeTargets: [target] } });
    expect((await other.hub.targets())[0]).toMatchObject({ health: "up", lastScrapeMs: null });
  });
});

describe("steering", () => {
  it("fills names into paths", async () => {
    const { hub, calls } = hubThatAnswers({ faults: [] });
    await hub.setFault("payments slow", true);
    expect(calls[0]?.url).toMatch(/\/demo\/faults\/payments%20slow$/);
    expect(calls[0]?.init.body).toBe('{"on":true}');
  });

  it("turns credentials of the address into a header, and prefers the token", async () => {
    const { hub, calls } = hubThatAnswers({}, 200, "http://ops:secret@hub:9091");
    await hub.status();
    expect(calls[0]?.url).toBe("http://hub:9091/api/ops/v1/status");
    expect(calls[0]?.init.headers).toMatchObject({ authorization: `Basic ${btoa("ops:secret")}` });
    expect(hub.url).toBe("http://hub:9091");
  });
});

describe("failures", () => {
  it("keeps the hub's own code, words and mend", async () => {
    const body = {
      status: "error",
      errorType: "bad_data",
      error: "bad",
      code: "OPS-1203",
      mend: "m",
    };
    const error = await failure(hubThatAnswers(body, 400).hub.query("("));
    expect(error).toMatchObject({
      code: "OPS-1203",
      message: "bad",
      mend: "m",
      kind: "refused",
      errorType: "bad_data",
      status: 400,
    });
  });

  it("tells what cannot be reached, what is not allowed, not found and no hub", async () => {
    const fetch = () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("refused") }));
    const dead = await failure(new HubClient({ url: "http://127.0.0.1:1", fetch }).status());
    expect(dead).toBeInstanceOf(HubError);
    expect(dead).toMatchObject({ kind: "unreachable", code: "OPS-1501" });
    expect(dead.message).toContain("refused");
    expect(await failure(hubThatAnswers("no", 401).hub.status())).toMatchObject({
      kind: "not-allowed",
    });
    expect(await failure(hubThatAnswers("no", 404).hub.status())).toMatchObject({
      kind: "not-found",
    });
    expect(await failure(hubThatAnswers("<html>").hub.status())).toMatchObject({
      kind: "not-a-hub",
    });
    expect(await failure(hubThatAnswers({ a: 1 }).hub.query("up"))).toMatchObject({
      kind: "not-a-hub",
    });
  });

  it("gives up at its deadline, and passes on the caller's own abort", async () => {
    const fetch = (_: string, init: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const hub = new HubClient({ url: "http://127.0.0.1:1", fetch, timeoutMs: 1 });
    expect(await failure(hub.status())).toMatchObject({ kind: "timeout", code: "OPS-1502" });
    const stop = new AbortController();
    const asked = failure(hub.status({ signal: stop.signal, timeoutMs: 60_000 }));
    stop.abort(new Error("left the page"));
    expect((await asked).message).toBe("left the page");
  });
});

describe("ingest", () => {
  it("posts text and reads the two lines of a refusal", async () => {
    const { hub, calls } = hubThatAnswers("No line could be read.\nSend lines. (OPS-1625)\n", 400);
    const error = await failure(hub.ingest("x y z", { job: "ach" }));
    expect(calls[0]?.url).toMatch(/\/ingest\?job=ach$/);
    expect(error).toMatchObject({
      code: "OPS-1625",
      message: "No line could be read.",
      mend: "Send lines.",
    });
  });
});
