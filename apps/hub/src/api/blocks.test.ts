import type { BlockMeta } from "@hms-ops/stores/tsdb";
import { expect, it } from "vitest";
import { BlocksApi } from "./blocks.ts";

const FLUSHED: BlockMeta = {
  name: "00000003-7200000-14399999",
  number: 3,
  arrival: 3,
  fromMs: 7_200_000,
  toMs: 14_399_999,
  level: 0,
  seriesCount: 2,
  sampleCount: 9,
  histogramCount: 4,
  files: {},
  replaces: [],
};
const COMPACTED: BlockMeta = {
  ...FLUSHED,
  name: "00000004-0-7199999",
  fromMs: 0,
  toMs: 7_199_999,
  level: 1,
  replaces: ["00000001-0-3599999", "00000002-3600000-7199999"],
};

it("blocks are told in Prometheus' words, oldest first", async () => {
  const { body } = await new BlocksApi(async () => [FLUSHED, COMPACTED]).statusBlocks();
  const stats = { numSamples: 9, numFloatSamples: 5, numHistogramSamples: 4, numSeries: 2 };
  expect(JSON.parse(String(body)).data).toEqual({
    blocks: [
      {
        ulid: COMPACTED.name,
        minTime: 0,
        maxTime: 7_200_000,
        stats,
        compaction: { level: 2, sources: COMPACTED.replaces },
        version: 1,
      },
      {
        ulid: FLUSHED.name,
        minTime: 7_200_000,
        maxTime: 14_400_000,
        stats,
        compaction: { level: 1, sources: [FLUSHED.name] },
        version: 1,
      },
    ],
  });
});
