/**
 * Runs one guide of docs/guides as a reader would, in a fresh folder, and fails where it does not
 * do what it says. Blocks are told apart by the words behind the fence:
 *
 *   ```ts title=a.ts          written to that file (any language)
 *   ```sh                     typed at the prompt; must exit 0
 *   ```sh background          typed in another terminal, left running
 *   ```text output within=60s every line stands in what the last block printed, in this order;
 *                             `…` stands for anything; a foreground command is repeated until then
 *
 * `<!-- test: replace "5m" with "10s" -->` shortens a wait in the blocks after it, unless
 * HMS_OPS_GUIDES_IN_FULL=1.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const IN_FULL = process.env.HMS_OPS_GUIDES_IN_FULL === "1";

interface Block {
  readonly line: number;
  readonly words: readonly string[];
  readonly text: string;
}

interface Running {
  readonly command: string;
  readonly process: ChildProcess;
  output: string;
}

const guide = process.argv[2] ?? "";
const folder = mkdtempSync(join(tmpdir(), "hms-ops-guide-"));
/** Not what npm tells its own scripts: a reader's shell has none of it. */
const plainEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")),
);
const environment = {
  ...plainEnvironment,
  PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`,
  HMS_OPS_RUNTIME_DIR: join(folder, ".runtime"),
  NO_COLOR: "1",
};
const background: Running[] = [];
let last: { readonly output: () => string; readonly again?: () => void } = { output: () => "" };

try {
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const block of readBlocks(readFileSync(guide, "utf8"))) await runBlock(block);
  process.stdout.write(`ok ${guide}\n`);
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`${guide}: ${error instanceof Error ? error.message : error}\n`);
  for (const { command, output } of background) {
    process.stdout.write(`--- ${command} printed:\n${output.slice(-4000)}\n`);
  }
} finally {
  for (const { process: child } of background) endGroup(child);
  await wait(500);
  rmSync(folder, { recursive: true, force: true });
}

function readBlocks(text: string): readonly Block[] {
  const replacements: [string, string][] = [];
  const blocks: Block[] = [];
  const parts = /<!-- test: replace "([^"]+)" with "([^"]+)" -->|^```([^\n]*)\n([\s\S]*?)^```$/gm;
  for (const match of text.matchAll(parts)) {
    const [, from, to, words = "", body = ""] = match;
    if (from !== undefined && to !== undefined) {
      if (!IN_FULL) replacements.push([from, to]);
      continue;
    }
    const line = text.slice(0, match.index).split("\n").length;
    const shortened = replacements.reduce((all, [a, b]) => all.replaceAll(a, b), body);
    blocks.push({ line, words: words.trim().split(/\s+/), text: shortened });
  }
  return blocks;
}

async function runBlock(block: Block): Promise<void> {
  const [language = "", ...flags] = block.words;
  const title = flags.find((flag) => flag.startsWith("title="))?.slice("title=".length);
  if (title) return writeFile(title, block.text);
  if (language === "sh" && flags.includes("background")) return startInBackground(block);
  if (language === "sh") return runInForeground(block);
  if (language === "text" && flags[0] === "output") await expectOutput(block, flags[1]);
}

function writeFile(title: string, text: string): void {
  mkdirSync(dirname(join(folder, title)), { recursive: true });
  writeFileSync(join(folder, title), text);
}

function startInBackground({ text }: Block): void {
  const child = spawn("bash", ["-ec", `exec ${text.trim()}`], {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running: Running = { command: text.trim(), process: child, output: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      running.output += chunk.toString();
    });
  }
  background.push(running);
  last = { output: () => running.output };
}

function runInForeground({ text, line }: Block): void {
  let output = "";
  const run = () => {
    const result = spawnSync("bash", ["-ec", text], {
      cwd: folder,
      env: environment,
      encoding: "utf8",
      timeout: 120_000,
    });
    output = `${result.stdout}${result.stderr}`;
    return result.status;
  };
  const status = run();
  if (status !== 0) {
    throw new Error(
      `line ${line}: \`${text.trim()}\` exited with ${status} and printed:\n${output}`,
    );
  }
  last = { output: () => output, again: run };
}

async function expectOutput({ text, line }: Block, within = "within=5s"): Promise<void> {
  const limitMs = Number(/(\d+)s/.exec(within)?.[1] ?? 5) * 1000;
  const pattern = new RegExp(
    text
      .trim()
      .split("\n")
      .map((row) => row.trim().split("…").map(literally).join(".*"))
      .join("[\\s\\S]*"),
  );
  const endMs = performance.now() + limitMs;
  while (!pattern.test(last.output())) {
    if (performance.now() > endMs) {
      throw new Error(
        `line ${line}: expected\n${text}\nwithin ${limitMs / 1000} s, and saw\n${last.output()}`,
      );
    }
    await wait(1000);
    last.again?.();
  }
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}
