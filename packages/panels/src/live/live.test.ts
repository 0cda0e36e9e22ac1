import { type MatrixSeries, OpsError } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { panelErrors } from "../errors.ts";
import { fakeHub } from "../testing/pictures.ts";
import type { HubPort } from "./hub-port.ts";
import { LivePage } from "./live-page.ts";
import { withLastPicture } from "./live-state.ts";

type RangeOptions = Parameters<HubPort["queryRange"]>[1];

/** Answers each step with its own time in seconds, so that what was kept can be told. */
function rangePage() {
  const clock = new FakeClock(1_794_925_920_000);
  const asked: RangeOptions[] = [];
  const hub = fakeHub({
    queryRange: async (_, options) => {
      asked.push(options);
      const times: number[] = [];
      for (let t = options.fromMs; t <= options.toMs; t += options.stepMs) times.push(t);
      const series: MatrixSeries = {
        labels: ["job", "ach"],
        timesMs: Float64Array.from(times),
        values: Float64Array.from(times, (t) => t / 1000),
      };
      return { value: { kind: "matrix", series: [series] }, warnings: [], infos: [] };
    },
  });
  return { clock, asked, page: new LivePage({ hub, clock }) };
}
const RANGE = {
  expr: "x",
  time: { from: "now-1h", to: "now" },
  zone: "UTC",
  widthPx: 600,
  refreshMs: 30_000,
};

/** Instant queries that count themselves; each waits until it is let go. */
function instantPage() {
  const clock = new FakeClock();
  let count = 0;
  const signals: (AbortSignal | undefined)[] = [];
  let answer: () => Promise<number> = () => Promise.resolve(++count);
  const hub = fakeHub({
    query: async (_, options) => {
      signals.push(options?.signal);
      const value = await answer();
      return { value: { kind: "scalar", timeMs: 0, value }, warnings: [], infos: [] };
    },
  });
  const page = new LivePage({ hub, clock });
  return {
    clock,
    page,
    signals,
    answerWith: (next: () => Promise<number>) => {
      answer = next;
    },
    live: page.instant({ expr: "x", refreshMs: 5_000 }),
  };
}

describe("a live query", () => {
  it("asks when somebody watches, again at its interval, and not after", async () => {
    const { clock, live, signals } = instantPage();
    await clock.advance(60_000);
    expect(signals).toHaveLength(0);
    const stop = live.subscribe(() => undefined);
    await clock.advance(11_000);
    expect(signals).toHaveLength(3);
    expect(live.state()).toMatchObject({ status: "ready", fetching: false });
    stop();
    await clock.advance(60_000);
    expect(signals).toHaveLength(3);
  });

  it("is one, however many watch the same", async () => {
    const { clock, page, live, signals } = instantPage();
    const twin = page.instant({ expr: "x", refreshMs: 5_000 });
    live.subscribe(() => undefined);
    twin.subscribe(() => undefined);
    await clock.advance(0);
    expect(signals).toHaveLength(1);
    expect(twin.state()).toBe(live.state());
  });

  it("cancels the question when the last one leaves, not when one comes back at once", async () => {
    const { clock, live, signals, answerWith } = instantPage();
    answerWith(() => new Promise(() => undefined));
    live.subscribe(() => undefined)();
    const stop = live.subscribe(() => undefined);
    await clock.advance(0);
    expect(signals[0]?.aborted).toBe(false);
    stop();
    await clock.advance(1);
    expect(signals[0]?.aborted).toBe(true);
  });

  it("keeps the last picture when a question fails, and says why", async () => {
    const { clock, live, answerWith } = instantPage();
    live.subscribe(() => undefined);
    await clock.advance(0);
    const good = live.state();
    answerWith(() => Promise.reject(new OpsError(panelErrors.noTimeRange, { from: "a", to: "b" })));
    await clock.advance(5_000);
    expect(live.state()).toMatchObject({
      status: "error",
      data: good.data,
      lastSuccessMs: good.lastSuccessMs,
    });
    expect(live.state().error).toMatchObject({
      code: "OPS-1801",
      message: expect.stringContaining("from a to b"),
    });
    answerWith(() => Promise.resolve(7));
    await clock.advance(5_000);
    expect(live.state()).toMatchObject({ status: "ready", error: undefined });
  });

  it("sleeps while the tab is hidden and catches up when it is seen", async () => {
    const { clock, live, page, signals } = instantPage();
    live.subscribe(() => undefined);
    await clock.advance(0);
    page.setVisible(false);
    await clock.advance(60_000);
    expect(signals).toHaveLength(1);
    page.setVisible(true);
    await clock.advance(0);
    expect(signals).toHaveLength(2);
  });

  it("asks six at a time", async () => {
    const { clock, page, signals, answerWith } = instantPage();
    answerWith(() => new Promise(() => undefined));
    for (let i = 0; i < 9; i++) {
      page.instant({ expr: `x + ${i}`, refreshMs: undefined }).subscribe(() => undefined);
    }
    await clock.advance(0);
    expect(signals).toHaveLength(6);
  });

  it("is empty, not ready, when the answer holds nothing", async () => {
    const clock = new FakeClock();
    const value = { kind: "vector" as const, elements: [] };
    const hub = fakeHub({ query: async () => ({ value, warnings: [], infos: [] }) });
    const live = new LivePage({ hub, clock }).instant({ expr: "x", refreshMs: undefined });
    live.subscribe(() => undefined);
    await clock.advance(0);
    expect(live.state().status).toBe("empty");
  });
});

describe("a live range", () => {
  it("asks only for the new steps when it slides on, and for two old ones again", async () => {
    const { clock, asked, page } = rangePage();
    const live = page.range(RANGE);
    live.subscribe(() => undefined);
    await clock.advance(0);
    await clock.advance(60_000);
    expect(asked).toHaveLength(3);
    expect((asked[0]!.toMs - asked[0]!.fromMs) / asked[0]!.stepMs).toBe(120);
    expect((asked[2]!.toMs - asked[2]!.fromMs) / asked[2]!.stepMs).toBe(2);
    const series = live.state().data!.series[0]!;
    expect(series.timesMs).toHaveLength(121);
    expect([...series.values]).toEqual([...series.timesMs].map((t) => t / 1000));
    expect(series.timesMs[0]).toBe(live.state().data!.range.fromMs);
  });

  it("asks for everything after a long sleep and when a person asks", async () => {
    const { clock, asked, page } = rangePage();
    const live = page.range(RANGE);
    live.subscribe(() => undefined);
    await clock.advance(0);
    page.setVisible(false);
    await clock.advance(3 * 3_600_000);
    page.setVisible(true);
    await clock.advance(0);
    live.refresh();
    await clock.advance(0);
    const lengths = asked.map(({ fromMs, toMs, stepMs }) => (toMs - fromMs) / stepMs);
    expect(lengths).toEqual([120, 120, 120]);
  });

  it("says what is wrong with a time range", async () => {
    const { clock, page } = rangePage();
    const live = page.range({ ...RANGE, time: { from: "later", to: "now" } });
    live.subscribe(() => undefined);
    await clock.advance(0);
    expect(live.state()).toMatchObject({ status: "error", error: { code: "OPS-1801" } });
  });
});

it("shows the picture before until a new question has its own", () => {
  const none = { data: undefined, error: undefined, lastSuccessMs: undefined, fetching: true };
  const before = { ...none, status: "ready" as const, data: 1, lastSuccessMs: 5 };
  expect(withLastPicture({ ...none, status: "loading" }, before)).toMatchObject({
    data: 1,
    fetching: true,
  });
  expect(withLastPicture({ ...none, status: "empty", data: 0 }, before)).toMatchObject({ data: 0 });
});
