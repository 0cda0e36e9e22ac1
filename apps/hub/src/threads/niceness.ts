import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Of queries and upkeep: where cores are short they get a tenth of what main and the writer get. */
export const PATIENT = 10;

const HIGHEST = 19;
const TASKS = "/proc/self/task";
const HELPER = "V8Worker";

/**
 * Lets other threads of the hub go first where cores are short: 0 = not at all, 19 = as far as can
 * be. Of the calling thread, or of one by its id. Only Linux has priorities by thread; elsewhere
 * this would be the whole process.
 */
export function standBack(niceness: number, threadId = 0): void {
  if (process.platform !== "linux" || niceness === 0) return;
  setPriority(threadId, Math.min(HIGHEST, getPriority(threadId) + niceness));
}

/**
 * The helpers that V8 starts with the process collect garbage and compile for whichever thread has
 * most of it: the queries. As nice as main they would together take all cores from it.
 */
export function letHelpersStandBack(): void {
  if (process.platform !== "linux") return;
  for (const id of readdirSync(TASKS)) {
    const name = readFileSync(`${TASKS}/${id}/comm`, "utf8").trimEnd();
    if (name === HELPER) standBack(PATIENT, Number(id));
  }
}
