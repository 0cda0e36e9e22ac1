import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { newThreads, openThreads } from "./testing/hub-threads.test.tools.ts";

const hub = openThreads();

/** The thread that got the call, ended as a crash would end it. */
async function crash(method: string): Promise<void> {
  await hub.asked(method).at(-1)!.terminate();
}

const store = (value: number) =>
  hub.threads.samples([{ labels: labelsOf({ __name__: "x" }), timeMs: value * 1_000, value }]);

async function read(): Promise<unknown> {
  const { value } = await hub.threads.readers.range("x", { startMs: 0, stepMs: 1_000, count: 3 });
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
  mkdirSync(join(hub.folder, "tsdb", "aside", "00000009-0-1"), { recursive: true });
  await store(1);
  await crash("samples");
  const stats = await again(() => hub.threads.stats());
  expect(stats.damaged).toMatchObject([{ name: "00000009-0-1" }]);
  await hub.threads.stats();
  const told = hub.errors.filter(
    ([message]) => message === "damage in the metric store was set aside",
  );
  expect(told).toMatchObject([[expect.anything(), { block: "00000009-0-1" }]]);
});

describe("a thread that is lost", () => {
  it("the writer comes back with all that was acknowledged, readers join it anew", async () => {
    await store(1);
    expect(await read()).toEqual([[1, 1]]);
    await crash("samples");
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
    await hub.threads.documents.write([{ collection: "c", id: "a", value: 1 }]);
    await crash("write");
    expect(await again(() => hub.threads.documents.get("c", "a"))).toBe(1);
    const other = newThreads();
    expect(await other.lock(join(hub.folder, "lock.db"))).toBe(false);
    await other.close();
  });
});

describe("queries", () => {
  it("end at their deadline and when their caller goes, also while they wait", async () => {
    await store(1);
    await expect(hub.threads.readers.instant("x", 0, { timeoutMs: 0 })).rejects.toMatchObject({
      code: "OPS-1610",
    });
    const signal = AbortSignal.abort();
    await expect(hub.threads.readers.instant("x", 0, { signal })).rejects.toMatchObject({
      code: "OPS-1611",
    });
    const caller = new AbortController();
    const many = Array.from({ length: 40 }, () =>
      hub.threads.readers.instant("x", 1_000, { signal: caller.signal }),
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
    await hub.threads.samples(samples);
    const grid = { startMs: 0, stepMs: 100, count: 5_000 };
    const heavy = hub.threads.readers.range("sum by (i) (wide) * on (i) wide", grid, {
      timeoutMs: 50,
    });
    await expect(heavy).rejects.toMatchObject({
      code: expect.stringMatching(/^OPS-(1610|1203|1620)$/),
    });
    expect(await hub.threads.readers.instant("count(wide)", 1_000)).toMatchObject({
      value: { elements: [{ value: 20_000 }] },
    });
  });

  it("that are large are answered by several threads as by one", async () => {
    const samples = Array.from({ length: 600 }, (_, i) =>
      Array.from({ length: 120 }, (_point, step) => ({
        labels: labelsOf({ __name__: "wide", g: String(i % 7), i: String(i) }),
        timeMs: step * 15_000,
        value: i * step,
      })),
    ).flat();
    await hub.threads.samples(samples);
    const grid = { startMs: 0, stepMs: 15_000, count: 120 };
    const { readers } = hub.threads;
    readers.startAll();
    for (let round = 0; round < 20; round++) {
      const { value } = await readers.range("sum by (g) (wide)", grid);
      if (value.kind !== "matrix") expect.fail(value.kind);
      expect(value.series).toHaveLength(7);
      for (const [g, { values }] of value.series.entries()) {
        const ids = Array.from({ length: 600 }, (_, i) => i).filter((i) => i % 7 === g);
        const total = ids.reduce((sum, i) => sum + i, 0);
        expect([...values]).toEqual(Array.from({ length: 120 }, (_, step) => total * step));
      }
    }
  });

  it("bind short forms only where they are asked for", async () => {
    await store(1);
    await expect(hub.threads.readers.instant("a.b > 1", 0)).rejects.toMatchObject({ status: 400 });
    const { value } = await hub.threads.readers.instant("a.b > 1", 0, { shortForms: true });
    expect(value).toEqual({ kind: "vector", elements: [] });
  });
});
