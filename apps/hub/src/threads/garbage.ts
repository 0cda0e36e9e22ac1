import { getHeapStatistics } from "node:v8";
import {
  LARGE_QUERY_BYTES,
  MEMORY_RETURN_MS,
  MUCH_MEMORY_BYTES,
  MUCH_MEMORY_RETURN_MS,
} from "../limits.ts";

/** Of arrays outside the heap, after the last collection. */
let leftBytes = 0;

/**
 * Gives back at once what a large piece of work leaves. To V8 an array of any size is a small
 * object, so a thread that goes idle would keep hundreds of megabytes of them. Does nothing unless
 * the process was started with --expose-gc, as `hms-ops up` does.
 */
export function collectGarbage(): void {
  globalThis.gc?.();
  leftBytes = getHeapStatistics().external_memory;
}

let returning: NodeJS.Timeout | undefined;

/**
 * Gives back what a large piece of work leaves, when nobody has asked the thread for a while: who
 * asks at once would wait, and find neither memory nor code as it was.
 */
export function returnMemorySoon(): void {
  clearTimeout(returning);
  const { external_memory: arrayBytes, total_heap_size: heapBytes } = getHeapStatistics();
  const isMuch = arrayBytes + heapBytes > MUCH_MEMORY_BYTES;
  const waitMs = isMuch ? MUCH_MEMORY_RETURN_MS : MEMORY_RETURN_MS;
  returning = setTimeout(() => {
    returning = undefined;
    returnMemory();
  }, waitMs).unref();
}

/** To be called when the thread is asked: what `returnMemorySoon` promised waits anew. */
export function putOffReturn(): void {
  returning?.refresh();
}

/**
 * As `collectGarbage`, and the pages of the heap that became free go back to the system, too, which
 * V8 would keep for the next query: hundreds of megabytes after one of a million series. Takes some
 * 40 ms of a thread that holds little.
 */
export function returnMemory(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  leftBytes = getHeapStatistics().external_memory;
}

/** As `collectGarbage`, where this thread's arrays have grown enough to be worth it. */
export function collectGarbageIfLarge(): void {
  const bytes = getHeapStatistics().external_memory;
  if (bytes > leftBytes + LARGE_QUERY_BYTES) collectGarbage();
  else leftBytes = Math.min(leftBytes, bytes);
}
