import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HubStatus } from "@hms-ops/wire/api";
import { afterEach, describe, expect, it } from "vitest";
import { eventually, freshFolder, quietEnvironment, ROOT, removeFolder } from "./support/hub.ts";

const FLAGS = ["--port", "0", "--no-aliases", "--no-discovery"];
const ENDS_WITHIN_MS = 30_000;

interface Started {
  readonly folder: string;
  readonly npmPid: number;
  readonly hubPid: number;
  /** npm's, once it has ended. */
  readonly ended: Promise<number | null>;
  output(): string;
}

const left: { readonly folder: string; readonly npmPid: number }[] = [];

afterEach(() => {
  for (const { folder, npmPid } of left.splice(0)) {
    if (isRunning(-npmPid)) process.kill(-npmPid, "SIGKILL");
    removeFolder(folder);
  }
});

/**
 * A folder with our start script and nothing to set up: setting up this checkout while its tests
 * run would pull `node_modules` from under them.
 */
function checkoutThatIsSetUp(): string {
  const folder = freshFolder();
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "checkout", scripts: { start: scripts.start } }),
  );
  mkdirSync(join(folder, "tools"));
  cpSync(join(ROOT, "tools/start.mjs"), join(folder, "tools/start.mjs"));
  const setUp = `export const ROOT = ${JSON.stringify(ROOT)};\nexport function setup() {}\n`;
  writeFileSync(join(folder, "tools/setup.mjs"), setUp);
  return folder;
}

/** `npm start`, in a process group of its own, once the hub is ready. */
async function npmStart(): Promise<Started> {
  const folder = checkoutThatIsSetUp();
  const npm = spawn("npm", ["start", "--", ...FLAGS], {
    cwd: folder,
    env: quietEnvironment(folder),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const npmPid = npm.pid ?? 0;
  left.push({ folder, npmPid });
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = once(npm, "exit").then(([code]) => code as number | null);
  const said = async () => output;
  await eventually(said, (text) => text.includes("Ctrl-C stops."));
  const [, port = ""] = /http:\/\/localhost:(\d+)/.exec(output) ?? [];
  const response = await fetch(`http://127.0.0.1:${port}/api/ops/v1/status`);
  const { hub } = (await response.json()) as HubStatus;
  return { folder, npmPid, hubPid: hub.pid, ended, output: () => output };
}

/** Of a process, or of any of the group whose negative id it is. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("npm start", () => {
  it.each([
    { signal: "SIGTERM", to: "npm alone", isGroup: false },
    { signal: "SIGINT", to: "npm alone", isGroup: false },
    { signal: "SIGTERM", to: "the whole group", isGroup: true },
    { signal: "SIGINT", to: "the whole group", isGroup: true },
  ] as const)("ends the hub in order after $signal to $to", async ({ signal, isGroup }) => {
    const { folder, npmPid, hubPid, ended, output } = await npmStart();
    process.kill(isGroup ? -npmPid : npmPid, signal);
    const processes = async () => [npmPid, hubPid].filter(isRunning);
    await eventually(processes, (running) => running.length === 0, ENDS_WITHIN_MS);
    await ended;
    expect(output()).toContain("Stopping: writing everything down");
    expect(output()).toContain("with: npx hms-ops up --demo\n");
    const log = readFileSync(join(folder, "hms-ops-data/hub.log"), "utf8");
    expect(log).toContain("the hub has stopped");
  });
});
