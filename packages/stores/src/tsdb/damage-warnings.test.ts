import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UNLIMITED_BUDGET } from "@hms-ops/model";
import { appendRows, type Row } from "@hms-ops/model/testing";
import { prepareQuery, runQuery } from "@hms-ops/query";
import { expect, it } from "vitest";
import type { Tsdb } from "./index.ts";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

async function warningsOf(store: Tsdb, text: string, timeMs: number): Promise<readonly string[]> {
  const { query } = prepareQuery(text);
  if (!query) throw new Error(text);
  const { warnings } = await runQuery(query, store, {
    grid: { startMs: timeMs, stepMs: 1, count: 1 },
    instant: true,
    lookbackMs: 300_000,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: 60_000,
  });
  return warnings;
}

it.each(["a", "sum(a)", "sum(rate(a[5m])) + sum(a)", "a[5m]", "avg_over_time(a[5m])"])(
  "%s warns once of a block that is damaged, also after the next start",
  async (text) => {
    const folder = freshFolder();
    const first = await openTestTsdb(folder);
    const rows = Array.from({ length: 100 }, (_, i): Row => [15_000 * i, i]);
    await appendRows(first, { __name__: "a" }, rows);
    await first.maintain({ flush: true });
    const [name = ""] = readdirSync(join(folder, "blocks"));
    const chunks = join(folder, "blocks", name, "chunks");
    const bytes = readFileSync(chunks);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    writeFileSync(chunks, bytes);
    const span = "from 1970-01-01T00:00:00.000Z to 1970-01-01T00:24:45.000Z";
    const warning = `block ${name} is damaged and set aside: samples ${span} may be missing`;
    expect(await warningsOf(first, text, 900_000)).toEqual([warning]);
    expect(await warningsOf(first, text, 900_000)).toEqual([warning]);
    await first.close();
    const again = await openTestTsdb(folder);
    expect(await warningsOf(again, text, 900_000)).toEqual([warning]);
    expect(await warningsOf(again, text, 9_000_000)).toEqual([]);
    await again.close();
  },
);
