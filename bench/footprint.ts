import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Figure } from "./figure.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STARTS = 5;
const CLOCK_TICKS_PER_SECOND = 100;

/**
 * Starts the hub as a user does, several times, and then leaves it alone. Processor time and
 * memory are those of the process with all its threads, from /proc.
 */
export async function measureFootprint(idleMs = 60_000): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const ready: number[] = [];
  const answered: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const start = await startHub(folder);
    ready.push(start.readyMs);
    answered.push(start.answeredMs);
    await stop(start.hub);
  }
  const { hub } = await startHub(folder);
  const before = processorSeconds(hub);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const share = ((processorSeconds(hub) - before) / (idleMs / 1000)) * 100;
  const residentMb = residentBytes(hub) / 1e6;
  await stop(hub);
  rmSync(folder, { recursive: true, force: true });
  return [
    { what: "start to the dashboard line, median", value: median(ready), unit: "ms", bar: 2000 },
    {
      what: "start to the first answered query, median",
      value: median(answered),
      unit: "ms",
      bar: 2000,
    },
    {
      what: `resident memory after ${idleMs / 1000} s idle`,
      value: round(residentMb),
      unit: "MB",
      bar: 150,
    },
    { what: "processor while idle, of one core", value: round(share), unit: "%", bar: 2 },
    { what: "script of the first page, gzipped", value: firstPageScriptKb(), unit: "kB", bar: 250 },
  ];
}

interface Start {
  readonly hub: ChildProcess;
  readonly readyMs: number;
  readonly answeredMs: number;
}

async function startHub(folder: string): Promise<Start> {
  const startedMs = performance.now();
  const flags = ["up", "--port", "0", "--no-aliases", "--no-discovery"];
  const hub = spawn(join(ROOT, "apps/cli/bin/hms-ops"), flags, {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    hub.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const port = /running at http:\/\/localhost:(\d+)/.exec(output)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    hub.on("exit", () => reject(new Error(`the hub ended:\n${output}`)));
  });
  const readyMs = Math.round(performance.now() - startedMs);
  const answer = await fetch(`${url}/api/v1/query?query=vector(1)`);
  if (!answer.ok) throw new Error(`the first query was answered with ${answer.status}`);
  return { hub, readyMs, answeredMs: Math.round(performance.now() - startedMs) };
}

async function stop(hub: ChildProcess): Promise<void> {
  const exit = once(hub, "exit");
  hub.kill("SIGTERM");
  await exit;
}

function residentBytes({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** What index.html asks for before anything is clicked. */
function firstPageScriptKb(): number {
  const dist = join(ROOT, "apps/web/dist");
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const first = readdirSync(join(dist, "assets")).filter(
    (name) => name.endsWith(".js") && html.includes(name),
  );
  const bytes = first.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(dist, "assets", name))).length,
    0,
  );
  return round(bytes / 1000);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
