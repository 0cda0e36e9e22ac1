import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { labelsOf, seededRandom } from "@hms-ops/model";
import { writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Log, SelfMetrics } from "../ports.ts";
import { systemClock } from "../self/clock.ts";
import { IngestMeter } from "../self/ingest-meter.ts";
import { HubThreads } from "./hub-threads.ts";

const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
const metrics: SelfMetrics = { add: () => {}, set: () => {}, observe: () => {} };
const SERIES = 3_000;

let folder = "";
let threads: HubThreads;
const posted = vi.spyOn(Worker.prototype, "postMessage");

beforeEach(async () => {
  posted.mockClear();
  folder = mkdtempSync(join(tmpdir(), "hms-ops-decoders-"));
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

/** Names that do not compress: a body of all series is one that a decoder should read. */
const random = seededRandom(20_261_121);
const NAMES = Array.from({ length: SERIES }, (_, i) => `${i}-${random.next()}-${random.next()}`);

/** One sample of each of some series. */
function body(timeMs: number, ids: readonly number[]): Uint8Array<ArrayBuffer> {
  const series = ids.map((id) => ({
    labels: labelsOf({ __name__: "decoded", id: NAMES[id] ?? "" }),
    timesMs: [timeMs],
    values: [id],
  }));
  return new Uint8Array(compressSnappy(writeRemoteWrite(series)));
}

/** The threads that were asked to read bodies, other than the writer. */
function decoders(): ReadonlySet<unknown> {
  const asked = (method: string) =>
    posted.mock.contexts.filter(
      (_, i) => (posted.mock.calls[i]?.[0] as { method?: string } | undefined)?.method === method,
    );
  const [writer] = asked("open");
  return new Set(asked("remoteWrite").filter((thread) => thread !== writer));
}

async function sumAt(timeMs: number): Promise<unknown> {
  const { value } = await threads.readers.instant("count(decoded) + sum(decoded)", timeMs);
  return value.kind === "vector" ? value.elements[0]?.value : value.kind;
}

const ALL = Array.from({ length: SERIES }, (_, i) => i);
const ALL_SUM = SERIES + (SERIES * (SERIES - 1)) / 2;

it("store what many senders write at once, whatever the order of their series", async () => {
  const orders = [ALL, ALL.toReversed(), ALL.toSorted((a, b) => (a % 7) - (b % 7)), ALL];
  for (let round = 1; round <= 6; round++) {
    const bodies = orders.map((order, sender) => body(round * 60_000 + sender, order));
    const outcomes = await Promise.all(bodies.map((one) => threads.remoteWrite(one, "1.0")));
    for (const { ack } of outcomes) expect(ack).toMatchObject({ accepted: SERIES, rejections: [] });
  }
  for (let round = 1; round <= 6; round++) {
    expect(await sumAt(round * 60_000 + orders.length)).toBe(ALL_SUM);
  }
  expect(decoders().size).toBeGreaterThan(0);
});

it("take new series between known ones, few and many", async () => {
  const half = ALL.filter((id) => id % 2 === 0);
  await threads.remoteWrite(body(1_000, half), "1.0");
  await threads.remoteWrite(body(2_000, [...half, 1, 3, 5]), "1.0");
  await threads.remoteWrite(body(3_000, ALL), "1.0");
  expect(await sumAt(3_000)).toBe(ALL_SUM);
  const { value } = await threads.readers.instant("count(decoded)", 2_500);
  expect(value).toMatchObject({ elements: [{ value: half.length + 3 }] });
});

it("refuse what they cannot read, and go on", async () => {
  const good = body(1_000, ALL);
  await threads.remoteWrite(good, "1.0");
  const broken = body(2_000, ALL).subarray(0, 70_000);
  await expect(threads.remoteWrite(broken, "1.0")).rejects.toMatchObject({ code: "OPS-1101" });
  await threads.remoteWrite(body(3_000, ALL), "1.0");
  expect(await sumAt(3_000)).toBe(ALL_SUM);
});

it("come back after one is lost; its bodies fail with words that say so", async () => {
  await threads.remoteWrite(body(1_000, ALL), "1.0");
  const index = posted.mock.calls.findLastIndex(
    ([message]) => (message as { method?: string }).method === "remoteWrite",
  );
  const under = threads.remoteWrite(body(2_000, ALL), "1.0").catch((error: unknown) => error);
  await (posted.mock.contexts[index] as Worker).terminate();
  const outcome = await under;
  if (outcome instanceof Error) expect(outcome.message).toContain("thread ended");
  await threads.remoteWrite(body(3_000, ALL), "1.0");
  expect(await sumAt(3_000)).toBe(ALL_SUM);
});
