import { readdirSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, expect, it } from "vitest";
import { openTsdb } from "../../index.ts";
import { repairStore, verifyStore } from "../index.ts";
import { flip, newFolder, removeFolders, START_MS, sampleBatch } from "../tools.test.tools.ts";

afterEach(removeFolders);

it("[COMP3] a damaged companion is named, and removed by a repair that leaves its block", async () => {
  const clock = new FakeClock(START_MS + 3 * 86_400_000);
  const retentionMs = Number.POSITIVE_INFINITY;
  const context = { clock, random: seededRandom(7) };
  const folder = newFolder();
  const store = await openTsdb({ ...context, folder, retentionMs });
  await store.append(sampleBatch());
  await store.writer.requestCompaction();
  await store.maintain();
  await store.close();
  const [block = ""] = readdirSync(join(folder, "blocks"));
  const path = join(folder, "blocks", block);
  expect((await verifyStore(folder, context)).isWhole).toBe(true);

  flip(join(path, "companion-5m"), 30);
  const { isWhole, blocks } = await verifyStore(folder, context);
  expect(isWhole).toBe(false);
  const name = `${block}/companion-5m`;
  expect(blocks.map((one) => [one.name, one.problems.length])).toEqual([
    [block, 0],
    [name, 1],
  ]);
  const { setAside, salvages } = await repairStore(folder, context, { isDryRun: false });
  expect([setAside.map((one) => one.name), salvages]).toEqual([[name], []]);
  expect(readdirSync(path)).not.toContain("companion-5m");
  expect((await verifyStore(folder, context)).isWhole).toBe(true);
});
