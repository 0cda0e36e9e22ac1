import { expect, it } from "vitest";
import { PageCache } from "./page-cache.ts";
import { PageShare, PageShares } from "./page-share.ts";

const PAGE_BYTES = 10_240;
const MOST_BYTES = 30 * PAGE_BYTES;

function readPages(cache: PageCache, section: number, pages: number): void {
  for (let page = 0; page < pages; page++) {
    const value = cache.get(section, page, () => ({ value: page, bytes: PAGE_BYTES }));
    expect(value).toBe(page);
  }
}

it("readers keep together what one may keep alone, in equal parts where all are at work", () => {
  const shares = new PageShares();
  const readers = [0, 1, 2].map((place) => {
    const cache = new PageCache(MOST_BYTES, new PageShare(shares.memory, place));
    return { cache, section: cache.newSection(100) };
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
