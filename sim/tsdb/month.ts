import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const DAY_MS = 86_400_000;

export interface MonthPlan {
  readonly folder: string;
  readonly series: number;
  readonly intervalMs: number;
  /** On the fake clock. */
  readonly hours: number;
}

/** After an hour of the fake clock, and last after a flush of all. */
export interface MonthPoint {
  readonly hour: number;
  readonly samples: number;
  /** Of a real clock, since the beginning. */
  readonly seconds: number;
  readonly residentBytes: number;
  /** Of all objects and buffers that are in use; slabs, which are shared, are not in it. */
  readonly heapBytes: number;
  /** Of the whole folder. */
  readonly diskBytes: number;
  /** What the store itself expects. */
  readonly predictedBytesPerDay: number;
  readonly walBytes: number;
  readonly blocks: number;
  readonly flushes: number;
  readonly compactions: number;
}

/** Runs a store in a process of its own, so that its memory is nobody else's. */
export async function runMonth(plan: Omit<MonthPlan, "folder">): Promise<readonly MonthPoint[]> {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-month-"));
  try {
    const script = fileURLToPath(new URL("./month.process.ts", import.meta.url));
    const argument = JSON.stringify({ ...plan, folder: join(folder, "tsdb") });
    const child = spawn(process.execPath, ["--expose-gc", script, argument], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(child, "exit");
    const points: MonthPoint[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      points.push(JSON.parse(line) as MonthPoint);
    }
    const [code] = (await exit) as [number | null];
    if (code !== 0) throw new Error(`the store's process ended with ${code}`);
    return points;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
