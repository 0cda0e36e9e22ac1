import { FakeClock } from "@hms-ops/model/testing";
import type { LiveChange, LiveSteps } from "@hms-ops/wire/api";
import { describe, expect, it } from "vitest";
import { EventLines } from "./event-lines.ts";
import { HubClient } from "./hub-client.ts";
import type { LiveListener, LiveReply } from "./live-stream.ts";

const UP = { expr: "up", stepMs: 15_000, spanMs: 60_000 };
const DOWN = { ...UP, expr: "down" };

/** A hub that names feeds in the order in which they are asked, and sends what a test says. */
function fakeHub() {
  const clock = new FakeClock();
  const changes: LiveChange[] = [];
  const signals: AbortSignal[] = [];
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let feeds = 0;
  let refuses = false;
  let beforeAnswer = () => {};
  const send = async (name: string, data: unknown, id = "") => {
    const text = `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    controller?.enqueue(new TextEncoder().encode(text));
    await clock.advance(0);
    await clock.advance(0);
  };
  const fetch = async (_: string, init: RequestInit): Promise<Response> => {
    if (refuses) throw new TypeError("refused");
    if (init.method === "POST") {
      const change = JSON.parse(String(init.body)) as LiveChange;
      changes.push(change);
      beforeAnswer();
      return Response.json({ feeds: (change.add ?? []).map(() => ++feeds) });
    }
    signals.push(init.signal as AbortSignal);
    const body = new ReadableStream<Uint8Array>({
      start: (started) => {
        controller = started;
        init.signal?.addEventListener("abort", () => started.error(new Error("aborted")));
      },
    });
    return new Response(body);
  };
  const live = new HubClient({ url: "http://hub", fetch }).openLive(clock);
  const open = async () => {
    await settle(clock);
    await send("open", { stream: `s${signals.length}`, heartbeatMs: 15_000, feeds: [] });
    await settle(clock);
  };
  const steps = (feed: number, id: string, whole = false) => {
    const answer = { status: "success", data: { resultType: "matrix", result: [] } };
    const place = { fromMs: 0, toMs: 15_000, stepMs: 15_000, whole };
    return send("steps", { feed, ...place, answer } satisfies LiveSteps, id);
  };
  return {
    clock,
    live,
    changes,
    signals,
    open,
    send,
    steps,
    breakOff: () => controller?.close(),
    refuse: (on: boolean) => {
      refuses = on;
    },
    beforeAnswer: (act: () => void) => {
      beforeAnswer = act;
    },
  };
}

async function settle(clock: FakeClock): Promise<void> {
  for (let i = 0; i < 5; i++) await clock.advance(0);
}

function listener() {
  const told: string[] = [];
  const replies: LiveReply[] = [];
  const one: LiveListener = {
    steps: (reply) => {
      told.push(reply.whole ? "whole" : "steps");
      replies.push(reply);
    },
    failed: ({ code, message }) => told.push(`${code} ${message}`),
    lost: () => told.push("lost"),
  };
  return { told, replies, one };
}

describe("a live stream", () => {
  it("is one for all that is watched, asked for in one call", async () => {
    const { live, changes, signals, open, steps } = fakeHub();
    const [up, down] = [listener(), listener()];
    live.watch(UP, up.one);
    live.watch(DOWN, down.one);
    await open();
    expect(signals).toHaveLength(1);
    expect(changes).toEqual([{ add: [UP, DOWN], remove: [] }]);
    await steps(2, "run-1", true);
    expect([up.told, down.told]).toEqual([[], ["whole"]]);
    expect(down.replies[0]?.reply.value).toEqual({ kind: "matrix", series: [] });
  });

  it("tells the hub what is no longer watched, and ends with the last", async () => {
    const { clock, live, changes, signals, open } = fakeHub();
    const stop = live.watch(UP, listener().one);
    const stopDown = live.watch(DOWN, listener().one);
    await open();
    stop();
    await settle(clock);
    expect(changes[1]).toEqual({ add: [], remove: [1] });
    stopDown();
    await clock.advance(2_000);
    expect(signals[0]?.aborted).toBe(true);
  });

  it("comes back after a break and says what it has", async () => {
    const { clock, live, changes, open, steps, breakOff } = fakeHub();
    const { told, one } = listener();
    live.watch(UP, one);
    await open();
    await steps(1, "run-7", true);
    breakOff();
    await settle(clock);
    expect(told).toEqual(["whole", "lost"]);
    await clock.advance(2_000);
    await open();
    expect(changes[1]).toEqual({ add: [{ ...UP, after: "run-7" }], remove: [] });
    await steps(2, "run-8");
    expect(told).toEqual(["whole", "lost", "steps"]);
  });

  it("says that it is lost when no hub answers, and tries again at longer and longer intervals", async () => {
    const { clock, live, signals, open, refuse } = fakeHub();
    const { told, one } = listener();
    refuse(true);
    live.watch(UP, one);
    await settle(clock);
    expect(told).toEqual(["lost"]);
    await clock.advance(10_000);
    const tries = told.length;
    expect(tries).toBeLessThan(6);
    refuse(false);
    await clock.advance(60_000);
    await open();
    expect(signals).toHaveLength(1);
  });

  it("says that it is lost to those who come while it is away", async () => {
    const { clock, live, open, steps, breakOff, changes } = fakeHub();
    const [up, down, gone] = [listener(), listener(), listener()];
    live.watch(UP, up.one);
    await open();
    breakOff();
    await settle(clock);
    live.watch(DOWN, down.one);
    live.watch(DOWN, gone.one)();
    await settle(clock);
    expect([up.told, down.told, gone.told]).toEqual([["lost"], ["lost"], []]);
    await clock.advance(2_000);
    await open();
    expect(changes[1]).toEqual({ add: [UP, DOWN], remove: [] });
    await steps(3, "run-8", true);
    expect(down.told).toEqual(["lost", "whole"]);
  });

  it("takes back what nobody watches any more when the hub has named it", async () => {
    const { live, changes, open, beforeAnswer } = fakeHub();
    live.watch(DOWN, listener().one);
    beforeAnswer(live.watch(UP, listener().one));
    await open();
    expect(changes).toEqual([
      { add: [DOWN, UP], remove: [] },
      { add: [], remove: [2] },
    ]);
  });

  it("is given up when it falls silent", async () => {
    const { clock, live, signals, open, send } = fakeHub();
    const { told, one } = listener();
    live.watch(UP, one);
    await open();
    await clock.advance(40_000);
    await send("beat", { nowMs: 0 });
    await clock.advance(40_000);
    expect(told).toEqual([]);
    await clock.advance(10_000);
    expect(signals[0]?.aborted).toBe(true);
    expect(told).toEqual(["lost"]);
  });

  it("tells why a step failed; a final failure is lost", async () => {
    const { live, open, send } = fakeHub();
    const { told, one } = listener();
    live.watch(UP, one);
    await open();
    const failure = { feed: 1, code: "OPS-1610", message: "too slow", mend: "ask less" };
    await send("failed", { ...failure, final: false });
    await send("failed", { ...failure, final: true });
    expect(told).toEqual(["OPS-1610 too slow", "OPS-1610 too slow", "lost"]);
  });
});

it("events are read however their bytes are cut", () => {
  const text = 'retry: 1\n: comment\nid: 1\r\nevent: steps\ndata: {"a":\ndata: "ü"}\n\ndata: x\n\n';
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size < 9; size++) {
    const lines = new EventLines();
    const events = [];
    for (let at = 0; at < bytes.length; at += size) {
      events.push(...lines.take(bytes.subarray(at, at + size)));
    }
    expect(events).toEqual([
      { id: "1", name: "steps", data: '{"a":\n"ü"}' },
      { id: "1", name: "", data: "x" },
    ]);
  }
});
