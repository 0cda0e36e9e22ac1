import { matcher } from "@hms-ops/model";
import { appendRows, BatchWriter, readRows } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { type DiskCall, SimulatedDisk } from "../disk/testing/index.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

/** The smallest cases of what campaigns of random crashes found (sim/tsdb). */
const FOLDER = "/data/metrics";
const UP = { __name__: "up" };
const ALL_UP = { matcherSets: [[matcher("__name__", "=", "up")]], range: { fromMs: 0, toMs: 99 } };

/** Fails the calls that it is told to. */
class Faults {
  readonly #failing = new Set<string>();

  fail(...kinds: readonly DiskCall["kind"][]): void {
    for (const kind of kinds) this.#failing.add(kind);
  }

  mend(): void {
    this.#failing.clear();
  }

  readonly fate = ({ kind }: DiskCall) => {
    return this.#failing.has(kind) ? ("fail" as const) : ("done" as const);
  };
}

function open(disk: SimulatedDisk) {
  return openTestTsdb(FOLDER, { disk });
}

describe("a start", () => {
  it("[WAL10] makes durable what it answers: a power cut takes nothing of it back", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const syncs = { count: 0 };
      const fate = ({ kind }: DiskCall) =>
        kind === "sync" && ++syncs.count === 2 ? ("kill" as const) : ("done" as const);
      let disk = new SimulatedDisk({ seed, fate });
      const store = await open(disk);
      await appendRows(store, UP, [[1, 1]]);
      await expect(appendRows(store, UP, [[2, 2]])).rejects.toThrow("cannot write");
      disk = disk.afterKill({ seed });
      const afterKill = await readRows(await open(disk));
      disk = disk.afterPowerCut({ seed });
      expect(await readRows(await open(disk))).toEqual(afterKill);
    }
  });

  it("[DEL1] leaves out at once what the last record of the WAL deletes", async () => {
    let disk = new SimulatedDisk({ seed: 1 });
    const store = await open(disk);
    await appendRows(store, UP, [[1, 1]]);
    await store.delete(ALL_UP);
    disk = disk.afterKill({ seed: 1 });
    expect(await readRows(await open(disk))).toEqual({});
  });

  it("[WAL6] knows batch ids whose rows have gone to blocks", async () => {
    let disk = new SimulatedDisk({ seed: 1 });
    const store = await open(disk);
    const send = (to: typeof store) => {
      const batch = new BatchWriter(to);
      batch.add(["__name__", "up"], [[1, 1]]);
      return to.append(batch.builder.build({ batchId: "once" }));
    };
    await send(store);
    await store.maintain({ flush: true });
    await store.delete(ALL_UP);
    disk = disk.afterKill({ seed: 1 });
    const again = await open(disk);
    expect((await send(again)).accepted).toBe(1);
    expect(await readRows(again)).toEqual({});
  });

  it("[BLOCK6] names the blocks that an earlier one set aside", async () => {
    let disk = new SimulatedDisk({ seed: 1 });
    const store = await open(disk);
    await appendRows(store, UP, [[1, 1]]);
    await store.maintain({ flush: true });
    await store.close();
    const meta = disk.files().find((file) => file.endsWith("meta.json")) ?? "";
    disk.flip(meta, 40, 1);
    for (let start = 0; start < 3; start++) {
      disk = disk.afterKill({ seed: 1 });
      const { writer } = await open(disk);
      expect(writer.recovery.damagedBlocks.map(({ name }) => name)).toEqual([meta.split("/")[4]]);
    }
  });
});

describe("a failing disk", () => {
  it("[WAL5] takes no batch before the end of the last segment is cut", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const faults = new Faults();
      let disk = new SimulatedDisk({ seed, fate: faults.fate });
      const store = await open(disk);
      await appendRows(store, UP, [[1, 1]]);
      faults.fail("sync", "truncate");
      await expect(appendRows(store, UP, [[2, 2]])).rejects.toThrow("cannot write");
      faults.mend();
      // The other value for that time counts: the first was refused.
      expect((await appendRows(store, UP, [[2, 3]])).accepted).toBe(1);
      disk = disk.afterKill({ seed });
      const up = [
        [1, 1],
        [2, 3],
      ];
      expect(await readRows(await open(disk))).toEqual({ up });
    }
  });

  it("[DEL3] lets nobody wait for a deletion that a flush holds up", async () => {
    const faults = new Faults();
    const disk = new SimulatedDisk({ seed: 1, fate: faults.fate });
    const store = await open(disk);
    await appendRows(store, UP, [[1, 1]]);
    await store.writer.requestFlush();
    faults.fail("create");
    await expect(store.delete(ALL_UP)).rejects.toThrow("cannot write");
    expect(await readRows(store)).toEqual({ up: [[1, 1]] });
  });

  it("[BLOCK2] leaves no block behind that a failed flush had published", async () => {
    const faults = new Faults();
    let disk = new SimulatedDisk({ seed: 1, fate: faults.fate });
    const store = await open(disk);
    await appendRows(store, UP, [[1, 1]]);
    await store.writer.requestFlush();
    faults.fail("syncFolder");
    await store.maintain();
    faults.mend();
    disk = disk.afterKill({ seed: 1 });
    const again = await open(disk);
    await again.maintain({ flush: true });
    await again.delete(ALL_UP);
    disk = disk.afterKill({ seed: 1 });
    expect(await readRows(await open(disk))).toEqual({});
  });
});

describe("a replaced block that could not be removed", () => {
  it("[BLOCK3] stays out of service also when its successor has one", async () => {
    const stuck: string[] = [];
    const fate = ({ kind, path }: DiskCall) =>
      kind === "rename" && stuck.includes(path) ? ("fail" as const) : ("done" as const);
    let disk = new SimulatedDisk({ seed: 1, fate });
    const store = await open(disk);
    for (const timeMs of [1, 2]) {
      await appendRows(store, UP, [[timeMs, timeMs]]);
      await store.maintain({ flush: true });
    }
    await appendRows(store, { __name__: "other" }, [[3, 3]]);
    for (const name of await disk.list(`${FOLDER}/blocks`)) stuck.push(`${FOLDER}/blocks/${name}`);
    for (let round = 0; round < 2; round++) {
      await store.writer.requestCompaction();
      await store.maintain();
      await store.delete(ALL_UP);
    }
    await store.writer.requestCompaction();
    await store.maintain();
    disk = disk.afterKill({ seed: 1 });
    expect(await readRows(await open(disk))).toEqual({ other: [[3, 3]] });
  });
});

describe("a deletion", () => {
  it("[DEL1] that comes while the head is being frozen covers what is frozen", async () => {
    const store = await open(new SimulatedDisk({ seed: 1 }));
    await appendRows(store, UP, [[1, 1]]);
    await Promise.all([store.writer.requestFlush(), store.delete(ALL_UP)]);
    await store.maintain();
    expect(await readRows(store)).toEqual({});
  });
});
