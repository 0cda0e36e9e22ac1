import { describe, expect, it } from "vitest";
import { campaign, reportFigures, runSeeds, SEED } from "../support/campaign.ts";

/** Each with 20 flips. */
const STORES = campaign("HMS_OPS_DAMAGED_STORES", 5);

describe(`a store with flipped bytes, ${STORES} stores from seed ${SEED}`, () => {
  it("says so, answers the rest, and nothing wrong", {
    timeout: 60_000 + STORES * 5_000,
  }, async () => {
    const { figures, failures } = await runSeeds(new URL("./damage.ts", import.meta.url), STORES);
    expect(failures).toEqual([]);
    reportFigures(figures);
    expect(figures.flippedBlocks).toBeGreaterThan(STORES);
    expect(figures.flippedSegments).toBeGreaterThan(STORES);
  });
});
