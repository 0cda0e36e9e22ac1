import { labelsOf, seededRandom } from "@hms-ops/model";
import { writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { expect, it } from "vitest";
import { openThreads } from "./testing/hub-threads.test.tools.ts";

const hub = openThreads();
const SERIES = 3_000;

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
  const [writer] = hub.asked("open");
  return new Set(hub.asked("remoteWrite").filter((thread) => thread !== writer));
}

async function sumAt(timeMs: number): Promise<unknown> {
  const { value } = await hub.threads.readers.instant("count(decoded) + sum(decoded)", timeMs);
  return value.kind === "vector" ? value.elements[0]?.value : value.kind;
}

const ALL = Array.from({ length: SERIES }, (_, i) => i);
const ALL_SUM = SERIES + (SERIES * (SERIES - 1)) / 2;

it("store what many senders write at once, whatever the order of their series", async () => {
  const orders = [ALL, ALL.toReversed(), ALL.toSorted((a, b) => (a % 7) - (b % 7)), ALL];
  for (let round = 1; round <= 6; round++) {
    const bodies = orders.map((order, sender) => body(round * 60_000 + sender, order));
    const outcomes = await Promise.all(bodies.map((one) => hub.threads.remoteWrite(one, "1.0")));
    for (const { ack } of outcomes) expect(ack).toMatchObject({ accepted: SERIES, rejections: [] });
  }
  for (let round = 1; round <= 6; round++) {
    expect(await sumAt(round * 60_000 + orders.length)).toBe(ALL_SUM);
  }
  expect(decoders().size).toBeGreaterThan(0);
});

it("take new series between known ones, few and many", async () => {
  const half = ALL.filter((id) => id % 2 === 0);
  await hub.threads.remoteWrite(body(1_000, half), "1.0");
  await hub.threads.remoteWrite(body(2_000, [...half, 1, 3, 5]), "1.0");
  await hub.threads.remoteWrite(body(3_000, ALL), "1.0");
  expect(await sumAt(3_000)).toBe(ALL_SUM);
  const { value } = await hub.threads.readers.instant("count(decoded)", 2_500);
  expect(value).toMatchObject({ elements: [{ value: half.length + 3 }] });
});

it("refuse what they cannot read, and go on", async () => {
  const good = body(1_000, ALL);
  await hub.threads.remoteWrite(good, "1.0");
  const broken = body(2_000, ALL).subarray(0, 70_000);
  await expect(hub.threads.remoteWrite(broken, "1.0")).rejects.toMatchObject({ code: "OPS-1101" });
  await hub.threads.remoteWrite(body(3_000, ALL), "1.0");
  expect(await sumAt(3_000)).toBe(ALL_SUM);
});

it("come back after one is lost; its bodies fail with words that say so", async () => {
  await hub.threads.remoteWrite(body(1_000, ALL), "1.0");
  const decoder = hub.asked("remoteWrite").at(-1)!;
  const under = hub.threads.remoteWrite(body(2_000, ALL), "1.0").catch((error: unknown) => error);
  await decoder.terminate();
  const outcome = await under;
  if (outcome instanceof Error) expect(outcome.message).toContain("thread ended");
  await hub.threads.remoteWrite(body(3_000, ALL), "1.0");
  expect(await sumAt(3_000)).toBe(ALL_SUM);
});

it("do not make small bodies wait while the first one starts", async () => {
  const [writer] = hub.asked("open");
  const large = hub.threads.remoteWrite(body(1_000, ALL), "1.0");
  await hub.threads.remoteWrite(body(2_000, [7]), "1.0");
  expect(hub.asked("remoteWrite")).toEqual([writer]);
  await large;
  await hub.threads.remoteWrite(body(3_000, [7]), "1.0");
  expect(hub.asked("remoteWrite").at(-1)).not.toBe(writer);
  expect(await sumAt(3_000)).toBe(ALL_SUM);
});
