import { OpsError, type StepGrid } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { HUB_ERRORS } from "../errors.ts";
import { HEARTBEAT_MS, LIVE_QUESTIONS_MAX, LIVE_STREAMS_MAX } from "./limits.ts";
import { LiveQueries } from "./live-queries.ts";
import type { FeedQuestion, FeedRequest } from "./ports.ts";

const STEP_MS = 15_000;
const START_MS = 1_700_000_010_000;

interface Received {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

class FakeSink {
  readonly writes: Uint8Array[] = [];
  waitingBytes = 0;

  write(bytes: Uint8Array): void {
    this.writes.push(bytes);
  }

  events(name?: string): readonly Received[] {
    const blocks = Buffer.concat(this.writes).toString().split("\n\n").filter(Boolean);
    const all = blocks.map((block) => {
      const fields = Object.fromEntries(
        block.split("\n").map((line) => {
          const at = line.indexOf(": ");
          return [line.slice(0, at), line.slice(at + 2)];
        }),
      );
      const { id = "", event = "", data = "{}" } = fields;
      return { id, event, data: JSON.parse(data) as Record<string, unknown> };
    });
    return name === undefined ? all : all.filter(({ event }) => event === name);
  }
}

function question(expr: string): FeedRequest {
  const lengths = { stepMs: STEP_MS, spanMs: 10 * STEP_MS, lookbackMs: 300_000 };
  return { question: { expr, ...lengths, shortForms: false } };
}

function liveHub() {
  const clock = new FakeClock(START_MS);
  const asked: { readonly expr: string; readonly grid: StepGrid }[] = [];
  const counts = new Map<string, number>();
  let ids = 0;
  let answer = async ({ expr }: FeedQuestion): Promise<Uint8Array> =>
    Buffer.from(JSON.stringify({ status: "success", expr }));
  const live = new LiveQueries({
    clock,
    metrics: {
      add: (name, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by),
      set: (name, value) => counts.set(name, value),
      observe: () => {},
    },
    newStreamId: () => `stream-${++ids}`,
    evaluate: async (question, grid) => {
      asked.push({ expr: question.expr, grid });
      return await answer(question);
    },
  });
  const watch = async (...requests: readonly FeedRequest[]) => {
    const sink = new FakeSink();
    const leaving = new AbortController();
    const served = live.serve(sink, requests, leaving.signal);
    await clock.advance(0);
    const stream = String(sink.events("open")[0]?.data.stream);
    return { sink, stream, served, leave: () => leaving.abort() };
  };
  const answerWith = (next: typeof answer) => {
    answer = next;
  };
  return { clock, live, asked, counts, watch, answerWith };
}

const toMs = ({ startMs, stepMs, count }: StepGrid) => startMs + (count - 1) * stepMs;

describe("a live query", () => {
  it("is sent whole first, at whole multiples of its step, then only in new steps", async () => {
    const { clock, asked, watch } = liveHub();
    const { sink } = await watch(question("up"));
    await clock.advance(2 * STEP_MS);
    const steps = sink.events("steps").map(({ data }) => data);
    expect(steps.map(({ whole }) => whole)).toEqual([true, false, false]);
    for (const { fromMs, toMs } of steps) {
      expect([Number(fromMs) % STEP_MS, Number(toMs) % STEP_MS]).toEqual([0, 0]);
    }
    expect(asked.map(({ grid }) => grid.count)).toEqual([11, 2, 2]);
    expect(toMs(asked[2]!.grid) - toMs(asked[1]!.grid)).toBe(STEP_MS);
    expect(steps[0]!.answer).toEqual({ status: "success", expr: "up" });
  });

  it("is evaluated and encoded once for all who watch it", async () => {
    const { clock, asked, watch } = liveHub();
    const viewers = [];
    for (let i = 0; i < 50; i++) viewers.push(await watch(question("up"), question("down")));
    expect(asked).toHaveLength(2);
    await clock.advance(STEP_MS);
    expect(asked).toHaveLength(4);
    const last = new Set(viewers.map(({ sink }) => sink.writes[sink.writes.length - 1]));
    expect(last.size).toBe(1);
  });

  it("is not evaluated when its last viewer has left, and forgotten after a while", async () => {
    const { clock, asked, counts, watch } = liveHub();
    const { leave, served } = await watch(question("up"));
    leave();
    await served;
    await clock.advance(10 * STEP_MS);
    expect(asked).toHaveLength(1);
    expect(counts.get("hms_ops_live_feeds")).toBe(0);
    expect(counts.get("hms_ops_live_streams")).toBe(0);
  });

  it("gives a viewer that comes back what it missed, and nothing twice", async () => {
    const { clock, watch } = liveHub();
    const first = await watch(question("up"));
    const other = await watch(question("up"));
    await clock.advance(STEP_MS);
    const after = first.sink.events("steps").at(-1)!.id;
    first.leave();
    await clock.advance(2 * STEP_MS);
    const again = await watch({ ...question("up"), after });
    const missed = again.sink.events("steps").map(({ id }) => id);
    expect(missed).toEqual(
      other.sink
        .events("steps")
        .map(({ id }) => id)
        .slice(-2),
    );
  });

  it("gives everything to a viewer whose last event is of another run", async () => {
    const { watch } = liveHub();
    await watch(question("up"));
    const { sink } = await watch({ ...question("up"), after: "otherrun-99" });
    expect(sink.events("steps")[0]?.data.whole).toBe(true);
  });

  it("goes on where it stopped after steps that failed", async () => {
    const { clock, asked, watch, answerWith } = liveHub();
    const { sink } = await watch(question("up"));
    answerWith(() => Promise.reject(new OpsError(HUB_ERRORS.queryTimedOut)));
    await clock.advance(2 * STEP_MS);
    expect(sink.events("failed").map(({ data }) => data.final)).toEqual([false, false]);
    answerWith(async () => Buffer.from("{}"));
    await clock.advance(STEP_MS);
    expect(toMs(asked[3]!.grid) - toMs(asked[0]!.grid)).toBe(3 * STEP_MS);
    expect(asked[3]!.grid.startMs).toBeLessThanOrEqual(toMs(asked[0]!.grid));
    expect(sink.events("steps").at(-1)?.data.whole).toBe(false);
  });

  it("of a long step is tried again before the next one", async () => {
    const { clock, asked, watch, answerWith } = liveHub();
    answerWith(() => Promise.reject(new OpsError(HUB_ERRORS.queryTimedOut)));
    const { expr, ...rest } = question("up").question;
    const { sink } = await watch({ question: { expr, ...rest, stepMs: 3_600_000 } });
    answerWith(async () => Buffer.from("{}"));
    await clock.advance(20_000);
    expect([asked.length, sink.events("steps").length]).toEqual([2, 1]);
  });

  it("is asked at once for a step that passed while it was answered", async () => {
    const { clock, asked, watch, answerWith } = liveHub();
    const late = Promise.withResolvers<Uint8Array>();
    answerWith(() => late.promise);
    await watch(question("up"));
    await clock.advance(1.5 * STEP_MS);
    expect(asked).toHaveLength(1);
    late.resolve(Buffer.from("{}"));
    await clock.advance(0);
    expect(asked).toHaveLength(2);
  });

  it("ends where its expression cannot be read", async () => {
    const { clock, asked, watch, answerWith } = liveHub();
    const inputs = { name: "query", reason: "no" };
    answerWith(() => Promise.reject(new OpsError(HUB_ERRORS.badParameter, inputs)));
    const { sink } = await watch(question("sum("));
    expect(sink.events("failed")[0]?.data).toMatchObject({ final: true, code: "OPS-1619" });
    await clock.advance(3 * STEP_MS);
    expect(asked).toHaveLength(1);
  });
});

describe("a stream", () => {
  it("takes and drops questions while it is open", async () => {
    const { clock, live, watch } = liveHub();
    const { sink, stream } = await watch();
    const [up, down] = live.change(stream, [question("up"), question("down")], []);
    await clock.advance(STEP_MS);
    live.change(stream, [], [down!]);
    const before = sink.events("steps").length;
    await clock.advance(STEP_MS);
    const later = sink.events("steps").slice(before);
    expect(later.map(({ data }) => data.feed)).toEqual([up]);
  });

  it("is written to once a step, whatever it carries", async () => {
    const { clock, watch } = liveHub();
    const { sink } = await watch(...Array.from({ length: 4 }, (_, i) => question(`x + ${i}`)));
    await clock.advance(500);
    const before = sink.writes.length;
    await clock.advance(STEP_MS);
    const written = sink.writes.slice(before).map((bytes) => Buffer.from(bytes).toString());
    expect(written.filter((text) => text.includes("event: steps"))).toHaveLength(1);
    expect(sink.events("steps")).toHaveLength(8);
  });

  it("sends its viewer to polling when it is not read", async () => {
    const { clock, asked, counts, watch } = liveHub();
    const { sink, served } = await watch(question("up"));
    sink.waitingBytes = Number.POSITIVE_INFINITY;
    await clock.advance(STEP_MS);
    await served;
    expect(sink.events("polling")).toHaveLength(1);
    expect(counts.get("hms_ops_live_slow_total")).toBe(1);
    await clock.advance(STEP_MS);
    expect(asked).toHaveLength(2);
  });

  it("has a heartbeat", async () => {
    const { clock, watch } = liveHub();
    const { sink } = await watch();
    await clock.advance(3 * HEARTBEAT_MS);
    expect(sink.events("beat")).toHaveLength(3);
  });

  it("ends when the hub stops", async () => {
    const { live, watch } = liveHub();
    const { served } = await watch(question("up"));
    live.stop();
    await expect(served).resolves.toBeUndefined();
  });

  it("is refused beyond its bounds, which is counted", async () => {
    const { live, counts, watch } = liveHub();
    const many = Array.from({ length: LIVE_QUESTIONS_MAX + 1 }, (_, i) => question(`x + ${i}`));
    expect(() => live.checkRoom(many.length)).toThrow("200");
    const { stream } = await watch();
    expect(() => live.change(stream, many, [])).toThrow("200");
    for (let i = 1; i < LIVE_STREAMS_MAX; i++) void live.serve(new FakeSink(), [], never());
    expect(() => live.checkRoom(0)).toThrow("streams");
    expect(counts.get("hms_ops_live_refused_total")).toBe(3);
    expect(() => live.change("no-such", [], [])).toThrow("no stream");
  });
});

function never(): AbortSignal {
  return new AbortController().signal;
}
