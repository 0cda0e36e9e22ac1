import { link, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openNodeDisk } from "./index.ts";

const LARGE_BYTES = 30 * 1024 * 1024;
const disk = openNodeDisk();
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hms-ops-removal-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function largeFile(...names: string[]): Promise<string> {
  const path = join(folder, ...names);
  const file = await open(path, "w");
  await file.write("its first bytes");
  await file.truncate(LARGE_BYTES);
  await file.close();
  return path;
}

test("the name of a large file goes at once, its space in pieces", async () => {
  const path = await largeFile("block");
  const reader = await open(path);
  try {
    await disk.remove(path);
    expect(await disk.list(folder)).toEqual([]);
    await vi.waitFor(async () => {
      const { size } = await reader.stat();
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThan(LARGE_BYTES / 3);
    }, 10_000);
  } finally {
    await reader.close();
  }
});

test("what has a second name keeps all its bytes", async () => {
  await mkdir(join(folder, "block"));
  const path = await largeFile("block", "chunks");
  const snapshot = join(folder, "snapshot");
  await link(path, snapshot);
  const next = await largeFile("next");
  const reader = await open(next);
  try {
    await disk.removeFolder(join(folder, "block"));
    await disk.remove(next);
    expect(await disk.list(folder)).toEqual(["snapshot"]);
    // They are freed in turn: when it is the second's, the first has been looked at.
    await vi.waitFor(async () => {
      expect((await reader.stat()).size).toBeLessThan(LARGE_BYTES / 3);
    }, 10_000);
    const bytes = await readFile(snapshot);
    expect(bytes.length).toBe(LARGE_BYTES);
    expect(bytes.subarray(0, 15).toString()).toBe("its first bytes");
  } finally {
    await reader.close();
  }
});

test("a folder goes with what is in folders below it, and an absent one is no error", async () => {
  await mkdir(join(folder, "a", "b"), { recursive: true });
  await largeFile("a", "b", "large");
  await writeFile(join(folder, "a", "small"), "x");
  await disk.removeFolder(join(folder, "a"));
  await disk.removeFolder(join(folder, "a"));
  expect(await disk.list(folder)).toEqual([]);
});

test("a file that is not there cannot be removed", async () => {
  await expect(disk.remove(join(folder, "nothing"))).rejects.toThrow("ENOENT");
});
