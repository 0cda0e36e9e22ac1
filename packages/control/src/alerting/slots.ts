import { hashText } from "../hash.ts";

/** Where in its interval a group runs: the same after every restart, spread over the groups. */
export function slotOffsetMs(file: string, group: string, intervalMs: number): number {
  const hash = hashText(`${file}\u0000${group}`);
  return Number(hash % BigInt(intervalMs));
}

/** The first slot at or after a time. */
export function slotFrom(timeMs: number, offsetMs: number, intervalMs: number): number {
  return Math.ceil((timeMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

/** Slots that passed since the slot that ran, and so were missed; one that is now can still run. */
export function missedSlots(ranSlotMs: number, nowMs: number, intervalMs: number): number {
  return Math.max(0, Math.ceil((nowMs - ranSlotMs) / intervalMs) - 1);
}
