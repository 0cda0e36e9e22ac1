import { expect, it } from "vitest";
import { ChangedMinutes, type Generation, Generations } from "./generations.ts";

const MINUTE_MS = 60_000;
const NOW_MS = 28_000_000 * MINUTE_MS;

function minutes() {
  const changes = new ChangedMinutes();
  const reader = new Generations(changes.memory);
  const write = (...timesMs: readonly number[]) => {
    changes.note(timesMs, timesMs.length);
    changes.publish();
  };
  const since = (generation: Generation, fromMs = NOW_MS - 60 * MINUTE_MS, toMs = NOW_MS) => {
    const found: number[][] = [];
    const isKnown = reader.changesSince(generation, { fromMs, toMs }, (from, to) => {
      found.push([(from - NOW_MS) / MINUTE_MS, (to + 1 - NOW_MS) / MINUTE_MS]);
    });
    return isKnown ? found : "all";
  };
  return { changes, reader, write, since };
}

it("[GEN1] tells the minutes that were changed after a generation, and no others", () => {
  const { reader, write, since } = minutes();
  write(NOW_MS - 5 * MINUTE_MS);
  const before = reader.now();
  expect(since(before)).toEqual([]);
  write(NOW_MS - 30 * MINUTE_MS + 1, NOW_MS - 30 * MINUTE_MS + 59_999, NOW_MS);
  expect(since(before)).toEqual([
    [-30, -29],
    [0, 1],
  ]);
  expect(since(reader.now())).toEqual([]);
});

it("[GEN1] tells a minute whose samples are written but not seen yet", () => {
  const { changes, reader, since } = minutes();
  const before = reader.now();
  changes.note([NOW_MS], 1);
  const between = reader.now();
  expect(since(before)).toEqual([[0, 1]]);
  changes.publish();
  expect(since(between)).toEqual([[0, 1]]);
});

it("[GEN2] tells ranges that were deleted, and everything where any time may have changed", () => {
  const { changes, reader, since } = minutes();
  const before = reader.now();
  changes.noteRange({ fromMs: NOW_MS - 3 * MINUTE_MS, toMs: NOW_MS - MINUTE_MS });
  changes.publish();
  expect(since(before)).toHaveLength(3);
  changes.noteRange({ fromMs: 0, toMs: NOW_MS });
  changes.publish();
  expect(since(before)).toBe("all");
  expect(since(reader.now())).toEqual([]);
});

it("[GEN3] tells always what retention may have dropped", () => {
  const { changes, reader, since } = minutes();
  changes.forgetBefore(NOW_MS - 50 * MINUTE_MS);
  expect(since(reader.now())).toEqual([[-60, -50]]);
});

it("[GEN1] goes on when the numbers of publications go round", () => {
  const { changes, reader, since } = minutes();
  new Int32Array(changes.memory)[0] = 2 ** 31 - 1;
  const before = reader.now();
  changes.note([NOW_MS], 1);
  changes.publish();
  expect(since(before)).toEqual([[0, 1]]);
  expect(since(reader.now())).toEqual([]);
});

it("[GEN1] refuses a stretch of more minutes than it tells apart", () => {
  const { reader, since } = minutes();
  expect(since(reader.now(), 0, NOW_MS)).toBe("all");
});
