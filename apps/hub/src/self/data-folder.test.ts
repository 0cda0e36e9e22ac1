import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DataFolder } from "./data-folder.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hms-ops-folder-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

it("is made with the folders above it, for its owner alone, also twice at once", async () => {
  const path = join(place, "a/b/data");
  await Promise.all([new DataFolder(path).make(), new DataFolder(path).make()]);
  await new DataFolder(path).make();
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it("a file in its way is told", async () => {
  const file = join(place, "file");
  writeFileSync(file, "");
  const refusal = { code: "OPS-1622", message: expect.stringContaining("EEXIST") };
  await expect(new DataFolder(file).make()).rejects.toMatchObject(refusal);
  await expect(new DataFolder(join(file, "data")).make()).rejects.toMatchObject(refusal);
});

it.runIf(process.platform === "linux")(
  "where the system knows no new folders that is told, and not tried for ever",
  async () => {
    const folder = new DataFolder("/proc/hms-ops/data");
    await expect(folder.make()).rejects.toMatchObject({ code: "OPS-1622" });
  },
);
