import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const HMS_OPS = join(ROOT, "apps/cli/bin/hms-ops");

/** A hub as a user starts it: one process, on a free port, in a folder of its own. */
export interface HubProcess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Working directory: alerts/ dashboards/ … and hms-ops-data/ are here. */
  readonly folder: string;
  /** Milliseconds from start to the line that says where the dashboard is. */
  readonly readyMs: number;
  /** What it has printed so far. */
  output(): string;
  /** Asks it to end and waits; the exit code. */
  stop(): Promise<number | null>;
  /** As a crash would. */
  kill(): Promise<void>;
}

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), "hms-ops-e2e-"));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Environment that keeps tests away from services and settings of the machine. */
export function quietEnvironment(folder: string): NodeJS.ProcessEnv {
  const { HMS_OPS_URL: _url, HMS_OPS_TOKEN: _token, OPS_HUB: _hub, ...rest } = process.env;
  return { ...rest, HMS_OPS_RUNTIME_DIR: join(folder, ".runtime"), NO_COLOR: "1" };
}

export async function startHub(
  options: {
    readonly folder?: string;
    readonly flags?: readonly string[];
    readonly environment?: NodeJS.ProcessEnv;
    /** Any free one when absent. */
    readonly port?: number;
  } = {},
): Promise<HubProcess> {
  const folder = options.folder ?? freshFolder();
  const port = String(options.port ?? 0);
  const flags = ["up", "--port", port, "--no-aliases", ...(options.flags ?? ["--no-discovery"])];
  const startedMs = performance.now();
  const child = spawn(HMS_OPS, flags, {
    cwd: folder,
    env: { ...quietEnvironment(folder), ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const bound = new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const found = /Dashboard running at http:\/\/localhost:(\d+)/.exec(output);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => reject(new Error(`the hub ended with ${code}:\n${output}`)));
  });
  const url = `http://127.0.0.1:${await bound}`;
  return {
    url,
    pid: child.pid ?? 0,
    process: child,
    folder,
    readyMs: performance.now() - startedMs,
    output: () => output,
    stop: () => end(child, "SIGTERM"),
    kill: async () => {
      await end(child, "SIGKILL");
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
  return child.exitCode;
}

/** Asks again until the answer satisfies, or fails with the last answer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  let answer: T | undefined;
  let problem: unknown;
  while (performance.now() < endMs) {
    try {
      answer = await ask();
      problem = undefined;
      if (satisfies(answer)) return answer;
    } catch (error) {
      problem = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const seen = problem ?? JSON.stringify(answer)?.slice(0, 2000);
  throw new Error(`not so after ${limitMs / 1000} s; last seen: ${seen}`);
}

/** The `data` of a Prometheus API answer. */
export async function getData<T>(url: string, path: string): Promise<T> {
  const response = await fetch(url + path);
  const body = (await response.json()) as { status: string; data: T; error?: string };
  if (body.status !== "success") throw new Error(`${path}: ${response.status} ${body.error}`);
  return body.data;
}

export interface VectorData {
  readonly resultType: string;
  readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
}

export function instant(url: string, expr: string): Promise<VectorData> {
  return getData(url, `/api/v1/query?query=${encodeURIComponent(expr)}`);
}
