import { OpsError } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { LiveQueries } from "../live/index.ts";
import type { HubRequest } from "../ports.ts";
import { LiveApi } from "./live.ts";

function api() {
  const asked: unknown[] = [];
  const live = new LiveQueries({
    clock: new FakeClock(1_700_000_010_000),
    metrics: { add: () => {}, set: () => {}, observe: () => {} },
    newStreamId: () => "stream-1",
    evaluate: async (question, grid) => {
      asked.push([question, grid.count]);
      return Buffer.from("{}");
    },
  });
  return { asked, live, door: new LiveApi(live) };
}

function request(query: string, body = "", stream = ""): HubRequest {
  return {
    method: "GET",
    path: "",
    params: { stream },
    query: new URLSearchParams(query),
    headers: {},
    remoteAddress: "127.0.0.1",
    signal: new AbortController().signal,
    body: async () => new TextEncoder().encode(body),
    form: async () => new URLSearchParams(),
  };
}

const NOWHERE = { write: () => {}, waitingBytes: 0 };

describe("a stream's address", () => {
  it("names questions, with one step and span for all where they are given once", async () => {
    const { asked, door, live } = api();
    const { headers, body } = door.live(request("expr=up&expr=down&step=15&step=1m&span=1h"));
    expect(headers?.["content-type"]).toContain("text/event-stream");
    if (typeof body !== "function") throw new Error("no held body");
    const served = body(NOWHERE);
    const plain = { spanMs: 3_600_000, lookbackMs: 300_000, shortForms: false };
    expect(asked).toEqual([
      [{ expr: "up", stepMs: 15_000, ...plain }, 241],
      [{ expr: "down", stepMs: 60_000, ...plain }, 61],
    ]);
    live.stop();
    await served;
  });

  it("is refused before the stream begins where a question is none", () => {
    const { door } = api();
    const refused = (query: string) => {
      expect(() => door.live(request(query)), query).toThrow(OpsError);
    };
    refused("expr=up");
    refused("expr=up&step=0.5&span=60");
    refused("expr=up&step=15");
    refused("expr=&step=15&span=60");
    refused("expr=up&step=1&span=11000");
  });
});

it("a change is refused where it is no change, or its stream has gone", async () => {
  const { door } = api();
  const refused = async (body: string, code: string) => {
    const answer = door.changeLive(request("", body, "gone"));
    await expect(answer, body).rejects.toMatchObject({ code });
  };
  await refused("{", "OPS-1635");
  await refused("[1]", "OPS-1634");
  await refused('{"add":1}', "OPS-1635");
  await refused('{"add":[{"expr":"up","stepMs":"15","spanMs":1}]}', "OPS-1635");
  await refused("{}", "OPS-1634");
});
