import { describe, expect, it } from "vitest";
import { SLICE_DONE, SliceStates, SpareMemory } from "./shared.ts";

describe("memory that one scan after the other uses", () => {
  it("is given out again, zeroed as far as it is asked for", () => {
    const spare = new SpareMemory();
    const first = spare.take(64);
    expect(first.newBytes).toBe(64);
    new Uint8Array(first.memory).fill(7);
    spare.giveBack(first.memory);
    const second = spare.take(32);
    expect(second).toEqual({ memory: first.memory, newBytes: 0 });
    expect([...new Uint8Array(second.memory, 0, 32)]).toEqual(Array(32).fill(0));
  });

  it("is never given to two at a time, nor where it is too small", () => {
    const spare = new SpareMemory();
    const { memory } = spare.take(64);
    expect(spare.take(64).memory).not.toBe(memory);
    spare.giveBack(memory);
    expect(spare.take(128)).toMatchObject({ newBytes: 128 });
  });

  it("is not kept where it is large", () => {
    const spare = new SpareMemory();
    const { memory } = spare.take(9 * 1024 * 1024);
    spare.giveBack(memory);
    expect(spare.take(8).newBytes).toBe(8);
  });
});

it("slices are settled once each was read, by whomever", () => {
  const states = new SliceStates(new SharedArrayBuffer(16));
  for (const slice of [0, 1]) {
    expect(states.areSettled(2)).toBe(false);
    states.take(slice);
    expect(states.areSettled(2)).toBe(false);
    states.settle(slice, SLICE_DONE, 5);
  }
  expect(states.areSettled(2)).toBe(true);
});
