import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const LAUNCHER = fileURLToPath(new URL("../bin/hms-ops", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hms-ops-launcher-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linkIn(name: string): string {
  mkdirSync(join(folder, name));
  const link = join(folder, name, "hms-ops");
  symlinkSync(LAUNCHER, link);
  return link;
}

/** What it advises to type after a command that there isn't. */
function advised(program: string, environment: Readonly<Record<string, string>> = {}): string {
  const env = { PATH: "/usr/bin:/bin", ...environment };
  const { stderr } = spawnSync(program, ["frobnicate"], { env, encoding: "utf8" });
  return /^ {2}(.*) lists the commands$/m.exec(stderr)?.[1] ?? stderr;
}

describe("what is printed can be typed as it was called", () => {
  it("through npm", () => {
    expect(advised(LAUNCHER, { npm_execpath: "/usr/lib/npm" })).toBe("npx hms-ops help");
  });

  it("by its name", () => {
    const path = `${dirname(linkIn("bin"))}:/usr/bin:/bin`;
    expect(advised("hms-ops", { PATH: path })).toBe("hms-ops help");
  });

  it("by a path", () => {
    expect(advised(LAUNCHER)).toBe(`${LAUNCHER} help`);
    const link = linkIn("with a blank");
    expect(advised(link)).toBe(`'${link}' help`);
  });
});
