import { describe, expect, it } from "vitest";
import { campaign, reportFigures, runSeeds, SEED } from "../support/campaign.ts";

const RUNS = campaign("HMS_OPS_CRASH_RUNS", 100);

describe(`a store on a disk that fails and loses power, ${RUNS} runs from seed ${SEED}`, () => {
  it("keeps what it acknowledged, whole and once", { timeout: 60_000 + RUNS * 500 }, async () => {
    const { figures, failures } = await runSeeds(new URL("./crash.ts", import.meta.url), RUNS);
    expect(failures).toEqual([]);
    reportFigures(figures);
    expect(figures.crashes).toBeGreaterThan(3 * RUNS);
    expect(figures.flushes).toBeGreaterThan(RUNS);
    expect(figures.compactions).toBeGreaterThan(RUNS / 2);
    expect(figures.deletions).toBeGreaterThan(RUNS);
  });
});
