import {
  dropLabels,
  keepLabels,
  type Labels,
  labelsFromPairs,
  labelsKey,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { expect, it } from "vitest";
import { type LabelChoice, LabelSets } from "./label-sets.ts";
import { QueryMemory } from "./query-memory.ts";

const NAMES = ["__name__", "a", "aa", "b", "instance", "é", "😀"];
const VALUES = ["", "x", "xx", "1", "12", "a", "é", "😀", "long enough to be no short text"];

function chosen(labels: Labels, choice: LabelChoice | undefined): Labels {
  if (!choice) return labels;
  return choice.without ? dropLabels(labels, choice.names) : keepLabels(labels, choice.names);
}

it("numbers sets as a map of their texts would, with and without a choice (seed 6)", () => {
  const random = seededRandom(6);
  const memory = new QueryMemory(UNLIMITED_BUDGET);
  for (let round = 0; round < 60; round++) {
    const names = new Set(NAMES.filter(() => random.below(2) === 0));
    const choice = round % 3 === 0 ? undefined : { names, without: round % 3 === 1 };
    const sets = new LabelSets(choice);
    const twin = new Map<string, number>();
    const first: Labels[] = [];
    for (let i = 0; i < 1_000; i++) {
      const labels = labelsFromPairs(
        NAMES.filter(() => random.below(3) > 0).map((name) => [name, random.pick(VALUES)]),
      );
      const key = labelsKey(chosen(labels, choice));
      const expected = twin.get(key) ?? first.push(labels) - 1;
      twin.set(key, expected);
      expect(sets.add(labels, memory)).toBe(expected);
    }
    expect(sets.sets).toEqual(first);
  }
});
