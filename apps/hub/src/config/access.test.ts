import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readToken } from "./access.ts";
import { parseArguments } from "./arguments.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-token-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tokenOf(...flags: string[]): Promise<string> {
  const parsed = parseArguments(flags);
  if (parsed.kind !== "up") throw new Error("the flags of the test are wrong");
  return readToken(parsed.options, { HMS_OPS_TOKEN: "of the environment" });
}

it("a token comes from its file, without the line feed behind it, else from the environment", async () => {
  const file = join(folder, "token");
  writeFileSync(file, "secret\n");
  expect(await tokenOf("--token-file", file)).toBe("secret");
  expect(await tokenOf()).toBe("of the environment");
});

it("a file without a token, or that cannot be read, opens no hub", async () => {
  const empty = join(folder, "empty");
  writeFileSync(empty, "\n");
  const absent = join(folder, "absent");
  for (const [file, reason] of [
    [empty, "it is empty"],
    [absent, "ENOENT"],
    [folder, "EISDIR"],
  ] as const) {
    await expect(tokenOf("--token-file", file)).rejects.toMatchObject({
      code: "OPS-1656",
      message: expect.stringContaining(reason),
    });
  }
});
