import type { LiveListener } from "@hms-ops/client";
import { OpsError } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { panelErrors } from "../errors.ts";
import { fakeHub } from "../testing/pictures.ts";
import type { HubPort } from "./hub-port.ts";
import { LivePage } from "./live-page.ts";

type Opened = ReturnType<NonNullable<HubPort["openLive"]>>;
type Question = Parameters<Opened["watch"]>[0];

const STEP_MS = 30_000;
const RANGE = {
  expr: "rate(x[$__rate_interval])",
  time: { from: "now-1h", to: "now" },
  zone: "UTC",
  widthPx: 600,
  refreshMs: 30_000,
};

/** A page whose hub tells by itself what a test says; it counts what is asked nevertheless. */
function followingPage() {
  const clock = new FakeClock(1_794_925_920_000);
  const watched: { readonly question: Question; readonly listener: LiveListener }[] = [];
  let asked = 0;
  let ended = 0;
  const matrix = (fromMs: number, toMs: number, value: number) => {
    const times: number[] = [];
    for (let t = fromMs; t <= toMs; t += STEP_MS) times.push(t);
    const timesMs = Float64Array.from(times);
    const series = [{ labels: [], timesMs, values: timesMs.map(() => value) }];
    return { value: { kind: "matrix" as const, series }, warnings: [], infos: [] };
  };
  const live = {
    watch: (question: Question, listener: LiveListener) => {
      watched.push({ question, listener });
      return () => ended++;
    },
    close: () => {},
  } as unknown as Opened;
  const hub = fakeHub({
    openLive: () => live,
    queryRange: async (_, { fromMs, toMs }) => {
      asked++;
      return matrix(fromMs, toMs, asked);
    },
  });
  const tell = (fromMs: number, toMs: number, whole: boolean, value: number) =>
    watched.at(-1)?.listener.steps({
      fromMs,
      toMs,
      stepMs: STEP_MS,
      whole,
      reply: matrix(fromMs, toMs, value),
    });
  const page = new LivePage({ hub, clock });
  return { clock, page, watched, tell, asked: () => asked, ended: () => ended };
}

describe("a range that slides on", () => {
  it("is told by the hub and not asked", async () => {
    const { clock, page, watched, tell, asked, ended } = followingPage();
    const live = page.range(RANGE);
    const stop = live.subscribe(() => undefined);
    const { expr, stepMs, spanMs } = watched[0]!.question;
    expect([expr, stepMs, spanMs]).toEqual(["rate(x[1m])", STEP_MS, 3_600_000]);
    const toMs = Math.floor(clock.now() / STEP_MS) * STEP_MS;
    tell(toMs - 3_600_000, toMs, true, 1);
    tell(toMs, toMs + STEP_MS, false, 2);
    await clock.advance(300_000);
    expect(asked()).toBe(0);
    const { series, range } = live.state().data!;
    expect(range).toEqual({ fromMs: toMs + STEP_MS - 3_600_000, toMs: toMs + STEP_MS });
    expect(series[0]!.timesMs).toHaveLength(121);
    expect([...series[0]!.values.slice(-3)]).toEqual([1, 2, 2]);
    stop();
    await clock.advance(1);
    expect(ended()).toBe(1);
  });

  it("is asked while the stream is lost, until it is told again", async () => {
    const { clock, page, watched, tell, asked } = followingPage();
    const live = page.range(RANGE);
    live.subscribe(() => undefined);
    watched[0]!.listener.lost();
    await clock.advance(60_000);
    expect(asked()).toBe(3);
    const toMs = Math.floor(clock.now() / STEP_MS) * STEP_MS;
    tell(toMs - STEP_MS, toMs, false, 9);
    await clock.advance(300_000);
    expect(asked()).toBe(3);
    expect(live.state().data!.series[0]!.values.at(-1)).toBe(9);
    expect(live.state().data!.series[0]!.timesMs.length).toBeGreaterThan(100);
  });

  it("keeps its picture and says why when a step fails", () => {
    const { clock, page, watched, tell } = followingPage();
    const live = page.range(RANGE);
    live.subscribe(() => undefined);
    tell(clock.now() - 3_600_000, clock.now(), true, 1);
    const before = live.state().data;
    watched[0]!.listener.failed(new OpsError(panelErrors.noTimeRange, { from: "a", to: "b" }));
    expect(live.state()).toMatchObject({ status: "error", data: before });
  });

  it("is not told while the page is hidden or paused", async () => {
    const { clock, page, watched, ended, asked } = followingPage();
    page.range(RANGE).subscribe(() => undefined);
    page.setVisible(false);
    expect(ended()).toBe(1);
    await clock.advance(300_000);
    page.setVisible(true);
    expect([watched.length, asked()]).toEqual([2, 0]);
  });

  it("is asked whole when a person says so, whatever is told", async () => {
    const { clock, page, tell, asked } = followingPage();
    const live = page.range(RANGE);
    live.subscribe(() => undefined);
    tell(clock.now() - 3_600_000, clock.now(), true, 1);
    live.refresh();
    await clock.advance(0);
    expect(asked()).toBe(1);
    await clock.advance(300_000);
    expect(asked()).toBe(1);
  });
});

it("a range that stands still, or is asked once, is asked", async () => {
  const { clock, page, watched, asked } = followingPage();
  const time = { from: String(clock.now() - 3_600_000), to: String(clock.now()) };
  page.range({ ...RANGE, time }).subscribe(() => undefined);
  page.range({ ...RANGE, refreshMs: undefined }).subscribe(() => undefined);
  await clock.advance(0);
  expect([watched.length, asked()]).toEqual([0, 2]);
});
