import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { labelsOf } from "@hms-ops/model";
import { BatchWriter } from "@hms-ops/model/testing";
import { expect, it } from "vitest";
import { openWriter, type TsdbWriter } from "./index.ts";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { testOptions } from "./testing/open-store.test.tools.ts";
import type { FromStress, ToStress } from "./testing/stress.test.thread.ts";
import { STRESS_SERIES, stressTimes, stressValue } from "./testing/stress.test.tools.ts";

const BATCHES = Number(process.env.HMS_OPS_STRESS_BATCHES ?? 1_500);
const SEED = Number(process.env.HMS_OPS_SEED ?? 20_251);

/** A thread that reads and checks until it is told to stop; resolves with what it found. */
function startReader(writer: TsdbWriter): { readonly stop: () => Promise<FromStress> } {
  const entry = new URL("./testing/stress.test.thread.ts", import.meta.url);
  const worker = new Worker(entry, { workerData: writer.shared() });
  const send = (message: ToStress) => worker.postMessage(message);
  const done = new Promise<FromStress>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (message: FromStress) => {
      if (message.kind === "pin") {
        send({ kind: "pinned", id: message.id, reply: writer.pin(message.request) });
      } else if (message.kind === "unpin") writer.unpin(message.pinId);
      else resolve(message);
    });
  });
  const ended = once(worker, "exit");
  const stop = async () => {
    send({ kind: "stop" });
    const found = await done;
    await ended;
    return found;
  };
  return { stop };
}

async function appendStress(writer: TsdbWriter, number: number): Promise<void> {
  const batch = new BatchWriter(writer);
  const times = stressTimes(SEED, number);
  for (let series = 0; series < STRESS_SERIES; series++) {
    const labels = labelsOf({ __name__: "stress", series: String(series) });
    batch.add(
      labels,
      times.map((timeMs) => [timeMs, stressValue(series, timeMs)] as const),
    );
  }
  const { rejections } = await writer.append(batch.builder.build());
  expect(rejections).toEqual([]);
}

it(`[HEAD1] [PIN1] [PIN2] [PIN4] [PIN7] a reading thread never sees a torn, partial or re-used byte (seed ${SEED})`, async () => {
  const folder = freshFolder();
  const writer = await openWriter(testOptions(folder));
  const readers = [startReader(writer), startReader(writer)];
  for (let number = 0; number < BATCHES; number++) {
    await appendStress(writer, number);
    // At rest for a moment, readers pin by themselves.
    for (let turns = number % 8; turns > 0; turns--) await setImmediate();
  }
  for (const found of await Promise.all(readers.map(({ stop }) => stop()))) {
    expect(found).toMatchObject({ kind: "done", problem: "" });

    if (found.kind !== "done") expect.fail(found.kind);
    expect(found.own).toBeGreaterThan(0);
  }
  await writer.close();
});
