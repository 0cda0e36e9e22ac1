import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { MAX_NOTICE_LISTENERS, NOTICE_LOOK_MS } from "../limits.ts";
import type { HubRequest } from "../ports.ts";
import { type NoticeSource, Notices } from "../self/notices.ts";
import { NoticesApi } from "./notices.ts";

const START = "2023-11-14T22:13:20.000Z";

function hub() {
  const clock = new FakeClock();
  let texts: NoticeSource = () => [];
  const notices = new Notices(clock, [() => ["one that stays"], () => texts()]);
  return {
    clock,
    notices,
    api: new NoticesApi(notices),
    set: (source: NoticeSource) => {
      texts = source;
    },
  };
}

async function listed({ api }: ReturnType<typeof hub>): Promise<readonly unknown[]> {
  return JSON.parse(String((await api.notices()).body)).data;
}

/** Opens a stream; what was written to it so far, beats left out. */
function listen({ api }: ReturnType<typeof hub>) {
  const caller = new AbortController();
  const written: string[] = [];
  const { status, body } = api.liveNotices({
    signal: caller.signal,
  } as Partial<HubRequest> as HubRequest);
  const sink = { write: (bytes: Uint8Array) => void written.push(String(bytes)), waitingBytes: 0 };
  const served = typeof body === "function" ? body(sink) : Promise.resolve();
  const events = () =>
    written
      .filter((text) => text !== ":\n\n")
      .map((text) => JSON.parse(text.slice("data: ".length)));
  return { status, served, events, sink, leave: () => caller.abort() };
}

describe("notifications", () => {
  it("lists what holds, and since when it is known", async () => {
    const here = hub();
    await listed(here);
    await here.clock.advance(1_000);
    here.set(() => ["the disk is full"]);
    expect(await listed(here)).toEqual([
      { text: "one that stays", date: START, active: true },
      { text: "the disk is full", date: "2023-11-14T22:13:21.000Z", active: true },
    ]);
    here.set(() => []);
    expect(await listed(here)).toHaveLength(1);
  });

  it("keeps what a source said that cannot tell now", async () => {
    const here = hub();
    here.set(() => ["damage"]);
    await listed(here);
    here.set(() => Promise.reject(new Error("the thread starts again")));
    expect(await listed(here)).toHaveLength(2);
  });
});

describe("notifications/live", () => {
  it("tells what holds, then each change once", async () => {
    const here = hub();
    const stream = listen(here);
    await here.clock.advance(0);
    expect(stream.events()).toEqual([{ text: "one that stays", date: START, active: true }]);
    here.set(() => ["reload failed"]);
    await here.clock.advance(NOTICE_LOOK_MS);
    here.set(() => []);
    await here.clock.advance(2 * NOTICE_LOOK_MS);
    expect(stream.events().slice(1)).toMatchObject([
      { text: "reload failed", active: true },
      { text: "reload failed", active: false },
    ]);
    stream.leave();
    await stream.served;
  });

  it("is 204 beyond its listeners, until one leaves", async () => {
    const here = hub();
    const all = Array.from({ length: MAX_NOTICE_LISTENERS }, () => listen(here));
    expect(all.map(({ status }) => status)).not.toContain(204);
    expect(listen(here).status).toBe(204);
    all[0]?.leave();
    await all[0]?.served;
    expect(listen(here).status).toBe(200);
  });

  it("ends for one that does not read, and for all when the hub stops", async () => {
    const here = hub();
    const [slow, other] = [listen(here), listen(here)];
    await here.clock.advance(0);
    slow.sink.waitingBytes = 1_000_000;
    await here.clock.advance(NOTICE_LOOK_MS);
    await slow.served;
    here.notices.stop();
    await other.served;
    expect(listen(here).status).toBe(204);
  });
});
