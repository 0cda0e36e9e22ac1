import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@hms-ops/model";
import { readRows } from "@hms-ops/model/testing";
import { expect, it } from "vitest";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { rowsOfBatch, SERIES_PER_KILL_BATCH } from "./testing/kill.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

const APPENDER = fileURLToPath(new URL("./testing/appender.test.process.ts", import.meta.url));
/** `npm run prove` asks for 50. */
const KILLS = Number(process.env.HMS_OPS_KILLS ?? 3);

/** Runs an appender, kills it at its n-th acknowledgement; the last number that it acknowledged. */
function appendAndKill(folder: string, first: number, acknowledgements: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [APPENDER, folder, String(first)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let last = first - 1;
    let seen = 0;
    createInterface({ input: child.stdout }).on("line", (line) => {
      // Acknowledgements come in the order of the batches; the last line may be cut.
      if (Number(line) === last + 1) last++;
      if (++seen === acknowledgements) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", () => resolve(last));
  });
}

/** The first acknowledged batch of which a row is gone or changed. */
function missingBatch(
  rows: ReadonlyMap<number, number | "stale">,
  series: number,
  last: number,
): number | undefined {
  for (let number = 0; number <= last; number++) {
    const expected = rowsOfBatch(number, series);
    if (expected.some(([timeMs, value]) => rows.get(timeMs) !== value)) return number;
  }
  return undefined;
}

it(
  `[WAL1] nothing acknowledged is lost by ${KILLS} kills at random moments`,
  async () => {
    const random = seededRandom(Date.now());
    const folder = freshFolder();
    let last = -1;
    for (let kill = 0; kill < KILLS; kill++) {
      last = await appendAndKill(folder, last + 1, 1 + random.below(400));
      const store = await openTestTsdb(folder);
      const found = await readRows(store);
      await store.close();
      expect(store.writer.recovery).toMatchObject({ damagedStretches: 0, orphanedRows: 0 });
      for (let series = 0; series < SERIES_PER_KILL_BATCH; series++) {
        const rows = new Map(found[`kept{series="${series}"}`]);
        expect(missingBatch(rows, series, last), `of ${last} batches`).toBeUndefined();
      }
    }
    expect(last).toBeGreaterThan(0);
  },
  30_000 + KILLS * 5_000,
);
