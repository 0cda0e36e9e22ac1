import { appendFileSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { analyzeStore, inspectStore, repairStore, verifyStore } from "./index.ts";
import {
  CONTEXT,
  contents,
  flip,
  makeStore,
  newFolder,
  removeFolders,
  START_MS,
} from "./tools.test.tools.ts";

afterEach(removeFolders);

const SAMPLES = 10 * 300 + 300 + 5 + 5;
const WAL_SAMPLES = 10 * 20 + 20 + 5 + 5;

function blockFolder(folder: string): string {
  const [name = ""] = readdirSync(join(folder, "blocks"));
  return join(folder, "blocks", name);
}

/** Name, size and time of change of every file. */
function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`)
    .sort();
}

describe("inspectStore", () => {
  it("lists blocks and what only the WAL holds, and changes nothing", async () => {
    const folder = newFolder();
    await makeStore(folder);
    const before = listing(folder);
    const { blocks, head, wal } = await inspectStore(folder, CONTEXT, { isInUse: false });
    expect(blocks.map(({ meta }) => meta?.sampleCount)).toEqual([SAMPLES]);
    expect(blocks[0]?.meta?.fromMs).toBe(START_MS);
    expect(head?.sampleCount).toBe(WAL_SAMPLES);
    expect(head?.range?.fromMs).toBe(START_MS + 86_400_000);
    expect(wal.sizeBytes).toBeGreaterThan(0);
    expect(listing(folder)).toEqual(before);
  });

  it("leaves the WAL of a hub that runs alone", async () => {
    const folder = newFolder();
    await makeStore(folder);
    const { head, wal } = await inspectStore(folder, CONTEXT, { isInUse: true });
    expect(head).toBeUndefined();
    expect(wal.segments).toBeGreaterThan(0);
  });

  it("says when there is no store", async () => {
    await expect(inspectStore(newFolder(), CONTEXT, { isInUse: false })).rejects.toMatchObject({
      code: "OPS-1330",
    });
  });
});

describe("analyzeStore", () => {
  it("counts series by metric, label, value, and tells codecs", async () => {
    const folder = newFolder();
    await makeStore(folder);
    const found = await analyzeStore(folder, CONTEXT, 3);
    expect(found.seriesCount).toBe(13);
    expect(found.seriesByMetric[0]).toEqual({ name: "load", value: 10 });
    expect(found.seriesByLabel[0]).toEqual({ name: "__name__", value: 13 });
    expect(found.valuesByLabel[0]).toEqual({ name: "host", value: 10 });
    expect(found.seriesByPair).toContainEqual({ name: "job=a", value: 5 });
    const codecs = found.blocks[0]?.values.map(({ codec }) => codec) ?? [];
    expect(codecs).toContain("words");
    expect(codecs).toContain("histograms");
    expect(codecs.some((codec) => codec.startsWith("decimal"))).toBe(true);
  });
});

describe("verifyStore", () => {
  it("finds a store whole", async () => {
    const folder = newFolder();
    await makeStore(folder);
    const verdict = await verifyStore(folder, CONTEXT);
    expect(verdict.isWhole).toBe(true);
    expect(verdict.blocks.map(({ sampleCount }) => sampleCount)).toEqual([SAMPLES]);
    expect(verdict.wal.samples).toBe(WAL_SAMPLES);
  });

  for (const [file, at] of [
    ["chunks", 200],
    ["chunks", -40],
    ["index", 40],
    ["index", -4],
    ["meta.json", 60],
  ] as const) {
    it(`names a block with a flipped bit in ${file} at ${at}`, async () => {
      const folder = newFolder();
      await makeStore(folder);
      flip(join(blockFolder(folder), file), at);
      const { isWhole, blocks } = await verifyStore(folder, CONTEXT);
      expect(isWhole).toBe(false);
      expect(blocks[0]?.problems[0]).toContain(file);
    });
  }

  it("takes a torn tail of the WAL for what it is, and damage inside for damage", async () => {
    const folder = newFolder();
    await makeStore(folder);
    const segments = readdirSync(join(folder, "wal"));
    const last = join(folder, "wal", segments.at(-1) ?? "");
    appendFileSync(last, "torn in the middle of a record");
    const torn = await verifyStore(folder, CONTEXT);
    expect(torn).toMatchObject({ isWhole: true, wal: { tornTails: 1 } });
    expect(readFileSync(last).includes("torn in the middle")).toBe(true);
  });
});

describe("repairStore", () => {
  it("says first what it would do, then sets the block aside and saves what can be read", async () => {
    const folder = newFolder();
    await makeStore(folder, { wal: false });
    const whole = await contents(folder);
    const block = blockFolder(folder);
    flip(join(block, "chunks"), 5_000);
    const before = listing(folder);
    const planned = await repairStore(folder, CONTEXT, { isDryRun: true });
    expect(planned.setAside).toHaveLength(1);
    expect(planned.changes.some((change) => change.startsWith(`move ${block} to `))).toBe(true);
    expect(listing(folder)).toEqual(before);

    const { setAside, salvages } = await repairStore(folder, CONTEXT, { isDryRun: false });
    expect(setAside).toEqual(planned.setAside);
    expect(salvages[0]?.savedSamples).toBe(planned.salvages[0]?.savedSamples);
    expect(salvages[0]?.hadSamples).toBe(SAMPLES);
    expect((await verifyStore(folder, CONTEXT)).isWhole).toBe(true);
    const left = await contents(folder);
    for (const [series, rows] of Object.entries(left)) {
      for (const row of rows) expect(whole[series]).toContainEqual(row);
    }
    const count = Object.values(left).reduce((sum, rows) => sum + rows.length, 0);
    expect(count).toBe(salvages[0]?.savedSamples);
    expect(readdirSync(join(folder, "aside"))).toHaveLength(1);
    const again = await repairStore(folder, CONTEXT, { isDryRun: false });
    expect(again).toMatchObject({ setAside: [], salvages: [] });
  });

  it("saves nothing of a block without its meta.json, and keeps the bytes", async () => {
    const folder = newFolder();
    await makeStore(folder);
    const block = blockFolder(folder);
    rmSync(join(block, "meta.json"));
    const { salvages } = await repairStore(folder, CONTEXT, { isDryRun: false });
    expect(salvages).toMatchObject([{ saved: undefined, savedSamples: 0, hadSamples: undefined }]);
    const [kept = ""] = readdirSync(join(folder, "aside"));
    expect(readdirSync(join(folder, "aside", kept))).toContain("chunks");
    expect(Object.keys(await contents(folder))).toHaveLength(13);
  });
});
