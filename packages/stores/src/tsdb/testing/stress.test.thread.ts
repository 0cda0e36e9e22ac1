import { parentPort, workerData } from "node:worker_threads";
import { matcher, type SeriesBatch, type Snapshot, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME } from "@hms-ops/model/testing";
import { openReader, type PinReply, type PinRequest, type TsdbHandles } from "../index.ts";
import { STRESS_SERIES, stressValue } from "./stress.test.tools.ts";

/** Reads without pause while the other thread writes, keeping old snapshots open beside new ones. */
const HELD_SNAPSHOTS = 5;

export type FromStress =
  | { readonly kind: "pin"; readonly id: number; readonly request: PinRequest }
  | { readonly kind: "unpin"; readonly pinId: number }
  | {
      readonly kind: "done";
      readonly snapshots: number;
      /** Of these, how many the reader pinned by itself. */
      readonly own: number;
      readonly problem: string;
    };

export type ToStress =
  | { readonly kind: "pinned"; readonly id: number; readonly reply: PinReply }
  | { readonly kind: "stop" };

const port = parentPort;
if (!port) throw new Error("runs as a worker only");
const send = (message: FromStress) => port.postMessage(message);
const pins = new Map<number, (reply: PinReply) => void>();
let lastPin = 0;
let isStopped = false;
port.on("message", (message: ToStress) => {
  if (message.kind === "stop") isStopped = true;
  else pins.get(message.id)?.(message.reply);
});

const reader = openReader(workerData as TsdbHandles, {
  pin: (request) =>
    new Promise((resolve) => {
      pins.set(++lastPin, resolve);
      send({ kind: "pin", id: lastPin, request });
    }),
  unpin: (pinId) => send({ kind: "unpin", pinId }),
});

/** The times of all series, checked: one text that must not change. */
async function fingerprint(snapshot: Snapshot): Promise<string> {
  const times: string[] = [];
  const indexes = snapshot.series.map((labels) => Number(labels.at(-1)));
  for await (const batch of snapshot.read(ALL_TIME)) {
    for (let k = 0; k < batch.count; k++) {
      times.push(checkedTimes(batch, k, indexes[batch.first + k] ?? Number.NaN));
    }
  }
  if (times.length !== STRESS_SERIES && times.length !== 0) {
    throw new Error(`${times.length} series of ${STRESS_SERIES}`);
  }
  if (times.some((other) => other !== times[0])) throw new Error("a batch is seen in part");
  return times[0] ?? "";
}

function checkedTimes(
  { offsets, timesMs, values }: SeriesBatch,
  k: number,
  series: number,
): string {
  const from = offsets[k] ?? 0;
  const to = offsets[k + 1] ?? 0;
  for (let i = from; i < to; i++) {
    const timeMs = timesMs[i] ?? Number.NaN;
    if (i > from && !(timeMs > (timesMs[i - 1] ?? Number.NaN)))
      throw new Error("times do not rise");
    if (values[i] !== stressValue(series, timeMs)) {
      throw new Error(`series ${series} at ${timeMs}: ${values[i]}`);
    }
  }
  return timesMs.subarray(from, to).join();
}

async function readOn(): Promise<number> {
  const held: { snapshot: Snapshot; was: string }[] = [];
  let snapshots = 0;
  const matchers = [matcher("__name__", "=", "stress")];
  const request = { matchers, range: ALL_TIME, budget: UNLIMITED_BUDGET };
  while (!isStopped) {
    await new Promise((resolve) => setImmediate(resolve));
    const snapshot = await reader.snapshot(request);
    snapshots++;
    held.push({ snapshot, was: await fingerprint(snapshot) });
    if (held.length <= HELD_SNAPSHOTS) continue;
    const oldest = held.shift();
    if (!oldest) continue;
    if ((await fingerprint(oldest.snapshot)) !== oldest.was) {
      throw new Error("a snapshot changed while it was open");
    }
    oldest.snapshot.close();
  }
  // The writer is at rest for good: what it has told by the first is all that there is to hear of.
  for (let last = 0; last < 3; last++) {
    snapshots++;
    held.push({ snapshot: await reader.snapshot(request), was: "" });
  }
  for (const { snapshot } of held) snapshot.close();
  return snapshots;
}

readOn()
  .then(
    (snapshots) => send({ kind: "done", snapshots, own: snapshots - lastPin, problem: "" }),
    (error: unknown) => send({ kind: "done", snapshots: 0, own: 0, problem: String(error) }),
  )
  .finally(() => port.close());
