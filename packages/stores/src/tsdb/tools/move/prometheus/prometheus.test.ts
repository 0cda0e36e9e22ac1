import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsOf, type SampleBatch } from "@hms-ops/model";
import { afterEach, describe, expect, it } from "vitest";
import { findPrometheusBlocks, importPrometheus } from "../../index.ts";
import { crc32c } from "./crc32c.ts";

const GOLDEN = JSON.parse(
  readFileSync(new URL("./testdata/block-2.42.json", import.meta.url), "utf8"),
);
const START_MS = 1_600_000_000_500;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function bytesOf(file: string): Buffer {
  return Buffer.from(GOLDEN[file].join(""), "hex");
}

/** The golden block, with some files changed. */
function blockFolder(changed: Readonly<Record<string, Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-prometheus-"));
  folders.push(folder);
  mkdirSync(join(folder, "chunks"));
  writeFileSync(join(folder, "meta.json"), JSON.stringify(GOLDEN["meta.json"]));
  for (const file of ["index", "chunks/000001", "tombstones"]) {
    writeFileSync(join(folder, file), changed[file] ?? bytesOf(file));
  }
  return folder;
}

async function imported(folder: string) {
  const source = await findPrometheusBlocks(folder);
  if (!source) throw new Error("no block was found");
  const batches: SampleBatch[] = [];
  const report = await importPrometheus(
    source,
    async (batch) => {
      batches.push(batch);
      return { accepted: batch.count, rejections: [] };
    },
    () => {},
  );
  const rows = batches.flatMap(({ newSeries, ids, timesMs, values }) =>
    Array.from(ids, (id, row) => ({
      labels: newSeries[id - 0x8000_0000]?.labels,
      timeMs: timesMs[row],
      value: values[row],
    })),
  );
  return { report, rows };
}

const EXPECTED = ["0", "1", "2"].flatMap((n) =>
  [1.5, Number.NaN, Number.POSITIVE_INFINITY, -7].map((value, i) => ({
    labels: labelsOf({ __name__: "gauge", job: "ü", n }),
    timeMs: START_MS + 15_000 * i,
    value,
  })),
);

describe("importPrometheus", () => {
  it("reads a block that promtool wrote", async () => {
    const { report, rows } = await imported(blockFolder());
    expect(rows).toEqual(EXPECTED);
    expect(report).toMatchObject({ accepted: 12, skipped: 0, problems: [] });
  });

  it("finds blocks in a data folder, and no block where there is none", async () => {
    const data = mkdtempSync(join(tmpdir(), "hms-ops-prometheus-"));
    folders.push(data);
    expect(await findPrometheusBlocks(data)).toBeUndefined();
    mkdirSync(join(data, "wal"));
    expect(await findPrometheusBlocks(data)).toEqual({ blocks: [], hasWal: true });
  });

  it("leaves deleted samples out", async () => {
    // One tombstone: series 3 (48 / 16), from the second sample to the third.
    const body = [3, ...varint(START_MS + 15_000), ...varint(START_MS + 30_000)];
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32c(Uint8Array.from(body)));
    const tombstones = Buffer.from([0x01, 0x30, 0xba, 0x30, 1, ...body, ...sum]);
    const { rows } = await imported(blockFolder({ tombstones }));
    const deletedRef = EXPECTED.filter(({ labels }) => labels.includes("0"));
    expect(rows).toHaveLength(12 - 2);
    expect(rows.slice(0, 2)).toEqual([deletedRef[0], deletedRef[3]]);
  });

  it("never takes a wrong value from damaged files: each flipped byte is told or does not matter", async () => {
    for (const file of ["index", "chunks/000001", "tombstones"]) {
      const whole = bytesOf(file);
      for (let at = 0; at < whole.length; at++) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        const { report, rows } = await imported(blockFolder({ [file]: bytes }));
        for (const row of rows) expect(EXPECTED, `${file} ${at}`).toContainEqual(row);
        if (rows.length < 12) expect(report.skipped, `${file} ${at}`).toBeGreaterThan(0);
      }
    }
  });
});

describe("crc32c", () => {
  it("is the checksum of RFC 3720", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe306_9283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43);
  });
});

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
