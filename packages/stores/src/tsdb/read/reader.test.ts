import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Labels, labelsOf, matcher, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME, appendRows, readRows, rowsOf } from "@hms-ops/model/testing";
import { afterAll, describe, expect, it } from "vitest";
import { freshFolder, openTestTsdb } from "../testing/folder.test.tools.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
function newFolder() {
  const f = freshFolder();
  folders.push(f);
  return f;
}

describe("x", () => {
  it("flush then read", async () => {
    const store = await openTestTsdb(newFolder());
    await appendRows(store, { __name__: "up", job: "a" }, [
      [1000, 1],
      [2000, 2],
    ]);
    await appendRows(store, { __name__: "up", job: "b" }, [
      [1000, 3],
      [2000, "stale"],
    ]);
    await store.maintain({ flush: true });
    console.log((await store.stats()).details);
    await appendRows(store, { __name__: "up", job: "a" }, [
      [1500, 1.5],
      [2000, 99],
      [3000, 4],
    ]);
    await appendRows(store, { __name__: "new" }, [[1500, 1.5]]);
    console.log(await readRows(store));
    const all = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
    console.log(
      await store.labelNames(all),
      await store.labelValues("job", all),
      await store.series(all),
    );
    await store.close();
  });
});
