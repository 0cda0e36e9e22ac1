import { SLOT_TOLERANCE_MS } from "./limits.ts";

/**
 * Where in its interval a target is scraped: the same after every restart, and spread so that a
 * thousand targets do not fall on one moment. FNV-1a of the key.
 */
export function slotOffsetMs(key: string, intervalMs: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // The low bits of FNV are its weak ones, and the interval takes the remainder.
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 0) % intervalMs;
}

/** The first slot later than a time. */
export function nextSlotMs(afterMs: number, intervalMs: number, offsetMs: number): number {
  return Math.floor((afterMs - offsetMs) / intervalMs + 1) * intervalMs + offsetMs;
}

/** What a scrape is stamped with: its slot when it began close to it, so that deltas stay equal. */
export function stampMs(nowMs: number, slotMs: number, intervalMs: number): number {
  const tolerance = Math.min(SLOT_TOLERANCE_MS, intervalMs / 100);
  return Math.abs(nowMs - slotMs) <= tolerance ? slotMs : nowMs;
}
