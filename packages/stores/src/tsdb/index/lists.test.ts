import { expect, it } from "vitest";
import { NO_SLABS, Slabs } from "../memory/slabs.ts";
import { SLAB_BYTES } from "../shared.ts";
import { EntryList, ListReader, ListTails, ListWriter } from "./lists.ts";

/** What the first two blocks of a list hold. */
const KNOWN = 10;

it("[PIN2] a list that went on into a slab unknown to its reader ends where the reader was told", () => {
  const slabs = new Slabs();
  const writer = new ListWriter(slabs);
  const tails = new ListTails();
  const add = (list: number, from: number, to: number) => {
    for (let entry = from; entry < to; entry++) writer.append(tails, list, entry);
  };
  const blocks = [0, 1].map((list) => {
    const block = writer.create();
    tails.add(list, block);
    return block;
  });
  const [list = 0] = blocks;
  add(0, 0, KNOWN);
  const others = new Slabs();
  for (const memory of slabs.since(NO_SLABS).lists) others.add("lists", memory);
  add(1, 0, SLAB_BYTES / 4);
  add(0, KNOWN, 3 * KNOWN);
  const reader = new ListReader(others);
  const found = new EntryList();
  reader.collect(list, 0, KNOWN, found);
  const all = Array.from({ length: KNOWN }, (_, entry) => entry);
  expect([...found.taken()]).toEqual(all);
  const seen: number[] = [];
  reader.forEach(list, KNOWN, (entry) => seen.push(entry));
  expect(seen).toEqual(all);
  expect(reader.intersect(list, Uint32Array.of(3, 9, 11))).toBe(2);
  expect(reader.roomOf(list)).toBeGreaterThanOrEqual(KNOWN);
});
