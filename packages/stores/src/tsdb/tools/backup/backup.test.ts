import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openTsdb } from "../../index.ts";
import { backupStore, pruneBackups, restoreBackup } from "../index.ts";
import {
  CONTEXT,
  contents,
  flip,
  makeStore,
  newFolder,
  removeFolders,
  START_MS,
  sampleBatch,
} from "../tools.test.tools.ts";

afterEach(removeFolders);

async function backup(storeFolder: string, toFolder: string, name: string, isLinked = false) {
  return backupStore({
    storeFolder,
    toFolder,
    name,
    takenAtMs: START_MS,
    isLinked,
    addMore: async (folder) => {
      writeFileSync(join(folder, "meta.json"), '{"formatVersion":1}\n');
      return ["meta.json"];
    },
  });
}

async function addDay(folder: string, day: number): Promise<void> {
  const store = await openTsdb({
    ...CONTEXT,
    folder,
    retentionMs: Number.POSITIVE_INFINITY,
    limits: { aheadMs: Number.POSITIVE_INFINITY },
  });
  await store.append(sampleBatch(START_MS + day * 86_400_000));
  await store.maintain({ flush: true });
  await store.close();
}

describe("backup and restore", () => {
  it("a restored backup holds what was backed up, WAL included, and opens as a data folder", async () => {
    const store = newFolder();
    await makeStore(store);
    const to = newFolder();
    const report = await backup(store, to, "one");
    expect(report).toMatchObject({ blocks: 1, unchangedBlocks: 0, damaged: [] });
    const target = join(newFolder(), "data");
    const restored = await restoreBackup(to, target);
    expect(restored.from).toBe(join(to, "one"));
    expect(readFileSync(join(target, "meta.json"), "utf8")).toBe('{"formatVersion":1}\n');
    expect(await contents(join(target, "tsdb"))).toEqual(await contents(store));
  });

  it("blocks that the backup before has are not copied again", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const to = newFolder();
    const first = await backup(store, to, "1");
    await addDay(store, 3);
    const second = await backup(store, to, "2");
    expect(second).toMatchObject({ blocks: 2, unchangedBlocks: 1 });
    expect(second.copiedBytes).toBeLessThan(second.sizeBytes);
    const [name = ""] = readdirSync(join(to, "1/tsdb/blocks"));
    const inode = (backupName: string) =>
      statSync(join(to, backupName, "tsdb/blocks", name, "chunks")).ino;
    expect(inode("1")).toBe(inode("2"));
    expect(inode("1")).not.toBe(statSync(join(store, "blocks", name, "chunks")).ino);
    expect(first.copiedBytes).toBeGreaterThan(0);
    expect(await pruneBackups(to, 1)).toEqual(["1"]);
    const target = join(newFolder(), "data");
    await restoreBackup(to, target);
    expect(await contents(join(target, "tsdb"))).toEqual(await contents(store));
  });

  it("of a block that got another file only that is copied", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const to = newFolder();
    await backup(store, to, "1");
    const [name = ""] = readdirSync(join(store, "blocks"));
    writeFileSync(join(store, "blocks", name, "companion-5m"), "123456789");
    writeFileSync(join(store, "blocks", name, "companion-1h.tmp"), "123");
    expect(await backup(store, to, "2")).toMatchObject({ unchangedBlocks: 1, copiedBytes: 9 });
    const files = readdirSync(join(to, "2/tsdb/blocks", name)).sort();
    expect(files).toEqual(["chunks", "companion-5m", "index", "meta.json"]);
  });

  it("may link instead of copying", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const to = newFolder();
    expect((await backup(store, to, "1", true)).copiedBytes).toBe(0);
    const target = join(newFolder(), "data");
    await restoreBackup(to, target);
    expect(await contents(join(target, "tsdb"))).toEqual(await contents(store));
  });

  it("tells of blocks that were damaged where they came from", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const [name = ""] = readdirSync(join(store, "blocks"));
    flip(join(store, "blocks", name, "chunks"), 300);
    const { damaged } = await backup(store, newFolder(), "1");
    expect(damaged.map((verdict) => verdict.name)).toEqual([name]);
  });

  it("refuses to restore what was changed or lost, and what would be written over", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const to = newFolder();
    await backup(store, to, "1");
    const [name = ""] = readdirSync(join(to, "1/tsdb/blocks"));
    const chunks = join(to, "1/tsdb/blocks", name, "chunks");
    const target = join(newFolder(), "data");
    flip(chunks, 100);
    await expect(restoreBackup(to, target)).rejects.toMatchObject({ code: "OPS-1332" });
    rmSync(chunks);
    await expect(restoreBackup(to, target)).rejects.toThrow(/is not there/);
    mkdirSync(target);
    writeFileSync(join(target, "mine"), "");
    await expect(restoreBackup(to, target)).rejects.toMatchObject({ code: "OPS-1333" });
    await expect(restoreBackup(newFolder(), join(target, "x"))).rejects.toThrow(/backup.json/);
  });

  it("a backup of a damaged store takes no good one's place, and stays known as such", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const to = newFolder();
    await backup(store, to, "1");
    await backup(store, to, "2");
    const bad = newFolder();
    await makeStore(bad, { wal: false });
    await addDay(bad, 3);
    const name = readdirSync(join(bad, "blocks")).at(-1) ?? "";
    flip(join(bad, "blocks", name, "chunks"), 300);
    const found = [{ name, wholeSamples: 0, samples: 3310 }];
    expect((await backup(bad, to, "3")).damaged).toMatchObject(found);
    expect((await backup(bad, to, "4")).damaged).toMatchObject(found);
    expect(await pruneBackups(to, 1)).toEqual(["1"]);
    expect(await pruneBackups(to, 2)).toEqual([]);
  });

  it("names what was damaged at its source on restoring it, of an older account as well", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const [name = ""] = readdirSync(join(store, "blocks"));
    flip(join(store, "blocks", name, "chunks"), 300);
    const to = newFolder();
    await backup(store, to, "1");
    const found = [{ name, wholeSamples: 0, samples: 3310 }];
    const first = await restoreBackup(to, join(newFolder(), "data"));
    expect(first.damaged).toMatchObject(found);
    const account = join(to, "1/backup.json");
    const { damaged, ...older } = JSON.parse(readFileSync(account, "utf8"));
    expect(damaged).toEqual(first.damaged);
    writeFileSync(account, JSON.stringify(older));
    const second = await restoreBackup(to, join(newFolder(), "data"));
    expect(second.damaged).toMatchObject(found);
    expect((await backup(store, to, "2")).damaged).toMatchObject(found);
  });

  it("an unfinished backup is no backup", async () => {
    const store = newFolder();
    await makeStore(store, { wal: false });
    const to = newFolder();
    await backup(store, to, "1");
    mkdirSync(join(to, "2.unfinished"));
    writeFileSync(join(to, "2.unfinished", "backup.json"), "{}");
    expect((await restoreBackup(to, join(newFolder(), "data"))).from).toBe(join(to, "1"));
    expect((await backup(store, to, "3")).unfinished).toEqual(["2.unfinished"]);
  });
});
