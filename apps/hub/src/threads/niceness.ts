import { getPriority, setPriority } from "node:os";

/** Of queries and upkeep: where cores are short they get a tenth of what main and the writer get. */
export const PATIENT = 10;

const HIGHEST = 19;

/**
 * Lets other threads of the hub go before the calling one where cores are short: 0 = not at all,
 * 19 = as far as can be. Only Linux has priorities by thread; elsewhere this would be the whole
 * process.
 */
export function standBack(niceness: number): void {
  if (process.platform !== "linux" || niceness === 0) return;
  setPriority(Math.min(HIGHEST, getPriority() + niceness));
}
