/**
 * Runs one guide of docs/guides as a reader would, in a fresh folder that looks like a checkout, and
 * fails where it does not do what it says. Blocks are told apart by the words behind the fence:
 *
 *   ```ts title=a.ts          written to that file (any language)
 *   ```sh                     typed at the prompt; must exit 0
 *   ```sh every-terminal      typed first in each terminal that is opened after it, this one included
 *   ```sh background          typed in another terminal, left running
 *   ```text output within=60s every line stands in what the last block printed, in this order;
 *                             `…` stands for anything; a foreground command is repeated until then
 *
 * `<!-- test: replace "5m" with "10s" -->` shortens a wait in the blocks after it, unless
 * HMS_OPS_GUIDES_IN_FULL=1.
 *
 * A guide with an `every-terminal` block says itself how `hms-ops` and `node` are found, and gets a
 * PATH without them; to the others it is set as the README tells.
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
/** What of the machine's a reader has: npm puts folders of the checkout before it for its scripts. */
const plainPath = (process.env.PATH ?? "")
  .split(":")
  .filter((path) => !path.endsWith("node_modules/.bin"))
  .join(":");
const environment = {
  ...plainEnvironment,
  PATH: `${join(ROOT, "node_modules/.bin")}:${plainPath}`,
  HMS_OPS_RUNTIME_DIR: join(folder, ".runtime"),
  NO_COLOR: "1",
};
const background: Running[] = [];
/** What is typed first in each terminal, and where that leads. */
let opening = "";
let terminalFolder = folder;
let last: { readonly output: () => string; readonly again?: () => void } = { output: () => "" };

try {
  for (const name of ["node_modules", "package.json", "apps"]) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
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
  if (language === "sh" && flags.includes("every-terminal")) return openTerminals(block);
  if (language === "sh" && flags.includes("background")) return startInBackground(block);
  if (language === "sh") return runInForeground(block);
  if (language === "text" && flags[0] === "output") await expectOutput(block, flags[1]);
}

function writeFile(title: string, text: string): void {
  mkdirSync(dirname(join(terminalFolder, title)), { recursive: true });
  writeFileSync(join(terminalFolder, title), text);
}

function openTerminals(block: Block): void {
  environment.PATH = plainPath;
  runInForeground({ ...block, text: `${block.text}\npwd` });
  opening = block.text;
  terminalFolder = last.output().trim().split("\n").at(-1) ?? folder;
}

function startInBackground({ text }: Block): void {
  const child = spawn("bash", ["-ec", `${opening}\nexec ${text.trim()}`], {
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
    const result = spawnSync("bash", ["-ec", `${opening}\n${text}`], {
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
