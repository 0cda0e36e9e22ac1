import { getPriority } from "node:os";
import { OpsError } from "@hms-ops/model";
import { expect, it } from "vitest";
import type { Log, SelfMetrics } from "../ports.ts";
import { systemClock } from "../self/clock.ts";
import type { EchoCalls } from "./testing/echo.ts";
import { Thread } from "./thread.ts";

const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
const metrics: SelfMetrics = { add: () => {}, set: () => {}, observe: () => {} };

function start(onLoss: () => void = () => {}) {
  return new Thread<EchoCalls>({
    name: "echo",
    entry: new URL("./testing/echo.ts", import.meta.url),
    oldHeapMegabytes: 32,
    youngHeapMegabytes: 2,
    niceness: 7,
    clock: systemClock,
    log,
    metrics,
    onLoss,
  });
}

it("moves bodies there and back", async () => {
  const thread = start();
  const bytes = new Uint8Array([1, 2, 3]);
  const back = await thread.call("echo", [bytes], [bytes.buffer]);
  expect([...back]).toEqual([1, 2, 3]);
  expect(bytes.length).toBe(0);
  await thread.stop();
});

it.skipIf(process.platform !== "linux")(
  "stands back as far as it is told, and alone (only Linux has priorities by thread)",
  async () => {
    const before = getPriority();
    const thread = start();
    expect(await thread.call("priority", [])).toBe(Math.min(19, before + 7));
    expect(getPriority()).toBe(before);
    await thread.stop();
  },
);

it("brings errors over as they were", async () => {
  const thread = start();
  const refused = await thread.call("refuse", []).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OpsError);
  expect(refused).toMatchObject({
    code: "OPS-1618",
    status: 404,
    message: "There is no board {x}.",
  });
  const failed = await thread.call("fail", []).catch((error: unknown) => error);
  expect(failed).not.toBeInstanceOf(OpsError);
  expect((failed as Error).message).toBe("a fault");
  await thread.stop();
});

it("fails what was under way when the thread ends by itself, and says so", async () => {
  const lost = Promise.withResolvers<void>();
  const thread = start(lost.resolve);
  const waiting = thread.call("wait", []);
  thread.call("end", []).catch(() => {});
  await expect(waiting).rejects.toMatchObject({ code: "OPS-1609", status: 503 });
  await lost.promise;
  await expect(thread.call("wait", [])).rejects.toMatchObject({ code: "OPS-1609" });
});

it("does not count a wanted stop as a loss", async () => {
  let losses = 0;
  const thread = start(() => losses++);
  const waiting = thread.call("wait", []);
  waiting.catch(() => {});
  await thread.stop();
  await expect(waiting).rejects.toMatchObject({ code: "OPS-1609" });
  expect(losses).toBe(0);
});
