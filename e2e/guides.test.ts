import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GUIDES = join(ROOT, "docs/guides");
const RUNNER = join(ROOT, "e2e/support/run-guide.ts");

/** Each guide gets a network of its own where that is allowed, so that all may use port 9090. */
const OWN_NETWORK = spawnSync("unshare", ["--net", "sh", "-c", "ip link set lo up"]).status === 0;

/** Guides that say `<!-- test: run -->` are run; the others are read only. */
const guides = readdirSync(GUIDES).filter((name) =>
  readFileSync(join(GUIDES, name), "utf8").includes("<!-- test: run -->"),
);

function runGuide(name: string): Promise<string> {
  const node = [process.execPath, RUNNER, join(GUIDES, name)];
  const command = OWN_NETWORK
    ? ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...node]
    : node;
  return new Promise((resolve) => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("close", () => resolve(output));
  });
}

const each = OWN_NETWORK ? it.concurrent : it;

describe("the guides do what they say", () => {
  it("there are guides to run", () => expect(guides.length).toBeGreaterThan(0));

  for (const name of guides) {
    each(name, { timeout: 900_000 }, async () => {
      expect(await runGuide(name)).toMatch(/^ok /m);
    });
  }
});
