import { type Dirent, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, seededRandom } from "@hms-ops/model";
import type { RemoteWriteSeries } from "@hms-ops/wire/remote-write";
import { afterAll, describe, expect, it } from "vitest";
import { campaign, reportFigures, SEED } from "./support/figures.ts";
import { freshFolder, getData, removeFolder, startHub } from "./support/hub.ts";
import { postRemoteWrite } from "./support/remote-write.ts";

const KILLS = campaign("HMS_OPS_KILLS", 2);
const SENDERS = 4;
const SERIES_PER_BATCH = 50;

interface MatrixData {
  readonly result: readonly { metric: Record<string, string>; values: [number, string][] }[];
}

/** Batch b of a sender: every series has value b at second b, so that a loss has a name. */
interface Sender {
  readonly number: number;
  sent: number;
  /** Batches of which the sender was told that they are stored. */
  readonly acknowledged: number[];
}

const folder = freshFolder();
const random = seededRandom(SEED);
const senders = Array.from({ length: SENDERS }, (_, number): Sender => {
  return { number, sent: 0, acknowledged: [] };
});
/** A day back, so that a second a batch stays in the past however many there are. */
const startS = Math.floor(Date.now() / 1000) - 86_400;

afterAll(() => removeFolder(folder));

function seriesOf({ number }: Sender, batch: number): readonly RemoteWriteSeries[] {
  const timesMs = Float64Array.of((startS + batch) * 1000);
  const values = Float64Array.of(batch);
  return Array.from({ length: SERIES_PER_BATCH }, (_, i) => ({
    labels: labelsOf({ __name__: "killed", sender: String(number), series: String(i) }),
    timesMs,
    values,
  }));
}

async function send(url: string, sender: Sender, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const batch = sender.sent++;
    try {
      const response = await postRemoteWrite(url, seriesOf(sender, batch));
      if (response.ok) sender.acknowledged.push(batch);
    } catch {
      return; // Killed meanwhile: this batch was not acknowledged.
    }
  }
}

/** Flushes and compacts without a pause, so that kills come in the middle of it. */
async function compact(url: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    try {
      await fetch(`${url}/api/ops/v1/tsdb/compact`, { method: "POST" });
    } catch {
      return;
    }
    await pause(20);
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** What a kill cut short: a block that is not whole yet stands in `tmp/`. */
function unfinishedBlocks(): number {
  const data = join(folder, "hms-ops-data", "tsdb", "tmp");
  if (!existsSync(data)) return 0;
  return readdirSync(data, { withFileTypes: true }).filter((entry: Dirent) => entry.isDirectory())
    .length;
}

/** What is lost, torn or wrong, in words. */
async function faults(url: string, { number, sent, acknowledged }: Sender): Promise<string[]> {
  const query = encodeURIComponent(`killed{sender="${number}"}[25h]`);
  const { result } = await getData<MatrixData>(url, `/api/v1/query?query=${query}`);
  const found: string[] = [];
  const holders = new Array<number>(sent).fill(0);
  for (const { metric, values } of result) {
    let lastS = 0;
    for (const [timeS, value] of values) {
      const batch = Number(value);
      const isRight = timeS === startS + batch && timeS > lastS;
      if (!isRight) found.push(`series ${metric.series} has ${value} at ${timeS}`);
      lastS = timeS;
      holders[batch] = (holders[batch] ?? 0) + 1;
    }
  }
  for (const batch of acknowledged) {
    if (holders[batch] !== SERIES_PER_BATCH) found.push(`batch ${batch} is lost`);
  }
  holders.forEach((count, batch) => {
    if (count !== 0 && count !== SERIES_PER_BATCH) found.push(`batch ${batch} is there in part`);
  });
  return found.map((fault) => `sender ${number}: ${fault}`);
}

describe(`kill -9 at random moments of remote write, ${KILLS} times, seed ${SEED}`, () => {
  it("loses nothing, tears nothing, always starts", { timeout: KILLS * 30_000 }, async () => {
    let killsInBlocks = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const hub = await startHub({ folder });
      let stopped = false;
      const isStopped = () => stopped;
      const work = senders.map((sender) => send(hub.url, sender, isStopped));
      work.push(compact(hub.url, isStopped));
      await pause(50 + random.below(700));
      await hub.kill();
      stopped = true;
      await Promise.all(work);
      if (unfinishedBlocks() > 0) killsInBlocks++;
    }
    const hub = await startHub({ folder });
    const acknowledged = senders.flatMap((sender) => sender.acknowledged).length;
    try {
      expect(acknowledged).toBeGreaterThan(KILLS);
      for (const sender of senders) expect(await faults(hub.url, sender)).toEqual([]);
    } finally {
      await hub.stop();
    }
    expect(killsInBlocks).toBeGreaterThanOrEqual(Math.floor(KILLS / 20));
    const acknowledgedSamples = acknowledged * SERIES_PER_BATCH;
    reportFigures({ kills: KILLS, killsInBlocks, acknowledgedSamples, faults: 0 });
  });
});
