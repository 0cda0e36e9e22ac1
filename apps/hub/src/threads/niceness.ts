import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Of queries and upkeep: where cores are short they get a tenth of what main and the writer get. */
export const PATIENT = 10;

const HIGHEST = 19;
const TASKS = "/proc/self/task";
const COMPILER = "V8Worker";

/**
 * Lets other threads of the hub go before the calling one where cores are short: 0 = not at all,
 * 19 = as far as can be. Only Linux has priorities by thread; elsewhere this would be the whole
 * process.
 */
export function standBack(niceness: number): void {
  if (process.platform !== "linux" || niceness === 0) return;
  setPriority(nicer(niceness));
}

/**
 * The same for the threads in which V8 compiles for all of ours: with two cores, four of them kept
 * main from its core for 9 ms when a query thread was new.
 */
export function letCompilersStandBack(niceness: number): void {
  if (process.platform !== "linux") return;
  for (const task of readdirSync(TASKS)) {
    if (nameOf(task) === COMPILER) setPriority(Number(task), nicer(niceness));
  }
}

function nicer(niceness: number): number {
  return Math.min(HIGHEST, getPriority() + niceness);
}

function nameOf(task: string): string {
  try {
    return readFileSync(`${TASKS}/${task}/comm`, "utf8").trim();
  } catch {
    return "it has ended";
  }
}
