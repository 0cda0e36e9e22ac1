import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const CLOCK_TICKS_PER_SECOND = 100;
const BLOCK_BYTES = 512;

/** Of the process with all its threads, ended ones too. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Processor time of the threads that live now, by thread: finer than the clock's ticks. */
export function threadSeconds(pid: number): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const folder = `/proc/${pid}/task/${thread}`;
      const [nanoseconds = "0"] = readFileSync(`${folder}/schedstat`, "utf8").split(" ");
      const name = readFileSync(`${folder}/comm`, "utf8").trim();
      seconds.set(`${name} ${thread}`, Number(nanoseconds) / 1e9);
    } catch {
      // The thread ended between listing and reading.
    }
  }
  return seconds;
}

export function preciseSeconds(pid: number): number {
  let sum = 0;
  for (const seconds of threadSeconds(pid).values()) sum += seconds;
  return sum;
}

/** The busiest threads since `before`, as `name: seconds`. */
export function busiestThreads(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...after]
    .map(([name, seconds]) => ({ name, seconds: seconds - (before.get(name) ?? 0) }))
    .filter(({ seconds }) => seconds > 0.05)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 8)
    .map(({ name, seconds }) => `${name}: ${seconds.toFixed(1)} s`);
}

export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
}

/** Handed to the disk. Counts only what had to be written, not what was dropped from the cache. */
export function writtenBytes(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  return Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? 0);
}

/** What a folder takes on the disk; files that vanish meanwhile count as nothing. */
export function folderBytes(folder: string, skip: (name: string) => boolean = () => false): number {
  let sum = 0;
  let entries: readonly { readonly name: string; isDirectory(): boolean }[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  for (const entry of entries) {
    if (skip(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      sum += folderBytes(path, skip);
      continue;
    }
    try {
      sum += statSync(path).blocks * BLOCK_BYTES;
    } catch {
      // Removed since it was listed.
    }
  }
  return sum;
}
