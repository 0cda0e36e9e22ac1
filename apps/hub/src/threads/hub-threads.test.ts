import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { labelsOf } from "@hms-ops/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Log, SelfMetrics } from "../ports.ts";
import { systemClock } from "../self/clock.ts";
import { IngestMeter } from "../self/ingest-meter.ts";
import { HubThreads } from "./hub-threads.ts";

const errors: unknown[][] = [];
const log: Log = {
  info: () => {},
  warn: () => {},
  error: (...entry) => void errors.push(entry),
};
const metrics: SelfMetrics = { add: () => {}, set: () => {}, observe: () => {} };

let folder = "";
let threads: HubThreads;
const posted = vi.spyOn(Worker.prototype, "postMessage");

beforeEach(async () => {
  posted.mockClear();
  folder = mkdtempSync(join(tmpdir(), "hms-ops-threads-"));
  threads = new HubThreads({ clock: systemClock, log, metrics, meter: new IngestMeter() });
  expect(await threads.lock(join(folder, "lock.db"))).toBe(true);
  const forever = Number.POSITIVE_INFINITY;
  const store = {
    folder: join(folder, "tsdb"),
    retentionMs: forever,
    retentionBytes: forever,
    seed: 1,
  };
  await threads.open(store, join(folder, "control.db"));
});

afterEach(async () => {
  await threads.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The thread that got the call, ended as a crash would end it. */
async function crash(method: string): Promise<void> {
  const index = posted.mock.calls.findLastIndex(
    ([message]) => (message as { method?: string }).method === method,
  );
  await (posted.mock.contexts[index] as Worker).terminate();
}

const store = (value: number) =>
  threads.samples([{ labels: labelsOf({ __name__: "x" }), timeMs: value * 1_000, value }]);

async function read(): Promise<unknown> {
  const { value } = await threads.readers.range("x", { startMs: 0, stepMs: 1_000, count: 3 });
  return value.kind === "matrix" ? value.series.map(({ values }) => [...values]) : value.kind;
}

/** Until the new thread has taken over, calls fail with words that say so. */
async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      expect((error as Error).message).toContain("thread ended");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

it("a block that was set aside is logged as an error, once", async () => {
  mkdirSync(join(folder, "tsdb", "aside", "00000009-0-1"), { recursive: true });
  await store(1);
  await crash("samples");
  const stats = await again(() => threads.stats());
  expect(stats.damaged).toMatchObject([{ name: "00000009-0-1" }]);
  await threads.stats();
  const told = errors.filter(([message]) => message === "damage in the metric store was set aside");
  expect(told).toMatchObject([[expect.anything(), { block: "00000009-0-1" }]]);
});

describe("a thread that is lost", () => {
  it("the writer comes back with all that was acknowledged, readers join it anew", async () => {
    await store(1);
    expect(await read()).toEqual([[1, 1]]);
    await crash("open");
    await again(() => store(2));
    expect(await again(read)).toEqual([[1, 2]]);
  });

  it("a reader's queries fail, the next one has a new thread", async () => {
    await store(1);
    await read();
    await crash("evaluate");
    expect(await again(read)).toEqual([[1, 1]]);
  });

  it("the state thread comes back with documents and lock", async () => {
    await threads.documents.write([{ collection: "c", id: "a", value: 1 }]);
    await crash("write");
    expect(await again(() => threads.documents.get("c", "a"))).toBe(1);
    const other = new HubThreads({ clock: systemClock, log, metrics, meter: new IngestMeter() });
    expect(await other.lock(join(folder, "lock.db"))).toBe(false);
    await other.close();
  });
});

describe("queries", () => {
  it("end at their deadline and when their caller goes, also while they wait", async () => {
    await store(1);
    await expect(threads.readers.instant("x", 0, { timeoutMs: 0 })).rejects.toMatchObject({
      code: "OPS-1610",
    });
    const signal = AbortSignal.abort();
    await expect(threads.readers.instant("x", 0, { signal })).rejects.toMatchObject({
      code: "OPS-1611",
    });
    const caller = new AbortController();
    const many = Array.from({ length: 40 }, () =>
      threads.readers.instant("x", 1_000, { signal: caller.signal }),
    );
    caller.abort();
    for (const one of many) await expect(one).rejects.toMatchObject({ code: "OPS-1611" });
    expect(await read()).toEqual([[1, 1]]);
  });

  it("a heavy one is stopped in mid-evaluation", async () => {
    const samples = Array.from({ length: 20_000 }, (_, i) => ({
      labels: labelsOf({ __name__: "wide", i: String(i) }),
      timeMs: 1_000,
      value: i,
    }));
    await threads.samples(samples);
    const grid = { startMs: 0, stepMs: 100, count: 5_000 };
    const heavy = threads.readers.range("sum by (i) (wide) * on (i) wide", grid, { timeoutMs: 50 });
    await expect(heavy).rejects.toMatchObject({
      code: expect.stringMatching(/^OPS-(1610|1203|1620)$/),
    });
    expect(await threads.readers.instant("count(wide)", 1_000)).toMatchObject({
      value: { elements: [{ value: 20_000 }] },
    });
  });

  it("bind short forms only where they are asked for", async () => {
    await store(1);
    await expect(threads.readers.instant("a.b > 1", 0)).rejects.toMatchObject({ status: 400 });
    const { value } = await threads.readers.instant("a.b > 1", 0, { shortForms: true });
    expect(value).toEqual({ kind: "vector", elements: [] });
  });
});
