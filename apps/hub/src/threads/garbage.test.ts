import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MEMORY_RETURN_MS, MUCH_MEMORY_BYTES, MUCH_MEMORY_RETURN_MS } from "../limits.ts";
import { putOffReturn, returnMemorySoon } from "./garbage.ts";

const heap = vi.hoisted(() => ({ external_memory: 0, total_heap_size: 0 }));
vi.mock("node:v8", () => ({ getHeapStatistics: () => heap }));

const gcBefore = globalThis.gc;
const collect = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  globalThis.gc = collect as unknown as NonNullable<typeof globalThis.gc>;
  heap.external_memory = 0;
  heap.total_heap_size = 0;
});

afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  collect.mockClear();
  globalThis.gc = gcBefore;
});

describe("memory of a large query", () => {
  it("is returned once nobody has asked the thread for a while", () => {
    returnMemorySoon();
    vi.advanceTimersByTime(MEMORY_RETURN_MS - 1);
    putOffReturn();
    vi.advanceTimersByTime(MEMORY_RETURN_MS - 1);
    expect(collect).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(collect).toHaveBeenCalledExactlyOnceWith({
      type: "major",
      execution: "sync",
      flavor: "last-resort",
    });
  });

  it.each(["external_memory", "total_heap_size"] as const)(
    "is returned sooner where it is much: %s",
    (kind) => {
      heap[kind] = MUCH_MEMORY_BYTES + 1;
      returnMemorySoon();
      vi.advanceTimersByTime(MUCH_MEMORY_RETURN_MS);
      expect(collect).toHaveBeenCalledOnce();
    },
  );
});
