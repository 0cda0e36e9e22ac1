import { describe, expect, it } from "vitest";
import { campaign, reportFigures, runSeeds, SEED } from "../support/campaign.ts";
import { OPERATIONS_PER_RUN } from "./twin.ts";

const OPERATIONS = campaign("HMS_OPS_TWIN_OPERATIONS", 10_000);
const RUNS = Math.ceil(OPERATIONS / OPERATIONS_PER_RUN);

describe(`the store and the naive one, ${OPERATIONS} operations from seed ${SEED}`, () => {
  it("answer alike", { timeout: 60_000 + RUNS * 2_000 }, async () => {
    const { figures, failures } = await runSeeds(new URL("./twin.ts", import.meta.url), RUNS);
    expect(failures).toEqual([]);
    reportFigures(figures);
    expect(figures.operations).toBeGreaterThanOrEqual(OPERATIONS);
    expect(figures.restarts).toBeGreaterThan(RUNS);
    expect(figures.deletions).toBeGreaterThan(RUNS);
  });
});
