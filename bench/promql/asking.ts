import { writeFileSync } from "node:fs";
import { get, type Reply } from "../tsdb/ask.ts";
import { preciseSeconds } from "../tsdb/process-figures.ts";
import type { System } from "../tsdb/systems.ts";
import type { QueryTimes } from "./dashboard-query.ts";

/** Prometheus has no cache of answers, and leaves unknown parameters alone. */
const UNCACHED = "&nocache=1";

export function queryAddress(
  { address }: Pick<System, "address">,
  expr: string,
  { startS, endS, stepS }: QueryTimes,
  cached = false,
): string {
  const query = encodeURIComponent(expr);
  const suffix = cached ? "" : UNCACHED;
  return stepS === 0
    ? `${address}/api/v1/query?query=${query}&time=${endS}${suffix}`
    : `${address}/api/v1/query_range?query=${query}&start=${startS}&end=${endS}&step=${stepS}${suffix}`;
}

export interface TimedReply extends Reply {
  /** Processor time of the server while it answered. */
  readonly cpuMs: number;
}

/** Asks and reads the answer whole. */
export async function askTimed(system: System, address: string): Promise<TimedReply> {
  const before = preciseSeconds(system.pid);
  const reply = await get(address);
  return { ...reply, cpuMs: (preciseSeconds(system.pid) - before) * 1_000 };
}

/** From now on the peak of a process' memory is counted anew, where the kernel allows it. */
export function forgetPeak(pid: number): void {
  const RESET_PEAK = "5";
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
  } catch {
    // Then the peak is that of its whole life, which is no smaller.
  }
}
