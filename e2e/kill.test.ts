import { seededRandom } from "@hms-ops/model";
import { afterAll, describe, expect, it } from "vitest";
import { campaign, reportFigures, SEED } from "./support/figures.ts";
import { freshFolder, getData, removeFolder, startHub } from "./support/hub.ts";

const KILLS = campaign("HMS_OPS_KILLS", 2);
const SENDERS = 4;
const SERIES_PER_BATCH = 20;

/** What a sender was told is stored: batch numbers, by sender. */
type Acknowledged = readonly number[][];

interface MatrixData {
  readonly result: readonly { metric: Record<string, string>; values: [number, string][] }[];
}

const folder = freshFolder();
const random = seededRandom(SEED);
const acknowledged: Acknowledged = Array.from({ length: SENDERS }, () => []);
const next = new Array<number>(SENDERS).fill(0);
/** A day back, so that a second a batch stays in the past however many there are. */
const startS = Math.floor(Date.now() / 1000) - 86_400;

afterAll(() => removeFolder(folder));

/** Batch b of a sender: every series has value b at second b, so that a loss has a name. */
function exposition(sender: number, batch: number): string {
  const lines: string[] = [];
  for (let series = 0; series < SERIES_PER_BATCH; series++) {
    const timeMs = (startS + batch) * 1000;
    lines.push(`killed{sender="${sender}",series="${series}"} ${batch} ${timeMs}\n`);
  }
  return lines.join("");
}

async function send(url: string, sender: number, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const batch = next[sender] ?? 0;
    next[sender] = batch + 1;
    try {
      const body = exposition(sender, batch);
      const response = await fetch(`${url}/ingest`, { method: "POST", body });
      if (response.ok) acknowledged[sender]?.push(batch);
    } catch {
      return; // Killed meanwhile: this batch was not acknowledged.
    }
  }
}

async function stored(url: string, sender: number): Promise<Map<string, Set<number>>> {
  const query = encodeURIComponent(`killed{sender="${sender}"}[25h]`);
  const data = await getData<MatrixData>(url, `/api/v1/query?query=${query}`);
  return new Map(
    data.result.map(({ metric, values }) => [
      metric.series ?? "",
      new Set(values.map(([, value]) => Number(value))),
    ]),
  );
}

async function missing(url: string): Promise<readonly string[]> {
  const lost: string[] = [];
  for (let sender = 0; sender < SENDERS; sender++) {
    const bySeries = await stored(url, sender);
    for (let series = 0; series < SERIES_PER_BATCH; series++) {
      const values = bySeries.get(String(series)) ?? new Set();
      for (const batch of acknowledged[sender] ?? []) {
        if (!values.has(batch)) lost.push(`sender ${sender} series ${series} batch ${batch}`);
      }
    }
  }
  return lost;
}

describe(`kill -9 at random moments of ingest, ${KILLS} times, seed ${SEED}`, () => {
  it("loses nothing that was acknowledged", { timeout: KILLS * 30_000 }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const hub = await startHub({ folder });
      let stopped = false;
      const senders = Array.from({ length: SENDERS }, (_, sender) =>
        send(hub.url, sender, () => stopped),
      );
      await new Promise((resolve) => setTimeout(resolve, 50 + random.below(700)));
      await hub.kill();
      stopped = true;
      await Promise.all(senders);
    }
    const hub = await startHub({ folder });
    try {
      expect(acknowledged.flat().length).toBeGreaterThan(KILLS);
      expect(await missing(hub.url)).toEqual([]);
    } finally {
      await hub.stop();
    }
    reportFigures({
      kills: KILLS,
      acknowledgedSamples: acknowledged.flat().length * SERIES_PER_BATCH,
      lostSamples: 0,
    });
  });
});
