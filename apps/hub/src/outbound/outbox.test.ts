import type { Notification, OutboundRequest } from "@hms-ops/control";
import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { FakeDocuments, silentLog } from "../jobs/rules/testing/fakes.ts";
import { Outbox, sendRequest } from "./index.ts";

const HOOK = { channel: "webhook", address: "https://h.example.gov/a1b2c3d4e5f6g7h8i9" };
const OTHER = { channel: "webhook", address: "http://127.0.0.1:2/other" };

function news(alertName: string, atMs: number): Notification {
  return {
    alertName,
    status: "firing",
    alerts: [],
    truncatedCount: 0,
    groupKey: "{}",
    groupLabels: {},
    expr: "up == 0",
    atMs,
    isFirst: true,
  };
}

async function open(answer: (request: OutboundRequest) => number | string) {
  const clock = new FakeClock();
  const documents = new FakeDocuments();
  const sent: string[] = [];
  const outbox = new Outbox({
    clock,
    documents,
    log: silentLog,
    metrics: { add: () => {}, set: () => {}, observe: () => {} },
    print: () => {},
    externalUrl: "http://localhost:9090",
    send: async (request) => {
      const found = answer(request);
      if (typeof found === "string") throw new Error(found);
      sent.push(`${JSON.parse(request.body).groupKey} ${request.url} ${found}`);
      return { status: found, retryAfter: "", body: "" };
    },
  });
  await outbox.start();
  const tell = async (name: string, ...targets: (typeof HOOK)[]) => {
    const planned = outbox.plan({ ...news(name, clock.now()), groupKey: name }, targets);
    await documents.write(planned.writes);
    outbox.accept(planned.entries);
    await clock.advance(1);
  };
  return { clock, documents, outbox, sent, tell };
}

describe("the outbox", () => {
  it("tries again with growing patience, in order", async () => {
    let up = false;
    let tries = 0;
    const { clock, outbox, sent, tell } = await open(() => {
      tries++;
      return up ? 200 : "connect ECONNREFUSED";
    });
    await tell("a", HOOK);
    await tell("b", HOOK);
    await clock.advance(60_000);
    expect(tries).toBe(6);
    expect(outbox.list(5).map(({ delivery }) => delivery)).toEqual(["waiting", "waiting"]);
    up = true;
    await clock.advance(60_000);
    expect(sent.map((line) => line.split(" ")[0])).toEqual(["a", "b"]);
    expect(outbox.list(5).map(({ delivery }) => delivery)).toEqual(["sent", "sent"]);
  });

  it("lets no receiver wait for another", async () => {
    const { sent, tell } = await open(({ url }) => (url === OTHER.address ? 200 : "down"));
    await tell("a", HOOK, OTHER);
    expect(sent).toEqual([`a ${OTHER.address} 200`]);
  });

  it("takes a refusal as final", async () => {
    const { clock, outbox, sent, tell } = await open(() => 404);
    await tell("a", HOOK);
    await clock.advance(600_000);
    expect(sent).toHaveLength(1);
    expect(outbox.list(1)).toMatchObject([{ delivery: "failed", note: "HTTP 404" }]);
  });

  it("gives up on news that is a day old", async () => {
    const { clock, documents, outbox, tell } = await open(() => "down");
    await tell("a", HOOK);
    await clock.advance(25 * 3_600_000);
    expect(outbox.list(1)).toMatchObject([{ delivery: "failed" }]);
    expect(await documents.list("outbox")).toEqual([]);
  });

  it("shows no secret in what it lists", async () => {
    const { outbox, tell } = await open(() => 200);
    await tell("a", HOOK);
    expect(JSON.stringify(outbox.list(1))).not.toContain("a1b2c3d4e5f6g7h8i9");
    expect(outbox.list(1)[0]?.to).toBe("https://h.example.gov/…");
  });

  it("tells the same news to a receiver once, even when it is planned again", async () => {
    const { documents, outbox } = await open(() => 200);
    const first = outbox.plan(news("a", 1), [HOOK, HOOK]);
    const second = outbox.plan(news("a", 1), [HOOK]);
    expect(first.entries).toHaveLength(1);
    expect(second.entries[0]?.id).toBe(first.entries[0]?.id);
    await documents.write([...first.writes, ...second.writes]);
    expect(await documents.list("outbox")).toHaveLength(1);
  });
});

describe("a request that cannot be sent", () => {
  it("says why, without secrets", async () => {
    const request = {
      method: "POST",
      url: "http://user:secret@127.0.0.1:1/x",
      headers: {},
      body: "{}",
    } as const;
    const failed = await sendRequest(request, new AbortController().signal).catch(String);
    expect(failed).not.toContain("secret");
    expect(failed).toContain("Error");
  });
});
