import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { openThreads } from "./testing/hub-threads.test.tools.ts";

const hub = openThreads();

const PLAIN = {
  lookbackMs: 300_000,
  shortForms: false,
  limit: 0,
  withStats: false,
  warnings: [],
  format: "json",
} as const;

interface Asked {
  readonly expr: string;
  readonly timeMs?: number;
  readonly timeoutMs?: number;
}

async function ask({ expr, timeMs = 1_000, timeoutMs = 60_000 }: Asked): Promise<unknown> {
  const grid = { startMs: timeMs, stepMs: 1, count: 1 };
  const body = await hub.threads.readers.encoded(
    { ...PLAIN, expr, grid, instant: true },
    { timeoutMs },
  );
  return readBody(body);
}

/** The steps from a time on, 15 s apart. */
async function askRange(expr: string, startMs: number, nocache: boolean): Promise<unknown> {
  const grid = { startMs, stepMs: 15_000, count: 20 };
  const query = { ...PLAIN, expr, grid, instant: false };
  return readBody(await hub.threads.readers.encoded(query, { nocache }));
}

async function readBody(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  if (body instanceof Uint8Array) pieces.push(body);
  else for await (const piece of body) pieces.push(piece);
  const { data } = JSON.parse(Buffer.concat(pieces).toString());
  return data.result;
}

const threadsAsked = () => hub.asked("encoded").length;

/** Whether main answered by itself. */
async function isMains(work: () => Promise<unknown>): Promise<boolean> {
  const before = threadsAsked();
  await work();
  return threadsAsked() === before;
}

async function untilMains(work: () => Promise<unknown>): Promise<void> {
  await until(() => isMains(work));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (await holds()) return;
  }
  expect.fail("main never answered by itself");
}

const store = (name: string, value: number, timeMs = 1_000, labels = {}) =>
  hub.threads.samples([{ labels: labelsOf({ __name__: name, ...labels }), timeMs, value }]);

describe("a light query", () => {
  it("is answered by a thread, and then by main: the same, and of what is new", async () => {
    await store("x", 1);
    const first = await ask({ expr: "x + 1" });
    expect(first).toMatchObject([{ value: [1, "2"] }]);
    await untilMains(() => ask({ expr: "x + 1" }));
    expect(await ask({ expr: "x + 1" })).toEqual(first);
    await store("x", 5, 2_000);
    await store("x", 7, 2_000, { other: "series" });
    const both = [{ value: [2, "6"] }, { value: [2, "8"] }];
    await untilMains(async () => {
      expect(await ask({ expr: "x + 1", timeMs: 2_000 })).toMatchObject(both);
    });
  });

  it("goes back to the threads when it has grown, and is answered whole", async () => {
    const expr = "sum(count_over_time(wide[1h]))";
    await store("wide", 1);
    await untilMains(() => ask({ expr, timeMs: 60_000 }));
    for (let round = 0; round < 6; round++) {
      const samples = Array.from({ length: 20_000 }, (_, i) => ({
        labels: labelsOf({ __name__: "wide", i: String(i) }),
        timeMs: 2_000 + round,
        value: i,
      }));
      await hub.threads.samples(samples);
    }
    expect(await isMains(() => ask({ expr, timeMs: 60_000 }))).toBe(false);
    expect(await ask({ expr, timeMs: 60_000 })).toMatchObject([{ value: [60, "120001"] }]);
  });

  it("is refused in the same words", async () => {
    // Asked for the first time since it cannot be answered, and not always by main on a busy machine.
    let attempt = 0;
    await until(async () => {
      attempt++;
      const [a, b] = [`a${attempt}`, `b${attempt}`];
      const expr = `${a} * on () ${b}`;
      await store(a, 1);
      await store(b, 1);
      await untilMains(() => ask({ expr }));
      await store(b, 2, 1_000, { second: "one" });
      const before = threadsAsked();
      await expect(ask({ expr })).rejects.toMatchObject({
        status: 422,
        message: expect.stringContaining("found duplicate series for the match group"),
      });
      return threadsAsked() === before;
    });
  });

  it("keeps its deadline", async () => {
    await store("x", 1);
    await untilMains(() => ask({ expr: "x" }));
    await expect(ask({ expr: "x", timeoutMs: 0 })).rejects.toMatchObject({ code: "OPS-1610" });
  });

  it("is answered from what is kept of it, as it is without", async () => {
    for (let i = 0; i < 40; i++) await store("x", i, i * 15_000);
    const expr = "sum(x)";
    await untilMains(() => askRange(expr, 0, false));
    for (let i = 1; i < 10; i++) {
      const startMs = i * 15_000;
      expect(await askRange(expr, startMs, false)).toEqual(await askRange(expr, startMs, true));
    }
  });

  it("is answered again when the writer came back", async () => {
    await store("x", 1);
    await untilMains(() => ask({ expr: "x" }));
    await hub.asked("samples").at(-1)!.terminate();
    const answered = async () => {
      for (;;) {
        try {
          return await ask({ expr: "x" });
        } catch (error) {
          expect((error as Error).message).toContain("thread ended");
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    expect(await answered()).toMatchObject([{ value: [1, "1"] }]);
    await untilMains(answered);
  });
});

it("a query that is not found by a name or label is a thread's", async () => {
  await store("x", 1);
  const expr = 'count({__name__=~"x.*"})';
  for (let i = 0; i < 50; i++) expect(await isMains(() => ask({ expr }))).toBe(false);
});
