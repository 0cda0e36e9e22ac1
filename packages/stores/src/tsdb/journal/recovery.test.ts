import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { labelsOf } from "@hms-ops/model";
import { appendRows, BatchWriter, type Row, readRows } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { openNodeDisk } from "../../disk/index.ts";
import { FailingDisk } from "../../disk/testing/failing-disk.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "../testing/open-store.test.tools.ts";

const UP = { __name__: "up" };
const DOWN = { __name__: "down", job: "a" };

function segments(folder: string): string[] {
  const wal = join(folder, "wal");
  return readdirSync(wal, { recursive: false })
    .map(String)
    .filter((name) => name.endsWith(".wal"))
    .map((name) => join(wal, name));
}

/** One commit a row, so one frame a row: times 1, 2 … count. */
async function fill(folder: string, count: number, segmentBytes = 1_000_000): Promise<void> {
  const store = await openTestTsdb(folder, { limits: { segmentBytes } });
  for (let i = 1; i <= count; i++) await appendRows(store, UP, [[i, i]]);
  await store.close();
}

async function reopen(folder: string) {
  const store = await openTestTsdb(folder);
  const rows = await readRows(store);
  await store.close();
  return { rows, recovery: store.writer.recovery };
}

function framesOf(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = 16; at < bytes.length; at += 8) {
    if (bytes.subarray(at, at + 4).toString("latin1") === "HMSW") places.push(at);
  }
  return places;
}

function rowsUpTo(count: number): Row[] {
  return Array.from({ length: count }, (_, i): Row => [i + 1, i + 1]);
}

describe("a torn tail", () => {
  it("[WAL2] is cut at the first bad record and counted once", async () => {
    for (const cutBytes of [1, 20, 45]) {
      const folder = freshFolder();
      await fill(folder, 5);
      const [file = ""] = segments(folder);
      truncateSync(file, readFileSync(file).length - cutBytes);
      const first = await reopen(folder);
      expect(first.recovery).toMatchObject({ tornTails: 1, damagedStretches: 0, samples: 4 });
      expect(first.rows).toEqual({ up: rowsUpTo(4) });
      const second = await reopen(folder);
      expect(second.recovery).toMatchObject({ tornTails: 0, damagedStretches: 0, samples: 4 });
    }
  });

  it("[WAL2] may be all there is of a segment", async () => {
    const folder = freshFolder();
    await fill(folder, 2);
    writeFileSync(join(folder, "wal", "00000002.wal"), "HMS-");
    writeFileSync(join(folder, "wal", "00000003.wal"), "");
    const { recovery, rows } = await reopen(folder);
    expect(recovery).toMatchObject({ tornTails: 1, samples: 2 });
    expect(rows).toEqual({ up: rowsUpTo(2) });
  });

  it("[WAL2] of noise is cut", async () => {
    const folder = freshFolder();
    await fill(folder, 3);
    const [file = ""] = segments(folder);
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(5_000, 0x48)]));
    const { recovery, rows } = await reopen(folder);
    expect(recovery).toMatchObject({ tornTails: 1, samples: 3 });
    expect(rows).toEqual({ up: rowsUpTo(3) });
  });
});

describe("damage", () => {
  it("[WAL3] in the middle is skipped, set aside and counted", async () => {
    const folder = freshFolder();
    await fill(folder, 6);
    const [file = ""] = segments(folder);
    const bytes = readFileSync(file);
    const place = framesOf(bytes)[3] ?? 0;
    bytes[place + 20] = (bytes[place + 20] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    for (let opening = 0; opening < 2; opening++) {
      const { recovery, rows } = await reopen(folder);
      expect(recovery).toMatchObject({ tornTails: 0, damagedStretches: 1, samples: 5 });
      expect(rows).toEqual({ up: rowsUpTo(6).filter(([timeMs]) => timeMs !== 3) });
      expect(readdirSync(join(folder, "wal", "aside"))).toEqual([`00000001-${place}.bad`]);
    }
  });

  it("[WAL3] of a length field or a segment's header costs no more than that", async () => {
    const folder = freshFolder();
    await fill(folder, 6);
    const [file = ""] = segments(folder);
    const bytes = readFileSync(file);
    bytes.fill(0xff, (framesOf(bytes)[2] ?? 0) + 8, (framesOf(bytes)[2] ?? 0) + 12);
    bytes[3] = 0;
    writeFileSync(file, bytes);
    const { recovery, rows } = await reopen(folder);
    expect(recovery).toMatchObject({ damagedStretches: 2, samples: 5 });
    expect(rows).toEqual({ up: rowsUpTo(6).filter(([timeMs]) => timeMs !== 2) });
  });

  it("[WAL3] at the end of an earlier segment is no torn tail", async () => {
    const folder = freshFolder();
    await fill(folder, 3);
    const [file = ""] = segments(folder);
    const store = await openTestTsdb(folder);
    await appendRows(store, UP, [[9, 9]]);
    await store.close();
    truncateSync(file, readFileSync(file).length - 3);
    const { recovery, rows } = await reopen(folder);
    expect(recovery).toMatchObject({ tornTails: 0, damagedStretches: 1 });
    expect(rows).toEqual({ up: [...rowsUpTo(2), [9, 9]] });
  });

  it("[WAL8] that takes definitions along leaves their rows out, counted", async () => {
    const folder = freshFolder();
    const store = await openTestTsdb(folder);
    await appendRows(store, UP, [[1, 1]]);
    await appendRows(store, DOWN, [[1, 1]]);
    await appendRows(store, UP, [[2, 2]]);
    await store.close();
    const [file = ""] = segments(folder);
    const bytes = readFileSync(file);
    const definition = framesOf(bytes)[0] ?? 0;
    bytes[definition + 30] = (bytes[definition + 30] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { recovery, rows } = await reopen(folder);
    expect(recovery).toMatchObject({ damagedStretches: 1, orphanedRows: 2, samples: 1 });
    expect(rows).toEqual({ 'down{job="a"}': [[1, 1]] });
  });
});

describe("segments", () => {
  it("[WAL4] can each be replayed alone", async () => {
    const folder = freshFolder();
    await fill(folder, 40, 600);
    const files = segments(folder);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files.slice(0, -1)) rmSync(file);
    const { recovery, rows } = await reopen(folder);
    expect(recovery.orphanedRows).toBe(0);
    expect(rows.up?.at(-1)).toEqual([40, 40]);
  });

  it("[WAL6] remember the ids of acknowledged batches", async () => {
    const folder = freshFolder();
    const build = (store: Awaited<ReturnType<typeof openTestTsdb>>, value: number) =>
      store.append(
        new BatchWriter(store)
          .add(labelsOf(UP), [
            [1, value],
            [2, value],
          ])
          .builder.build({
            batchId: "collector/1",
          }),
      );
    const before = await openTestTsdb(folder);
    await appendRows(before, UP, [[1, 7]]);
    const ack = await build(before, 7);
    await before.close();
    const after = await openTestTsdb(folder);
    expect(await build(after, 8)).toEqual(ack);
    expect(await readRows(after)).toEqual({
      up: [
        [1, 7],
        [2, 7],
      ],
    });
    await after.close();
  });

  it("[WAL7] of a newer format are refused and left as they are", async () => {
    const folder = freshFolder();
    await fill(folder, 3);
    const [file = ""] = segments(folder);
    const bytes = readFileSync(file);
    bytes[7] = 9;
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
    writeFileSync(file, bytes);
    await expect(openTestTsdb(folder)).rejects.toMatchObject({ code: "OPS-1305" });
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it("[WAL4] have the bytes that the format's page says", async () => {
    const folder = freshFolder();
    const store = await openTestTsdb(folder);
    const batch = new BatchWriter(store)
      .add(labelsOf({ __name__: "größe", job: "a" }), [[1_700_000_000_000, 1.5]])
      .add(labelsOf({ __name__: "up", job: "a" }), [[1_700_000_000_250, "stale"]]);
    await store.append(batch.builder.build({ batchId: "c/1" }));
    await appendRows(store, { __name__: "up", job: "a" }, [[1_700_000_001_000, Number.NaN]]);
    await store.close();
    const [file = ""] = segments(folder);
    const lines =
      readFileSync(file)
        .toString("hex")
        .match(/.{1,32}/g) ?? [];
    const golden = new URL("./testdata/wal-v1.golden", import.meta.url).pathname;
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(golden);
    const copy = freshFolder();
    mkdirSync(join(copy, "wal"));
    const bytes = Buffer.from(readFileSync(golden, "latin1").replaceAll("\n", ""), "hex");
    writeFileSync(join(copy, "wal", "00000001.wal"), bytes);
    expect((await reopen(copy)).rows).toEqual({
      '{"größe", job="a"}': [[1_700_000_000_000, 1.5]],
      'up{job="a"}': [
        [1_700_000_000_250, "stale"],
        [1_700_000_001_000, Number.NaN],
      ],
    });
  });
});

describe("a disk that fails", () => {
  async function openFailing(folder: string) {
    const disk = new FailingDisk(openNodeDisk());
    const store = await openTestTsdb(folder, { disk });
    await appendRows(store, UP, [[1, 1]]);
    return { disk, store };
  }

  it("[WAL5] once costs nothing: the batch goes to a new segment", async () => {
    for (const fault of ["failingWrites", "failingSyncs"] as const) {
      const folder = freshFolder();
      const { disk, store } = await openFailing(folder);
      disk[fault] = 1;
      expect((await appendRows(store, UP, [[2, 2]])).accepted).toBe(1);
      await appendRows(store, UP, [[3, 3]]);
      await store.close();
      expect(segments(folder)).toHaveLength(2);
      const { recovery, rows } = await reopen(folder);
      expect(rows).toEqual({ up: rowsUpTo(3) });
      expect(recovery).toMatchObject({ tornTails: 0, damagedStretches: 0 });
    }
  });

  it("[WAL5] again refuses the batch without a trace, and takes the next", async () => {
    for (const fault of ["failingWrites", "failingSyncs"] as const) {
      const folder = freshFolder();
      const { disk, store } = await openFailing(folder);
      disk[fault] = 2;
      const refused = appendRows(store, UP, [[2, -2]]);
      await expect(refused).rejects.toMatchObject({ code: "OPS-1303", status: 503 });
      expect(await readRows(store)).toEqual({ up: rowsUpTo(1) });
      await appendRows(store, UP, [
        [2, 2],
        [3, 3],
      ]);
      expect(await readRows(store)).toEqual({ up: rowsUpTo(3) });
      await store.close();
      expect((await reopen(folder)).rows).toEqual({ up: rowsUpTo(3) });
    }
  });

  it("[WAL5] to make files refuses, then recovers", async () => {
    const folder = freshFolder();
    const disk = new FailingDisk(openNodeDisk());
    const store = await openTestTsdb(folder, { disk });
    disk.failingCreations = 2;
    await expect(appendRows(store, UP, [[1, 1]])).rejects.toMatchObject({ code: "OPS-1303" });
    await appendRows(store, UP, [[1, 1]]);
    await store.close();
    expect((await reopen(folder)).rows).toEqual({ up: rowsUpTo(1) });
  });
});
