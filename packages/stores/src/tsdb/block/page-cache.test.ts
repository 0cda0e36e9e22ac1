import { seededRandom } from "@hms-ops/model";
import { expect, it } from "vitest";
import { PageCache, type PageSection } from "./page-cache.ts";
import { PageShare, PageShares } from "./page-share.ts";

const PAGE_BYTES = 10_240;
const MOST_BYTES = 30 * PAGE_BYTES;

function readPages(cache: PageCache, section: PageSection<number>, pages: number): void {
  for (let page = 0; page < pages; page++) {
    const value = cache.get(section, page, () => ({ value: page, bytes: PAGE_BYTES }));
    expect(value).toBe(page);
  }
}

it("readers keep together what one may keep alone, in equal parts where all are at work", () => {
  const shares = new PageShares();
  const readers = [0, 1, 2].map((place) => {
    const cache = new PageCache(MOST_BYTES, new PageShare(shares.memory, place));
    return { cache, section: cache.newSection<number>(100) };
  });
  const [first, ...others] = readers;
  readPages(first!.cache, first!.section, 100);
  expect(first!.cache.sizeBytes).toBe(MOST_BYTES);
  for (let round = 0; round < 5; round++) {
    for (const { cache, section } of readers) readPages(cache, section, 100);
  }
  for (const { cache } of readers) expect(cache.sizeBytes).toBe(MOST_BYTES / 3);
  shares.forget(1);
  shares.forget(2);
  readPages(first!.cache, first!.section, 100);
  expect(first!.cache.sizeBytes).toBe(MOST_BYTES);
  expect(others.length).toBe(2);
});

it("scans leave smaller reads the pages that they ask for, up to a quarter", () => {
  const cache = new PageCache(MOST_BYTES);
  const section = cache.newSection<number>(100);
  const small = (pages: number) => cache.reading(10, () => readPages(cache, section, pages));
  const scan = () => cache.reading(10_000, () => readPages(cache, section, 100));
  scan();
  small(5);
  for (let round = 0; round < 5; round++) {
    scan();
    expect(cache.sizeBytes).toBe(MOST_BYTES);
    const { misses } = cache;
    small(5);
    expect(cache.misses).toBe(misses);
  }
  small(100);
  expect(cache.sizeBytes).toBe(MOST_BYTES);
  const { misses } = cache;
  scan();
  expect(cache.misses - misses).toBeGreaterThan(70);
});

it("a page's memory is given back when it goes, and not before", () => {
  const cache = new PageCache(MOST_BYTES);
  const held = new Set<number>();
  const section = cache.newSection<number>(100, (page) => expect(held.delete(page)).toBe(true));
  const random = seededRandom(5);
  for (let i = 0; i < 10_000; i++) {
    const page = random.below(100);
    const wasHeld = held.has(page);
    const load = () => {
      expect(wasHeld).toBe(false);
      held.add(page);
      return { value: page, bytes: PAGE_BYTES };
    };
    const got = cache.reading(random.pick([10, 10_000]), () => cache.get(section, page, load));
    expect(got).toBe(page);
    expect(held.has(page)).toBe(true);
    expect(cache.sizeBytes).toBe(held.size * PAGE_BYTES);
  }
  expect(held.size).toBe(30);
});

it("a section that is closed leaves nothing, and takes nothing from the others", () => {
  const cache = new PageCache(MOST_BYTES);
  const other = cache.newSection<number>(5);
  readPages(cache, other, 5);
  const random = seededRandom(6);
  for (let round = 0; round < 100; round++) {
    const given: number[] = [];
    const section = cache.newSection<number>(20, (page) => given.push(page));
    cache.reading(random.pick([10, 10_000]), () => readPages(cache, section, 20));
    cache.reading(random.pick([10, 10_000]), () => readPages(cache, section, 10));
    cache.closeSection(section);
    expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, page) => page));
    expect(cache.sizeBytes).toBe(5 * PAGE_BYTES);
  }
  const { misses } = cache;
  readPages(cache, other, 5);
  expect(cache.misses).toBe(misses);
});
