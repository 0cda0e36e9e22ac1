import { matcher, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME, FakeClock, type Row, rowsOf } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { type DiskCall, SimulatedDisk } from "../../disk/testing/index.ts";
import { SteppedStore } from "../testing/stepped-store.test.tools.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first of four days that one wide block covers. */
const DAY = 19_000 * DAY_MS;
const UP = { __name__: "up" };
const DOWN = { __name__: "down" };
const EVERY_SERIES = { matchers: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
/** Segments of some batches; heads that no limit freezes. */
const LIMITS = { segmentBytes: 400, headAgeMs: Number.POSITIVE_INFINITY };

/** Fails or ends the process in the calls that it is told to. */
class Fates {
  endAt = Number.POSITIVE_INFINITY;
  isFailing: (call: DiskCall) => boolean = () => false;

  readonly fate = (call: DiskCall) => {
    if (call.number >= this.endAt) return "power-cut" as const;
    return this.isFailing(call) ? ("fail" as const) : ("done" as const);
  };
}

function upBetween(fromMs: number, toMs: number) {
  return { matcherSets: [[matcher("__name__", "=", "up")]], range: { fromMs, toMs } };
}

/** One a minute, of a value that tells which rows they are. */
function minutes(fromMs: number, count: number, base = 0): Row[] {
  return Array.from({ length: count }, (_, i) => [fromMs + i * 60_000, base + i * Math.PI]);
}

function joined(...parts: readonly (readonly Row[])[]): readonly Row[] {
  return parts.flat().sort(([a], [b]) => a - b);
}

/** In batches that fill more than one segment. */
async function appendInBatches(store: SteppedStore, rows: readonly Row[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 20) await store.append(UP, rows.slice(at, at + 20));
}

describe("[WAL9] the WAL's segments", () => {
  it("outlive a power cut in any call of the flush that makes them superfluous", async () => {
    const rows = joined(minutes(DAY, 60), minutes(DAY + DAY_MS, 60));
    let cut = 0;
    for (let hasEnded = true; hasEnded; ) {
      const fates = new Fates();
      const disk = new SimulatedDisk({ seed: ++cut, fate: fates.fate });
      const store = await SteppedStore.open(disk, { limits: LIMITS });
      await appendInBatches(store, rows);
      expect(store.segments.length).toBeGreaterThan(2);
      fates.endAt = disk.calls + cut;
      await store.flush();
      hasEnded = disk.isDead;
      const again = await SteppedStore.open(disk.afterPowerCut({ seed: cut }), { limits: LIMITS });
      expect(await again.read(), `cut in call ${cut} of the flush`).toEqual({ up: rows });
      if (!hasEnded) expect(again.segments).toEqual([]);
    }
    expect(cut).toBeGreaterThan(30);
  });

  it("that were filled while a flush ran stay", async () => {
    const disk = new SimulatedDisk({ seed: 1 });
    const store = await SteppedStore.open(disk, { limits: LIMITS });
    const [before, meanwhile] = [minutes(DAY, 60), minutes(DAY + HOUR_MS, 100)];
    await appendInBatches(store, before);
    const old = store.segments;
    await store.writer.requestFlush();
    await store.work(() => appendInBatches(store, meanwhile));
    expect(store.segments.length).toBeGreaterThan(2);
    expect(store.segments.filter((segment) => old.includes(segment))).toEqual([]);
    const again = await SteppedStore.open(disk.afterKill({ seed: 2 }), { limits: LIMITS });
    expect(await again.read()).toEqual({ up: joined(before, meanwhile) });
  });

  it("with a deletion stay until what it speaks of has gone", async () => {
    const fates = new Fates();
    const disk = new SimulatedDisk({ seed: 1, fate: fates.fate });
    const store = await SteppedStore.open(disk, { limits: LIMITS });
    await appendInBatches(store, minutes(DAY, 60));
    const [oldest = ""] = store.segments;
    await store.delete(upBetween(DAY, DAY + DAY_MS));
    await store.append(DOWN, [[DAY, 1]]);
    fates.isFailing = ({ kind, path }) => kind === "remove" && path === oldest;
    await store.flush();
    expect(store.segments.length).toBeGreaterThan(1);
    const again = await SteppedStore.open(disk.afterKill({ seed: 2 }), { limits: LIMITS });
    expect(await again.read()).toEqual({ down: [[DAY, 1]] });
  });

  it("with a deletion stay though all else in them is older than the retention", async () => {
    const clock = new FakeClock(DAY + 30 * DAY_MS);
    const options = { clock, retentionMs: 30 * DAY_MS, limits: LIMITS };
    const disk = new SimulatedDisk({ seed: 1 });
    const store = await SteppedStore.open(disk, options);
    const young = DAY + 29 * DAY_MS;
    await store.append(UP, minutes(young, 300));
    await store.append(DOWN, minutes(DAY + HOUR_MS, 300));
    // A deletion begins no segment, the next batch does.
    const withDeletion = store.segments.at(-1);
    await store.delete(upBetween(young, young + DAY_MS));
    await store.append(DOWN, [[young, 1]]);
    expect(store.segments.at(-1)).not.toBe(withDeletion);
    await clock.advance(DAY_MS);
    // The second one begins when the store has tidied up behind the first.
    for (const timeMs of [young + 1, young + 2]) await store.append(DOWN, [[timeMs, 1]]);
    expect(store.segments).toContain(withDeletion);
    const again = await SteppedStore.open(disk.afterKill({ seed: 2 }), options);
    const known = await again.read();
    expect(Object.keys(known)).toEqual(["down"]);
  });
});

it("[HEAD4] rows are held against the newest head alone; what blocks have comes again in vain", async () => {
  const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }));
  const send = async (value: number) => {
    const { accepted, rejections } = await store.append(UP, [[DAY, value]]);
    return [accepted, ...rejections.map(({ reason }) => reason)];
  };
  expect(await send(1)).toEqual([1]);
  expect(await send(1)).toEqual([1]);
  expect(await send(2)).toEqual([0, "duplicate"]);
  expect(store.writer.stats().details).toMatchObject({ head_samples: 1 });
  await store.writer.requestFlush();
  expect(await send(3)).toEqual([1]);
  await store.work();
  await store.flush();
  expect(await send(4)).toEqual([1]);
  expect(await store.read()).toEqual({ up: [[DAY, 1]] });
});

it("[BLOCK1] what is frozen is seen before, while and after its blocks come into service", async () => {
  const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }), { limits: LIMITS });
  const frozen = joined(minutes(DAY, 40), minutes(DAY + DAY_MS, 40));
  const newest = minutes(DAY + 2 * DAY_MS, 5);
  await store.append(UP, frozen);
  await store.writer.requestFlush();
  await store.append(UP, newest);
  const all = { up: joined(frozen, newest) };
  const details = () => store.writer.stats().details;
  expect(await store.read()).toEqual(all);
  const early = await store.reader.snapshot(EVERY_SERIES);
  await store.work(async () => {
    expect(store.blockFolders).toHaveLength(2);
    expect(details()).toMatchObject({ blocks: 0, frozen_samples: 80 });
    expect(await store.read()).toEqual(all);
  });
  expect(details()).toMatchObject({ blocks: 2, frozen_samples: 0 });
  expect(await store.read()).toEqual(all);
  // The slabs of what was frozen are used again only when nobody looks at them.
  await store.append(DOWN, minutes(DAY, 10));
  await store.flush();
  await store.append(DOWN, minutes(DAY + HOUR_MS, 2_000));
  expect(await rowsOf(early)).toEqual(all);
  early.close();
});

describe("[BLOCK3] a start that finds a compacted block and those of which it is made", () => {
  const [first, second] = [minutes(DAY, 10, 1), minutes(DAY + 300_000, 10, 500)];
  const merged = joined(first, second.slice(5));
  const deletion = upBetween(DAY + 120_000, DAY + 240_000);
  const left = merged.filter(([timeMs]) => timeMs < DAY + 120_000 || timeMs > DAY + 240_000);

  it("keeps it alone: what was deleted from it does not come back from them", async () => {
    const disk = new SimulatedDisk({ seed: 1 });
    const store = await SteppedStore.open(disk);
    for (const rows of [first, second]) {
      await store.append(UP, rows);
      await store.flush();
    }
    const inputs = store.blockFolders;
    const snapshot = await store.reader.snapshot(EVERY_SERIES);
    await store.compact();
    await store.delete(deletion);
    expect(store.blockFolders).toHaveLength(3);
    expect(await rowsOf(snapshot)).toEqual({ up: merged });
    const again = await SteppedStore.open(disk.afterKill({ seed: 2 }));
    expect(await again.read()).toEqual({ up: left });
    expect(again.blockFolders).toHaveLength(1);
    expect(inputs).not.toContain(again.blockFolders[0]);
  });

  it("knows also those of which these were made", async () => {
    const fates = new Fates();
    const disk = new SimulatedDisk({ seed: 1, fate: fates.fate });
    const store = await SteppedStore.open(disk);
    for (const rows of [first, second]) {
      await store.append(UP, rows);
      await store.flush();
    }
    const [stuck = ""] = store.blockFolders;
    fates.isFailing = ({ kind, path }) => kind === "rename" && path.endsWith(stuck);
    await store.compact();
    await store.delete(deletion);
    await store.append(UP, [[DAY + HOUR_MS, 7]]);
    await store.compact();
    expect(store.blockFolders).toContain(stuck);
    expect(store.blockFolders).toHaveLength(2);
    const again = await SteppedStore.open(disk.afterKill({ seed: 2 }));
    expect(await again.read()).toEqual({ up: [...left, [DAY + HOUR_MS, 7]] });
  });
});

describe("[BLOCK4] of two samples at one time the first to arrive is answered", () => {
  it("before and after compaction", async () => {
    const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }));
    for (const [at, base] of [10, 0, 5].entries()) {
      await store.append(UP, minutes(DAY + base * 60_000, 15, 1_000 * (at + 1)));
      await store.flush();
    }
    const third = minutes(DAY + 300_000, 15, 3_000);
    const expected = joined(
      minutes(DAY, 15, 2_000).slice(0, 10),
      minutes(DAY + 600_000, 15, 1_000),
    );
    expect(third.every(([timeMs]) => expected.some(([other]) => other === timeMs))).toBe(true);
    expect(await store.read()).toEqual({ up: expected });
    await store.compact();
    expect(store.blockFolders).toHaveLength(1);
    expect(await store.read()).toEqual({ up: expected });
  });

  it.each([
    ["between", 2, 0],
    ["after", 1, 1],
  ])("also where a wider block came %s those of a day", async (place, second, compacted) => {
    const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }));
    const [early, late] = [DAY + 1, DAY + 2];
    // Samples so far apart that their blocks are for more than a day each.
    const wide: Row[] = [early, late, DAY + DAY_MS, DAY + 200 * DAY_MS].map((at) => [at, 2]);
    const inOrder: Row[][] = [[[early, 1]], [[late, 1]]];
    for (const rows of inOrder.toSpliced(place === "after" ? 2 : 1, 0, wide)) {
      await store.append(UP, rows);
      await store.flush();
    }
    const expected = { up: [[early, 1], [late, second], ...wide.slice(2)] };
    expect(await store.read()).toEqual(expected);
    await store.compact();
    expect(await store.read()).toEqual(expected);
    expect(store.writer.stats().details).toMatchObject({ compactions_total: compacted });
  });
});

it("[BLOCK8] a day is made one block once, when no head holds samples of it any more", async () => {
  const clock = new FakeClock(DAY + 12 * HOUR_MS);
  const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }), {
    clock,
    limits: { flushRowsMin: 1 },
  });
  const until = async (timeMs: number) => {
    await clock.advance(timeMs - clock.now());
    await store.append(UP, [[timeMs, timeMs % 977]]);
    // The answer comes before the store has looked whether the head is old.
    await store.append(DOWN, [[timeMs, 1]]);
    await store.work();
  };
  const counts = () => {
    const { flushes_total, compactions_total, blocks } = store.writer.stats().details;
    return { flushes_total, compactions_total, blocks };
  };
  for (const hours of [12, 15, 18, 23.8]) {
    await until(DAY + hours * HOUR_MS);
    if (hours < 23) await store.flush();
  }
  await until(DAY + 25.5 * HOUR_MS);
  expect(counts()).toEqual({ flushes_total: 3, compactions_total: 0, blocks: 3 });
  await until(DAY + 25.9 * HOUR_MS);
  expect(counts()).toEqual({ flushes_total: 4, compactions_total: 0, blocks: 5 });
  await until(DAY + 26.2 * HOUR_MS);
  expect(counts()).toEqual({ flushes_total: 4, compactions_total: 1, blocks: 2 });
});

it("[BLOCK9] a large block is not written again for a few samples that came late", async () => {
  const clock = new FakeClock(DAY + 30 * HOUR_MS);
  const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }), { clock });
  const rest = async () => {
    await clock.advance(HOUR_MS);
    await store.work();
    return store.writer.stats().details;
  };
  const rows: Row[] = [];
  const late = async (i: number) => {
    const row: Row = [DAY + i * 60_000 + 1, i];
    rows.push(row);
    await store.append(UP, [row]);
    await store.flush();
  };
  const day = Array.from({ length: 20_000 }, (_, i): Row => [DAY + i * 4_000, Math.sin(i)]);
  await store.append(UP, day);
  await store.flush();
  for (let i = 1; i <= 6; i++) await late(i);
  expect(await rest()).toMatchObject({ blocks: 7, compactions_total: 0 });
  expect(await store.read()).toEqual({ up: joined(day, rows) });
  await late(7);
  expect(await rest()).toMatchObject({ blocks: 1, compactions_total: 1 });
  for (let i = 8; i <= 13; i++) await late(i);
  expect(await rest()).toMatchObject({ blocks: 7, compactions_total: 1 });
  await late(14);
  expect(await rest()).toMatchObject({ blocks: 1, compactions_total: 2 });
  await late(15);
  expect(await rest()).toMatchObject({ blocks: 2, compactions_total: 2 });
  await store.compact();
  expect(await rest()).toMatchObject({ blocks: 1, compactions_total: 3 });
  expect(await store.read()).toEqual({ up: joined(day, rows) });
});

it("[BLOCK5] a block's folder goes only when no pin is open that may read it", async () => {
  const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }));
  for (const base of [0, 1]) {
    await store.append(UP, minutes(DAY + base, 10));
    await store.flush();
  }
  const inputs = store.blockFolders;
  const first = await store.reader.snapshot(EVERY_SERIES);
  const second = await store.reader.snapshot(EVERY_SERIES);
  const rows = await store.read();
  await store.compact();
  const later = await store.reader.snapshot(EVERY_SERIES);
  expect(store.blockFolders).toEqual(expect.arrayContaining([...inputs]));
  first.close();
  await store.append(DOWN, [[DAY, 1]]);
  await store.flush();
  expect(store.blockFolders).toEqual(expect.arrayContaining([...inputs]));
  expect(await rowsOf(second)).toEqual(rows);
  second.close();
  await store.append(DOWN, [[DAY, 1]]);
  await store.flush();
  expect(store.blockFolders.filter((name) => inputs.includes(name))).toEqual([]);
  expect(await rowsOf(later)).toEqual(rows);
  later.close();
});

describe("[DEL2] samples that are written after a deletion are new", () => {
  const rows = minutes(DAY, 10);
  const again = minutes(DAY, 5, 900);

  it("wherever what it covers was: in a block, in the frozen head, among the newest", async () => {
    let disk = new SimulatedDisk({ seed: 1 });
    const store = await SteppedStore.open(disk);
    await store.append(UP, rows.slice(0, 3));
    await store.flush();
    await store.append(UP, rows.slice(3, 6));
    await store.writer.requestFlush();
    await store.append(UP, rows.slice(6));
    await store.delete(upBetween(DAY, DAY + HOUR_MS));
    expect(await store.read()).toEqual({});
    await store.append(UP, again);
    expect(await store.read()).toEqual({ up: again });
    disk = disk.afterKill({ seed: 2 });
    const replayed = await SteppedStore.open(disk);
    expect(await replayed.read()).toEqual({ up: again });
    await replayed.flush();
    expect(await replayed.read()).toEqual({ up: again });
    await replayed.compact();
    expect(replayed.blockFolders).toHaveLength(1);
    expect(await replayed.read()).toEqual({ up: again });
    const last = await SteppedStore.open(disk.afterKill({ seed: 3 }));
    expect(await last.read()).toEqual({ up: again });
  });

  it("and a second deletion covers them, too", async () => {
    const store = await SteppedStore.open(new SimulatedDisk({ seed: 1 }));
    await store.append(UP, rows);
    await store.flush();
    await store.delete(upBetween(DAY, DAY + HOUR_MS));
    await store.append(UP, again);
    await store.flush();
    await store.delete(upBetween(DAY, DAY + 60_000));
    expect(await store.read()).toEqual({ up: again.slice(2) });
    await store.compact();
    expect(await store.read()).toEqual({ up: again.slice(2) });
  });
});
